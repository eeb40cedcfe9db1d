"""Reads a programme that is a calendar: Sched's all.ics, Indico's, Symposion's, or any list of VEVENTs (RFC 5545).

Programs write calendars in many ways, so that lines are read more tolerantly here than what a CalDAV client sends.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import unquote, urlsplit

from agenda.formats.assembly import (
    ASSUMED,
    Identities,
    NotATime,
    assembled,
    guid_of,
    identity,
    in_utc,
    language_of,
    prose_of,
    until,
)
from agenda.formats.cleaning import bare_title
from agenda.formats.contentlines import Component, Property
from agenda.formats.plain_text import one_line
from agenda.formats.records import (
    LARGEST_FILE,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    SessionRecord,
    SpeakerRecord,
)
from agenda.formats.speakers_line import merged, people_of, without_line
from agenda.formats.times import zone_named
from agenda.formats.tolerant_lines import components, is_calendar
from agenda.formats.zones import iana_name, zones_of

SHOWN = 60  # characters of a value that could not be read
PRODUCERS = {"sched.com": "Sched calendar", "indico": "Indico calendar", "pretalx": "pretalx calendar"}
STATUS = {"CONFIRMED": "confirmed", "TENTATIVE": "tentative", "CANCELLED": "cancelled"}
UTC_NAMES = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "UCT"}
THINGS = ("ROOM", "RESOURCE")  # attendees that are no people
SLIDES = ("slide", "folien", "present", ".ppt", ".odp", ".key")

_ENCODED = re.compile(r"\^([n^'])")  # in a parameter's value (RFC 6868)
_COMMA = re.compile(r"(?<!\\),")


def looks_like(data: bytes, name: str) -> bool:
    """True if the file begins as a calendar."""
    return is_calendar(data)


def read(data: bytes, *, zone: str = "") -> ProgrammeRecord:
    """The programme in a calendar. `zone` is where times without a zone are. Raises RefusedFile."""
    if len(data) > LARGEST_FILE:
        raise RefusedFile("This calendar is larger than 50 MB: export the programme of one event alone.")
    if not looks_like(data, ""):
        raise RefusedFile("This is not a calendar: an .ics file begins with BEGIN:VCALENDAR.")
    problems: list[Problem] = []
    calendar = _Calendar(components(data, problems), zone, problems)
    vevents = list(calendar.vevents())
    if not vevents:
        raise RefusedFile("This calendar has no events (VEVENT): export the whole programme from where it is kept.")
    sessions = [session for vevent in vevents if (session := calendar.session(vevent))]
    return assembled(
        sessions,
        calendar.zone,
        format=calendar.format,
        title=calendar.header("X-WR-CALNAME", "NAME"),
        url=_address(calendar.header("SOURCE", "URL")),
        speakers=merged(calendar.people),
        problems=tuple(problems),
    )


class _Calendar:
    """The calendars of a file as one, with what its sessions need to know of it."""

    def __init__(self, root: Component, hint: str, problems: list[Problem]) -> None:
        calendars = root.children_named("VCALENDAR")
        parts = [part for each in calendars for part in each.children]
        self._whole = Component("VCALENDAR", [each for part in calendars for each in part.properties], parts)
        self._zones = zones_of(self._whole)
        self._names = {each.name for vevent in self.vevents() for each in vevent.properties}
        self._ids = Identities()
        self.people: list[SpeakerRecord] = []  # of the lines that name them
        texts = (each.text for vevent in self.vevents() for each in vevent.named("DESCRIPTION"))
        self._has_lines = "ATTENDEE" not in self._names and any(map(people_of, texts))
        self._problems = problems
        self._said: set[Problem] = set()
        self.zone = self._zone(hint if zone_named(hint) else "")
        self.format = self._format()

    def vevents(self) -> list[Component]:
        return self._whole.children_named("VEVENT")

    def header(self, *names: str) -> str:
        """The first of these properties of the calendar, on one line; empty if it has none."""
        return next((one_line(each.text) for name in names for each in self._whole.named(name)), "")

    def _format(self) -> str:
        maker = self.header("PRODID").casefold()
        return next((name for word, name in PRODUCERS.items() if word in maker), "calendar")

    def _zone(self, hint: str) -> str:
        """The zone of the calendar, or of most times, or the hint, in this order; but UTC says nothing of the place."""
        starts = [each for vevent in self.vevents() for each in vevent.named("DTSTART")]
        tzids = Counter(each.parameters.get("TZID", "") for each in starts)
        used = [name for tzid, _ in tzids.most_common() if tzid and (name := iana_name(tzid))]
        own = iana_name(self.header("X-WR-TIMEZONE", "TIMEZONE-ID", "X-LIC-LOCATION"))
        if own and (own not in UTC_NAMES or not used):
            return own
        if used:
            return used[0]
        if hint or not starts:
            return hint
        return "UTC" if all(each.value.rstrip().upper().endswith("Z") for each in starts) else ""

    def session(self, vevent: Component) -> SessionRecord | None:
        """The session of a VEVENT. What cannot be one is a problem, and None."""
        where = f"line {vevent.at}"
        title, is_cancelled = bare_title(one_line(self._text(vevent, "SUMMARY") or ""))
        try:
            if not title:
                raise NotATime("the event has no title (SUMMARY)")
            if vevent.named("RDATE") or not all("COUNT=1" in _parts(each.value) for each in vevent.named("RRULE")):
                raise NotATime(f"“{title}” repeats (RRULE), and a session happens once")
            start, end = self._times(vevent, title, where)
        except NotATime as error:
            self._problem(where, f"{str(error)[:1].upper()}{str(error)[1:]}; it was left out.", leaves_out=True)
            return None
        status = STATUS.get((self._text(vevent, "STATUS") or "").strip().upper(), "confirmed")
        if is_cancelled or self.header("METHOD").upper() == "CANCEL":
            status = "cancelled"
        uid, speakers = self._text(vevent, "UID") or "", self._speakers(vevent)
        return SessionRecord(
            external_id=self._id(vevent, uid, title, speakers or ()),
            title=title,
            start=start,
            end=end,
            guid=None if vevent.named("RECURRENCE-ID") else guid_of(uid.strip()),
            abstract=self._prose(vevent),
            language=next((language_of(each.parameters.get("LANGUAGE", "")) for each in vevent.named("SUMMARY")), None),
            room=self._line(vevent, "LOCATION"),
            track=self._track(vevent),
            speakers=speakers,
            materials=self._materials(vevent),
            status=status,
            url=_address(address) if (address := self._line(vevent, "URL")) else address,
            where=where,
        )

    def _text(self, vevent: Component, name: str) -> str | None:
        """The property's text; empty if only other events have it, None if no event has it."""
        return next((each.text for each in vevent.named(name)), "" if name in self._names else None)

    def _line(self, vevent: Component, name: str) -> str | None:
        text = self._text(vevent, name)
        return text if text is None else one_line(text)

    def _prose(self, vevent: Component) -> str | None:
        text = self._text(vevent, "DESCRIPTION")
        if text and self._has_lines and people_of(text):
            text = without_line(text)
        return text if text is None else prose_of(text)

    def _track(self, vevent: Component) -> str | None:
        """The first of its categories."""
        if "CATEGORIES" not in self._names:
            return None
        parts = (Property("", {}, part) for each in vevent.named("CATEGORIES") for part in _COMMA.split(each.value))
        return next((name for part in parts if (name := one_line(part.text))), "")

    def _speakers(self, vevent: Component) -> tuple[str, ...] | None:
        """The names of its ATTENDEEs, else of the line in the text. An address of mail is no name, and is not kept."""
        if self._has_lines:
            people = people_of(self._text(vevent, "DESCRIPTION") or "")
            self.people += people
            return tuple(person.name for person in people)
        if "ATTENDEE" not in self._names:
            return None
        attendees = [each.parameters for each in vevent.named("ATTENDEE")]
        people_alone = [each for each in attendees if each.get("CUTYPE") not in THINGS]
        names = [one_line(_ENCODED.sub(_decode, each.get("CN", ""))) for each in people_alone]
        return tuple(dict.fromkeys(name for name in names if name and "@" not in name))

    def _materials(self, vevent: Component) -> tuple[MaterialRecord, ...] | None:
        if "ATTACH" not in self._names:
            return None
        found = [(address, each) for each in vevent.named("ATTACH") if (address := _address(each.value))]
        return tuple(_material(address, each.parameters) for address, each in found)

    def _id(self, vevent: Component, uid: str, title: str, speakers: tuple[str, ...]) -> str:
        wanted = uid.strip() or identity(title, speakers)
        for each in vevent.named("RECURRENCE-ID"):
            wanted = f"{wanted} {each.value.strip()}"
        given, is_other = self._ids.give(wanted, title)
        if is_other:
            self._problem(
                f"line {vevent.at}",
                f"Several events have the UID “{uid[:SHOWN]}”; they are told apart by their titles.",
            )
        return given

    def _times(self, vevent: Component, title: str, where: str) -> tuple[datetime, datetime]:
        """Start and end in UTC. Raises NotATime for times that cannot be used."""
        begin = next(iter(vevent.named("DTSTART")), None)
        if begin is None:
            raise NotATime(f"“{title}” has no start (DTSTART)")
        start, is_day = self._moment(begin, title)
        end = next((self._moment(each, title)[0] for each in vevent.named("DTEND")), None)
        if end is None:
            end = next((start + _duration(each, title) for each in vevent.named("DURATION")), None)
        if is_day:
            self._problem(where, f"“{title}” is on a whole day; it was read as 00:00 to 24:00, {self.zone or 'UTC'}.")
            end = self._midnight_after(start) if end in (None, start) else end
        try:
            end, is_assumed = until(start, end)
        except NotATime as error:
            raise NotATime(f"the end of “{title}” {error}") from None
        if is_assumed:
            self._problem(where, f"“{title}” has no length; {ASSUMED}.")
        return start, end

    def _moment(self, written: Property, title: str) -> tuple[datetime, bool]:
        """A DTSTART or DTEND in UTC, and True if it is a date; a date is its first minute, in the calendar's zone."""
        value = written.value.strip().upper()
        word = "start" if written.name == "DTSTART" else "end"
        try:
            if is_day := "T" not in value:
                read = datetime.combine(date.fromisoformat(value), time())
            else:
                read = datetime.fromisoformat(value)
            return in_utc(read, self._zone_for(written.parameters.get("TZID", ""), read, is_day)), is_day
        except NotATime as error:
            raise NotATime(f"the {word} of “{title}” {error}") from None
        except ValueError:
            raise NotATime(f"the {word} of “{title}”, “{value[:SHOWN]}”, is no time") from None

    def _zone_for(self, tzid: str, read: datetime, is_day: bool) -> tzinfo:
        """The zone of a local time. One that nobody knows is a problem, and the calendar's is taken."""
        own = zone_named(self.zone) or UTC
        if read.tzinfo or is_day:
            return own
        if tzid:
            with suppress(ValueError):
                return self._zones(tzid)
            if zone := zone_named(iana_name(tzid)):
                return zone
            self._problem("", f"The zone “{tzid[:SHOWN]}” is not known; {self.zone or 'UTC'} was taken for it.")
        elif not self.zone:
            self._problem("", "Times have no zone; they were read as UTC. Say which zone they are in.")
        return own

    def _midnight_after(self, start: datetime) -> datetime:
        return (start.astimezone(zone_named(self.zone) or UTC) + timedelta(days=1)).astimezone(UTC)

    def _problem(self, where: str, text: str, *, leaves_out: bool = False) -> None:
        """Adds a problem, unless the same one was said already."""
        if (problem := Problem(where, text, leaves_out=leaves_out)) not in self._said:
            self._said.add(problem)
            self._problems.append(problem)


def _duration(written: Property, title: str) -> timedelta:
    try:
        return Property("DURATION", {}, written.value.strip().upper()).duration
    except (ValueError, OverflowError):
        raise NotATime(f"the length of “{title}”, “{written.value[:SHOWN]}”, is no length") from None


def _address(text: str) -> str:
    """The address, if it is one of the web; otherwise empty."""
    address = one_line(text)
    return address if address.casefold().startswith(("https://", "http://")) and " " not in address else ""


def _material(address: str, parameters: dict[str, str]) -> MaterialRecord:
    try:
        last = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    except ValueError:
        last = ""
    title = one_line(parameters.get("FILENAME") or parameters.get("X-FILENAME") or last) or address
    kind = "slides" if any(word in f"{title} {last}".casefold() for word in SLIDES) else "link"
    return MaterialRecord(kind=kind, title=title, url=address)


def _decode(found: re.Match[str]) -> str:
    return {"n": "\n", "^": "^", "'": '"'}[found[1]]


def _parts(rule: str) -> list[str]:
    """The parts of an RRULE (RFC 5545, 3.3.10): ["FREQ=DAILY", "COUNT=1"]."""
    return rule.upper().replace(" ", "").split(";")
