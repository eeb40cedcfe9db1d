"""What schedule.xml and schedule.json have in common, as c3voc's schemas and the readers in people's phones want it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from agenda.formats.days import day_bounds, day_of
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(hours=24) - MINUTE  # Giggity refuses the whole file for a session of 24 hours
MOST_EMPTY_DAYS = 60  # a longer event, perhaps with a slip in its year, has its first and last, and those with sessions
TIMESLOT = "00:05"
GENERATOR = "Forum agenda"  # whatever a site calls itself: by this name a reader knows that texts are plain already
TYPE = "talk"  # of a session whose source does not say: both formats ask for one
ATTACHED = ("slides", "paper")  # kinds of materials that are attachments; the others are links
MATERIAL_TYPES = {"slides": "slides", "paper": "paper", "recording": "media", "link": "web"}

_OUTSIDE_ACRONYM = re.compile(r"[^a-z0-9_]")
_SLUG = re.compile(r"[a-z0-9_-]{3,}[a-z0-9]")
_OUTSIDE_SLUG = re.compile(r"[^a-z0-9_-]")
_AREA_AND_CITY = re.compile(r"[A-Z][a-z]+/[A-Z][a-z].*|UTC")


@dataclass(frozen=True, slots=True)
class Entry:
    """A session with what a programme adds to it. `start` and `end` are in the programme's zone."""

    session: SessionRecord
    id: int
    guid: UUID
    slug: str
    start: datetime
    end: datetime

    @property
    def room(self) -> str:
        return self.session.room or ""

    @property
    def type(self) -> str:
        return self.session.type or TYPE

    @property
    def duration(self) -> str:
        """Hours and minutes: "00:30"; at least a minute, and at most LONGEST."""
        minutes = max(1, min(self.session.end - self.session.start, LONGEST) // MINUTE)
        return f"{minutes // 60:02}:{minutes % 60:02}"

    @property
    def attachments(self) -> list[MaterialRecord]:
        return [each for each in self.session.materials or () if each.url and each.kind in ATTACHED]

    @property
    def links(self) -> list[MaterialRecord]:
        return [each for each in self.session.materials or () if each.url and each.kind not in ATTACHED]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the programme, and the sessions that start on it, in order, by the name of their room ("": none)."""

    index: int  # from 1
    date: date
    start: datetime
    end: datetime
    rooms: dict[str, list[Entry]]


def days(programme: ProgrammeRecord) -> list[Day]:
    """The days of the event and of its sessions that go ahead: a cancelled one has no place in these formats."""
    zone = zone_of(programme)
    placed: dict[date, list[Entry]] = {}
    if programme.days:
        first, last = programme.days
        length = (last - first).days
        numbers = range(length + 1) if length <= MOST_EMPTY_DAYS else (0, length)
        placed = {first + timedelta(days=number): [] for number in numbers}
    for entry in entries(programme):
        placed.setdefault(day_of(entry.start, zone), []).append(entry)
    order = [room.name for room in programme.rooms]
    found = []
    for index, day in enumerate(sorted(placed), start=1):
        start, end = (iso_safe(moment) for moment in day_bounds(day, zone))
        found.append(Day(index, day, start, end, _by_room(placed[day], order)))
    return found


def _by_room(listed: list[Entry], order: list[str]) -> dict[str, list[Entry]]:
    used = dict.fromkeys([*order, *(entry.room for entry in listed if entry.room), ""])
    found = {room: [entry for entry in listed if entry.room == room] for room in used}
    return {room: there for room, there in found.items() if there}


def zone_of(programme: ProgrammeRecord) -> ZoneInfo:
    return ZoneInfo(programme.zone or "UTC")


def entries(programme: ProgrammeRecord) -> list[Entry]:
    """The sessions that go ahead, in order of time. Without a row, their place is their id."""
    zone, taken, found = zone_of(programme), set[str](), list[Entry]()
    for place, session in enumerate(programme.sessions, start=1):
        if session.status == "cancelled":
            continue
        number = session.id or place
        slug = _slug(acronym(programme), session.slug or "", number, taken)
        taken.add(slug)
        guid = session.guid or uuid5(NAMESPACE_URL, session.external_id)
        start, end = (iso_safe(moment.astimezone(zone)) for moment in (session.start, session.end))
        found.append(Entry(session, number, guid, slug, start, end))
    return sorted(found, key=lambda entry: entry.session.start)


def iso_safe(moment: datetime) -> datetime:
    """The moment, in UTC if its zone was then a number of seconds off, which ISO 8601 cannot say (before 1900)."""
    offset = moment.utcoffset() or timedelta(0)
    return moment.astimezone(UTC) if offset % MINUTE else moment


def acronym(programme: ProgrammeRecord) -> str:
    """Its acronym as both schemas allow it: small letters, digits and underscores, at least four."""
    made = _OUTSIDE_ACRONYM.sub("_", (programme.acronym or programme.title).lower())
    return made if len(made) >= 4 else f"{made}_event"


def _slug(acronym: str, slug: str, number: int, taken: Iterable[str]) -> str:
    """The acronym and the session's slug; with its id where the slug alone is too short, has capitals, or is taken."""
    made = f"{acronym}-{slug}"
    if _SLUG.fullmatch(slug) and made not in taken:
        return made
    made = f"{acronym}-{_OUTSIDE_SLUG.sub('_', slug.lower())}-{number:04}"
    while made in taken:
        made += "_0"
    return made


def zone_name(programme: ProgrammeRecord) -> str:
    """The zone as "Area/City" or UTC; empty if it has no such name."""
    return programme.zone if _AREA_AND_CITY.fullmatch(programme.zone) else ""


def guids_of_people(programme: ProgrammeRecord) -> dict[str, UUID]:
    """The guid of each speaker that has one, by the speaker's name."""
    return {each.name: each.guid for each in programme.speakers if each.guid}
