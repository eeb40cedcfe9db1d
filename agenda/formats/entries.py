"""What schedule.xml and schedule.json share: a programme by days, rooms and entries, made into records.

Readers fill a RawSchedule with the file's own words, and RawSchedule.record() makes sense of them.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from agenda.formats import times
from agenda.formats.c3voc import GENERATOR
from agenda.formats.cell_times import clock_in, length_in, loosely
from agenda.formats.plain_text import one_line, plain
from agenda.formats.records import (
    MOST_SESSIONS,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)
from agenda.formats.zones import iana_name

TOO_MANY = f"The file has more than {MOST_SESSIONS:,} sessions; split it into several events."

_KINDS = {
    **{"slides": "slides", "paper": "paper", "web": "link", "link": "link", "blog": "link", "article": "link"},
    **dict.fromkeys(["media", "video", "audio", "recording"], "recording"),
}
_RECORDING = (".mp4", ".webm", ".ogg", ".ogv", ".mkv", "youtube.com/", "youtu.be/", "media.ccc.de/", "peertube")
_SLIDES = ("slide", "folien", "präsentation", "presentation", ".odp", ".ppt", ".key")


@dataclass(slots=True, kw_only=True)
class RawDay:
    date: str = ""
    start: str = ""  # with offset, where the file has it


@dataclass(slots=True, kw_only=True)
class RawEntry:
    """A session in the file's own words. None means that the file does not say."""

    where: str
    ids: tuple[str | None, ...]  # what tells it from others; the first that is there counts
    day: RawDay | None = None
    guid: str = ""
    title: str = ""
    date: str = ""
    start: str = ""  # the clock alone
    end: str = ""
    duration: str = ""
    room: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    abstract: str | None = None
    description: str | None = None
    language: str | None = None
    track: str | None = None
    type: str | None = None
    slug: str | None = None
    url: str | None = None
    people: list[SpeakerRecord] | None = None
    materials: list[MaterialRecord] | None = None
    slides_included: bool | None = None
    may_be_recorded: bool | None = None
    status: str = "confirmed"


@dataclass(slots=True, kw_only=True)
class RawSchedule:
    """A programme in the file's own words."""

    format: str
    generator: str = ""
    title: str = ""
    acronym: str = ""
    zone: str = ""
    first_day: str = ""
    last_day: str = ""
    day_change: str = ""
    version: str = ""
    venue: str = ""
    city: str = ""
    url: str = ""
    days: list[RawDay] = field(default_factory=list)
    rooms: list[RoomRecord] = field(default_factory=list)
    tracks: list[TrackRecord] = field(default_factory=list)
    entries: list[RawEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    about: dict[str, SpeakerRecord] = field(default_factory=dict)  # by name: what our own files say of speakers
    capacities: dict[str, int] = field(default_factory=dict)  # of rooms, by name

    def add(self, entry: RawEntry) -> None:
        if len(self.entries) == MOST_SESSIONS:
            raise RefusedFile(TOO_MANY)
        self.entries.append(entry)

    def record(self, hint: str) -> ProgrammeRecord:
        """The programme. `hint` names the zone to use where the file has none."""
        zone = self._zone(hint)
        sessions = tuple(session for entry in self.entries if (session := self._session(entry, zone)))
        self._note_zones(zone)
        return ProgrammeRecord(
            format=" ".join(filter(None, [one_line(self.generator), self.format])),
            sessions=sessions,
            title=self.title,
            acronym=self.acronym,
            zone=zone.key if zone else "",
            days=self._days(zone, sessions),
            rooms=tuple(replace(each, capacity=each.capacity or self.capacities.get(each.name)) for each in self.rooms),
            tracks=tuple(self.tracks),
            speakers=self._speakers(),
            problems=tuple(self.problems),
            venue=self.venue,
            city=self.city,
            url=self.url,
            version=self.version,
        )

    def _zone(self, hint: str) -> ZoneInfo | None:
        named = self.zone.strip()
        zone = times.zone_named(iana_name(named))
        if named and not zone:
            self.problems.append(Problem("", f"“{named}” is not a known time zone."))
        return zone or times.zone_named(hint)

    def _session(self, entry: RawEntry, zone: ZoneInfo | None) -> SessionRecord | None:
        start = self._start(entry, zone)
        if start is None:
            said = entry.date or entry.start
            text = f"“{said}” is not a usable date" if said else "There is no date"
            text = f"{text}; the session “{one_line(entry.title)}” was left out."
            self.problems.append(Problem(entry.where, text, leaves_out=True))
            return None
        guid = guid_of(entry.guid, self.acronym or self.title)
        return SessionRecord(
            external_id=next(filter(None, (*entry.ids, entry.slug, entry.url, entry.title)), "untitled"),
            title=entry.title,
            start=start,
            end=self._end(entry, start, zone),
            guid=guid,
            subtitle=entry.subtitle,
            byline=entry.byline,
            abstract=self._text(entry.abstract, entry.description),
            language=entry.language,
            room=entry.room,
            track=entry.track,
            speakers=None if entry.people is None else tuple(person.name for person in entry.people),
            materials=None if entry.materials is None else tuple(entry.materials),
            type=entry.type,
            status=entry.status,
            slug=self._slug(entry.slug),
            url=entry.url,
            slides_included=entry.slides_included,
            may_be_recorded=entry.may_be_recorded,
            where=entry.where,
        )

    def _start(self, entry: RawEntry, zone: ZoneInfo | None) -> datetime | None:
        """When the session starts. A clock before the change of day belongs to the evening of that day."""
        whole = entry.date if ":" in entry.date else entry.start
        if ":" in entry.date or "T" in entry.start:
            found = times.moment(whole, zone)
            return found.astimezone(UTC) if found else None
        day_said = entry.date or (entry.day.date or entry.day.start if entry.day else "")
        day = times.day(day_said) or loosely(day_said).day
        clock = times.clock(entry.start) or clock_in(entry.start)
        if day is None or clock is None:
            return None
        if clock < (times.clock(self.day_change) or times.DAY_BEGINS):
            day += timedelta(days=1)
        return datetime.combine(day, clock, tzinfo=zone or UTC).astimezone(UTC)

    def _end(self, entry: RawEntry, start: datetime, zone: ZoneInfo | None) -> datetime:
        """When the session ends; its start if the file does not say."""
        if "T" in entry.end and (end := times.moment(entry.end, zone)):
            return end.astimezone(UTC)
        length = times.length(entry.duration) or length_in(entry.duration)
        if length is None and entry.duration.strip():
            self.problems.append(Problem(entry.where, f"“{one_line(entry.duration)}” is not a length."))
        return start + (length or timedelta())

    def _text(self, abstract: str | None, description: str | None) -> str | None:
        """The two texts as one, which the product shows; once if one repeats the other."""
        if abstract is None and description is None:
            return None
        first, second = (self.plain(each or "") for each in (abstract, description))
        if first in second:
            return second
        return first if second in first else f"{first}\n\n{second}"

    def _slug(self, slug: str | None) -> str | None:
        """The slug without the acronym that our own files put before it, as the format demands."""
        return slug.removeprefix(f"{self.acronym}-") if slug and self.generator == GENERATOR else slug

    def plain(self, text: str) -> str:
        return text if self.generator == GENERATOR else plain(text, self.url)

    def _speakers(self) -> tuple[SpeakerRecord, ...]:
        """Everybody, once by name, with the first guid and biography that the file has for them."""
        found: dict[str, SpeakerRecord] = {}
        for person in (person for entry in self.entries for person in entry.people or ()):
            known = found.get(person.name) or self.about.get(person.name) or SpeakerRecord(name=person.name)
            biography = known.biography or (self.plain(person.biography) if person.biography else person.biography)
            found[person.name] = replace(known, guid=known.guid or person.guid, biography=biography)
        return tuple(found.values())

    def _days(self, zone: ZoneInfo | None, sessions: tuple[SessionRecord, ...]) -> tuple[date, date] | None:
        """The first and last day: of the file's days, else of the conference, else of the sessions."""
        days = [found for day in self.days if (found := _day_of(day, zone))]
        days = days or [found for text in (self.first_day, self.last_day) if (found := times.day(text))]
        days = days or [session.start.astimezone(zone).date() for session in sessions]
        return (min(days), max(days)) if days else None

    def _note_zones(self, zone: ZoneInfo | None) -> None:
        """Adds a problem if times have no zone, or if the clocks of the zone do not show what the file says."""
        without = [entry for entry in self.entries if _is_local(entry)]
        if without and not zone:
            self.problems.append(
                Problem("", "The file has no time zone, so its times are taken as UTC; choose the zone it means.")
            )
        if zone:
            wrong = [offset for entry in self.entries if (offset := _other_clock(entry, zone))]
            if len(wrong) * 2 > len(self.entries):
                text = f"The file says {zone.key}, but its times are those of {wrong[0]}; check the zone."
                self.problems.append(Problem("", text))


def guid_of(text: str, conference: str) -> UUID | None:
    """The guid, also of 16 bytes in base64; of another text, one made from it, as it is unique in its conference."""
    text = one_line(text)
    found = uuid_of(text)
    if found is None:
        raw = _from_base64(text)
        found = UUID(bytes=raw) if len(raw) == 16 else uuid5(NAMESPACE_URL, one_line(f"{conference}/{text}"))
    return found if text and found.int else None


def uuid_of(text: str) -> UUID | None:
    """The UUID that the text is; None for another text."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (Error, ValueError):
        return b""


def material(title: str | None, url: str | None, kind: str = "", *, attached: bool = False) -> MaterialRecord | None:
    """A link or an attached file; None if it has neither words nor address."""
    title, url = (one_line(each or "") for each in (title, url))
    if not title and not url:
        return None
    if not url and title.startswith(("http://", "https://", "www.")):
        url = title
    made = _KINDS.get(kind.lower()) or _kind(title.lower(), url.lower(), attached=attached)
    name = url.rstrip("/").rpartition("/" if attached else "://")[2]
    return MaterialRecord(kind=made, title=title or name or url, url=url)


def _kind(title: str, url: str, *, attached: bool) -> str:
    """What a link without a known type leads to, by its words and its address."""
    if any(each in url for each in _RECORDING):
        return "recording"
    has_slides = title.startswith("slides") or (attached and any(each in f"{title} {url}" for each in _SLIDES))
    return "slides" if has_slides else "link"


def _day_of(day: RawDay, zone: ZoneInfo | None) -> date | None:
    """The date of a day element. The one in its text may be that of UTC, so the start counts, in the zone."""
    start = times.moment(day.start, zone) if ":" in day.start else None
    return start.astimezone(zone).date() if start and zone else times.day(day.date or day.start)


def _is_local(entry: RawEntry) -> bool:
    """True if the entry's time has no offset of its own."""
    return ":" not in entry.date or not (entry.date.endswith(("Z", "z")) or set("+-") & set(entry.date[10:]))


def _other_clock(entry: RawEntry, zone: ZoneInfo) -> str:
    """The offset at which the clock shows the entry's start, if the zone's clocks show another time; else empty."""
    clock = times.clock(entry.start)
    found = times.moment(entry.date, zone) if clock and ":" in entry.date else None
    if not found or found.astimezone(zone).time() == clock or found.time() != clock:
        return ""
    return f"{found:%z}"[:3] + ":" + f"{found:%z}"[3:5]
