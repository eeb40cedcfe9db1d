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

# Part of every ETag: raise it when the same records are written in another way. A test in tests/agenda/formats/ fails
# until that is done.
FORMAT = 9

# Controls, as RFC 5545 says; and what XML may not hold (XML 1.0 section 2.2), in which CalDAV sends the same text.
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\r\n|[\r\f\x85\u2028\u2029]")
_LONG_GAP = re.compile(r"([^\S\n]{20})[^\S\n]+")
# Not icalendar's vText: it takes the backslash and N of "C:\New" for a line break (as of 7.3).
_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})
# The characters that RFC 3986 section 2 allows in an address, and the percent sign of encoded ones.
_STANDS_IN_A_URI = "/#%[]=:;$&()+,!?*@'~"


@dataclass(frozen=True, slots=True, kw_only=True)
class VeventRecord:
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
    note: str  # to attendees
    instead: str = ""  # the title of what replaces it
    subtitle: str
    byline: str
    abstract: str
    location: str
    track: str
    url: str
    status: str
    zone: str  # where it takes place, as IANA names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The options by which a session is written.

    `alarm` is in minutes before the start (0 for none). `local` writes times in the session's own zone instead of UTC;
    the calendar then needs its VTIMEZONE. `in_case` marks the session as a backup choice. `free` leaves its owner free.
    """

    alarm: int = 0
    local: bool = False
    in_case: bool = False
    free: bool = False


PLAIN = Style()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRecord:
    """The properties of a calendar.

    `source` is its own address (RFC 7986 section 5.8). That of a personal calendar is secret, so it has none: people
    pass files on.

    `product` is the name and version of what writes it, for PRODID (RFC 5545 section 3.7.3).
    `colour` is a CSS3 name, as RFC 7986 section 5.9 requires. `refresh` is how often to ask again, in whole minutes.
    """

    name: str
    product: str
    source: str = ""
    description: str = ""
    colour: str = "teal"
    refresh: timedelta = timedelta(minutes=15)


def vevent(session: VeventRecord, style: Style = PLAIN) -> bytes:
    """One VEVENT from BEGIN to END, with a CRLF at the end. The same record and style always give the same bytes.

    Properties without a value are left out. DTSTAMP is the last modification, as in any calendar without
    METHOD (RFC 5545 section 3.8.7.2), and UID a bare UUID (RFC 7986 section 5.3).
    """
    status, title = _status(session, style)
    local = _zone_for(session) if style.local else None
    url = uri(session.url)
    return _component_part(
        ("BEGIN", "VEVENT"),
        ("UID", str(session.guid)),
        ("DTSTAMP", _utc(session.updated)),
        ("CREATED", _utc(session.created)),
        ("LAST-MODIFIED", _utc(session.updated)),
        ("SEQUENCE", str(session.sequence)),
        ("STATUS", status),
        *_busy(status, style),
        _time("DTSTART", session.start, local),
        _time("DTEND", session.end, local),
        ("SUMMARY", _text(title)),
        ("LOCATION", _text(session.location)),
        ("DESCRIPTION", _text(described(session))),
        ("URL", url),
        ("CATEGORIES", _text(session.track)),
        *(_alarm(title, style.alarm) if style.alarm and status != "CANCELLED" else ()),
        ("END", "VEVENT"),
    )


def described(session: VeventRecord) -> str:
    """What a calendar says of the session below its title: note, subtitle, who it is by, abstract, and its address."""
    instead = f"Instead: {session.instead}" if session.instead else ""
    texts = (session.note, instead, session.subtitle, session.byline, session.abstract)
    return "\n\n".join(part for part in (*map(_plain, texts), uri(session.url)) if part)


def _zone_for(session: VeventRecord) -> ZoneInfo | None:
    """The session's zone; None, for UTC, where the clocks there show its start or end twice that night.

    Local time always means the first of the two (RFC 5545 section 3.3.5), so a session could end before it starts,
    and some readers then refuse the whole calendar.
    """
    zone = ZoneInfo(session.zone)
    local = [moment.astimezone(zone) for moment in (session.start, session.end)]
    return None if any(each.utcoffset() != each.replace(fold=not each.fold).utcoffset() for each in local) else zone


def _status(session: VeventRecord, style: Style) -> tuple[str, str]:
    """STATUS, and a title that says it as well, because many calendars show a cancelled event like any other."""
    if session.status == "cancelled":
        return "CANCELLED", f"CANCELLED: {session.title}"
    if style.in_case:
        return "TENTATIVE", f"Backup choice: {session.title}"
    return session.status.upper(), session.title


def _busy(status: str, style: Style) -> tuple[tuple[str, str], ...]:
    """TRANSP (RFC 5545 section 3.8.2.7), and what Outlook reads instead; it takes what does not say so for busy."""
    if not (style.in_case or style.free or status == "CANCELLED"):
        return (("TRANSP", "OPAQUE"),)
    return ("TRANSP", "TRANSPARENT"), ("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")


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
    """The whole file: the calendar's own properties, the zones that the `vevents` name, and the `vevents`.

    Without `vevents` it has no component, although RFC 5545 section 3.6 asks for one. khal, vdirsyncer and
    vobject read such a file as an empty calendar.
    """
    return b"".join((_head(calendar), *map(vtimezone, zones), *vevents, _END))


def resource(vevent: bytes, product: str, zones: Iterable[str] = ()) -> bytes:
    """One session as a calendar object resource (RFC 4791 section 4.1), without METHOD or calendar properties."""
    return b"".join((_begin(product), *map(vtimezone, zones), vevent, _END))


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeBusyRecord:
    """When somebody is busy between `start` and `end` (None: without an end), by FBTYPE, in order of time."""

    uid: UUID
    written: datetime
    start: datetime | None
    end: datetime | None
    busy: dict[str, list[tuple[datetime, datetime]]]


def free_busy(record: FreeBusyRecord, product: str) -> bytes:
    """A calendar with one VFREEBUSY (RFC 5545 section 3.6.4)."""
    body = _component_part(
        ("BEGIN", "VFREEBUSY"),
        ("UID", str(record.uid)),
        ("DTSTAMP", _utc(record.written)),
        ("DTSTART", _utc(record.start) if record.start else ""),
        ("DTEND", _utc(record.end) if record.end else ""),
        *(
            (f"FREEBUSY;FBTYPE={kind}", f"{_utc(start)}/{_utc(end)}")
            for kind, spans in record.busy.items()
            for start, end in spans
        ),
        ("END", "VFREEBUSY"),
    )
    return b"".join((_begin(product), body, _END))


def zone_alone(zone: str, product: str) -> bytes:
    """A calendar with nothing but this VTIMEZONE, as CALDAV:calendar-timezone has it (RFC 4791 section 5.2.2)."""
    return b"".join((_begin(product), vtimezone(zone), _END))


@lru_cache(maxsize=8)
def _begin(product: str) -> bytes:
    return _component_part(
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", f"-//{_text(product)}//EN"),
        ("CALSCALE", "GREGORIAN"),
    )


_END = b"END:VCALENDAR\r\n"


@lru_cache(maxsize=256)
def _head(calendar: CalendarRecord) -> bytes:
    """The calendar's own properties. The X- ones repeat them for readers older than RFC 7986."""
    name, description = _text(calendar.name), _text(calendar.description)
    refresh = f"PT{calendar.refresh // timedelta(minutes=1)}M"
    return _begin(calendar.product) + _component_part(
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("DESCRIPTION", description),
        ("X-WR-CALDESC", description),
        ("SOURCE;VALUE=URI", uri(calendar.source)),
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
    """A content line's name and value, in UTC or in the zone (form 3 of RFC 5545 section 3.3.5)."""
    if zone is None:
        return name, _utc(moment)
    return f"{name};TZID={zone.key}", f"{moment.astimezone(zone):%Y%m%dT%H%M%S}"


def _text(value: str) -> str:
    """The value as TEXT (RFC 5545 section 3.3.11): escaped, on one line."""
    return _plain(value).translate(_ESCAPES)


def _plain(value: str) -> str:
    r"""The characters that TEXT may hold: every line break a \n, no control character but TAB, trimmed.

    More than 20 white-space characters in a row are cut: folded, they could fill a whole line, which vdirsyncer
    drops and vobject may take for the end of the property.
    """
    value = _LINE_BREAK.sub("\n", _NOT_IN_TEXT.sub("", value))
    return _LONG_GAP.sub(r"\1", value).strip()


def uri(address: str) -> str:
    """URI (RFC 5545 section 3.3.13): percent-encoded where needed, and never escaped like TEXT."""
    return quote(address, safe=_STANDS_IN_A_URI, errors="replace")
