"""Sessions and calendars as iCalendar text: RFC 5545, with the calendar's own properties from RFC 7986."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline, Contentlines

from agenda.formats.vtimezone import vtimezone

# Controls, as RFC 5545 says; and what XML may not hold (XML 1.0 section 2.2), in which CalDAV sends the same text.
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\r\n|[\r\f\x85\u2028\u2029]")
_LONG_GAP = re.compile(r"([^\S\n]{20})[^\S\n]+")
# Not icalendar's vText: it takes the backslash and N of "C:\New" for a line break (as of 7.3).
_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})
# All that RFC 3986 section 2 lets stand in an address, and the percent sign of what is encoded already.
_STANDS_IN_A_URI = "/#%[]=:;$&()+,!?*@'~"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A session as calendars show it: times aware, in any zone; `url` its page's absolute address;
    `status` confirmed, tentative or cancelled.
    """

    guid: UUID
    sequence: int
    created: datetime
    updated: datetime
    start: datetime
    end: datetime
    title: str
    byline: str
    abstract: str
    location: str
    track: str
    url: str
    status: str
    zone: str  # where it takes place, as IANA names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a calendar wants a session written.

    `alarm` is in minutes before the start (0: none); `local`, times of the session's own zone, for which the
    calendar then needs a VTIMEZONE, instead of UTC; `in_case`, it overlaps one that its reader would rather attend.
    """

    alarm: int = 0
    local: bool = False
    in_case: bool = False


PLAIN = Style()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRecord:
    """What a calendar says of itself. Files are passed on, so `source` must not be a secret address.

    `colour` is a CSS3 name, the only kind that RFC 7986 section 5.9 knows; `refresh`, how often to ask
    again, is in whole minutes.
    """

    name: str
    source: str
    description: str = ""
    colour: str = "teal"
    refresh: timedelta = timedelta(minutes=15)


def vevent(session: SessionRecord, style: Style = PLAIN) -> bytes:
    """One VEVENT, BEGIN to END, CRLF at the end: for the same record and style, always the same.

    Properties without a value are left out. DTSTAMP is the last modification, as in any calendar without
    METHOD (RFC 5545 section 3.8.7.2), and UID a bare UUID (RFC 7986 section 5.3).
    """
    status, title = _status(session, style)
    local = _zone_for(session) if style.local else None
    url = _uri(session.url)
    description = (_plain(session.byline), _plain(session.abstract), url)
    return _component_part(
        ("BEGIN", "VEVENT"),
        ("UID", str(session.guid)),
        ("DTSTAMP", _utc(session.updated)),
        ("CREATED", _utc(session.created)),
        ("LAST-MODIFIED", _utc(session.updated)),
        ("SEQUENCE", str(session.sequence)),
        ("STATUS", status),
        ("TRANSP", "TRANSPARENT" if style.in_case or status == "CANCELLED" else "OPAQUE"),
        _time("DTSTART", session.start, local),
        _time("DTEND", session.end, local),
        ("SUMMARY", _text(title)),
        ("LOCATION", _text(session.location)),
        ("DESCRIPTION", _text("\n\n".join(part for part in description if part))),
        ("URL", url),
        ("CATEGORIES", _text(session.track)),
        *(_alarm(title, style.alarm) if style.alarm and status != "CANCELLED" else ()),
        ("END", "VEVENT"),
    )


def _zone_for(session: SessionRecord) -> ZoneInfo | None:
    """The session's zone; None, for UTC, where the clocks there show its start or end twice that night.

    Local time always means the first of the two (RFC 5545 section 3.3.5), so a session could end before it starts,
    and some readers then refuse the whole calendar.
    """
    zone = ZoneInfo(session.zone)
    local = [moment.astimezone(zone) for moment in (session.start, session.end)]
    return None if any(each.utcoffset() != each.replace(fold=not each.fold).utcoffset() for each in local) else zone


def _status(session: SessionRecord, style: Style) -> tuple[str, str]:
    """STATUS, and the title that says it too: many calendars show a cancelled or tentative event like any other."""
    if session.status == "cancelled":
        return "CANCELLED", f"CANCELLED: {session.title}"
    if style.in_case:
        return "TENTATIVE", f"In case: {session.title}"
    return session.status.upper(), session.title


def _alarm(title: str, minutes: int) -> tuple[tuple[str, str], ...]:
    """A VALARM that shows the title (RFC 5545 section 3.6.6)."""
    return (
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", _text(title)),
        ("TRIGGER", f"-PT{minutes}M"),
        ("END", "VALARM"),
    )


def vcalendar(calendar: CalendarRecord, vevents: Iterable[bytes], zones: Iterable[str] = ()) -> bytes:
    """The whole file: the calendar's own properties, the zones that the `vevents` name, and these as they are.

    Without any it has no component, of which RFC 5545 section 3.6 asks for one; khal, vdirsyncer and
    vobject read such a file as a calendar with nothing in it, which is what it says.
    """
    return b"".join((_head(calendar), *map(vtimezone, zones), *vevents, _END))


def resource(vevent: bytes, zones: Iterable[str] = ()) -> bytes:
    """One session as a calendar object resource (RFC 4791 section 4.1): without METHOD or anything of its calendar."""
    return b"".join((_BEGIN, *map(vtimezone, zones), vevent, _END))


_BEGIN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Forum agenda//EN\r\nCALSCALE:GREGORIAN\r\n"
_END = b"END:VCALENDAR\r\n"


@lru_cache(maxsize=256)
def _head(calendar: CalendarRecord) -> bytes:
    """The calendar's own properties; the X- ones say the same to readers older than RFC 7986."""
    name, description = _text(calendar.name), _text(calendar.description)
    refresh = f"PT{calendar.refresh // timedelta(minutes=1)}M"
    return _BEGIN + _component_part(
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("DESCRIPTION", description),
        ("X-WR-CALDESC", description),
        ("SOURCE;VALUE=URI", _uri(calendar.source)),
        ("REFRESH-INTERVAL;VALUE=DURATION", refresh),
        ("X-PUBLISHED-TTL", refresh),
        ("COLOR", calendar.colour),
    )


def _component_part(*properties: tuple[str, str]) -> bytes:
    """Content lines of at most 75 octets and CRLF, folded between characters (RFC 5545 section 3.1)."""
    lines = Contentlines(Contentline(f"{name}:{value}") for name, value in properties if value)  # type: ignore[no-untyped-call]
    folded: bytes = lines.to_ical()  # type: ignore[no-untyped-call]
    return folded


def _utc(moment: datetime) -> str:
    """DATE-TIME in form 2, to the second (RFC 5545 section 3.3.5)."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _time(name: str, moment: datetime, zone: ZoneInfo | None) -> tuple[str, str]:
    """A content line's name and value: in UTC, or in the zone (form 3 of RFC 5545 section 3.3.5)."""
    if zone is None:
        return name, _utc(moment)
    return f"{name};TZID={zone.key}", f"{moment.astimezone(zone):%Y%m%dT%H%M%S}"


def _text(value: str) -> str:
    """TEXT (RFC 5545 section 3.3.11): escaped, on one line."""
    return _plain(value).translate(_ESCAPES)


def _plain(value: str) -> str:
    r"""The characters that TEXT may hold: every line break a \n, no control character but TAB, trimmed.

    White space beyond 20 in a row goes as well: folded, it would make a line of nothing but space, which
    vdirsyncer drops and vobject may take for the end of the property.
    """
    value = _LINE_BREAK.sub("\n", _NOT_IN_TEXT.sub("", value))
    return _LONG_GAP.sub(r"\1", value).strip()


def _uri(address: str) -> str:
    """URI (RFC 5545 section 3.3.13): percent-encoded where it is no URI yet, and never escaped like text."""
    return quote(address, safe=_STANDS_IN_A_URI, errors="replace")
