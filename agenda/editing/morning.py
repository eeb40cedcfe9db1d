"""What the pages for an editor on foot show: a day by room, what is wrong with it, and the rooms for a talk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from agenda.editing.desk import TEXTS, Desk, T, Talk, TimedTalk, by_room, timed
from agenda.editing.talk_rows import TalkRow, rows_in_html
from agenda.models import Event, Room
from agenda.models.session import has_time
from agenda.programme.prose import fold
from agenda.programme.words import span_of, time_beside

NO_ROOM, NO_TIME = "No room yet", "No time yet"
STEPS = (5, 15, 30)  # minutes


@dataclass(frozen=True, slots=True)
class RoomRows:
    room: Room | None
    rows: list[TalkRow]
    html: SafeString

    @staticmethod
    def of(event: Event, room: Room | None, rows: list[TalkRow]) -> RoomRows:
        return RoomRows(room, rows, rows_in_html(event, rows))

    @property
    def name(self) -> str:
        return self.room.name if self.room else NO_ROOM


@dataclass(frozen=True, slots=True)
class DayProblem:
    """Something of the day that needs a person, and the talk where it is mended."""

    heading: str
    detail: str
    talk: Talk
    is_grave: bool


@dataclass(frozen=True, slots=True)
class RoomChoice:
    name: str
    words: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class Later:
    minutes: int
    starts: str


@dataclass(slots=True)
class Morning:
    """All of the page. `next_start` is empty when no talk of the day is to come."""

    day: date
    problems: list[DayProblem] = field(default_factory=list)
    rooms: list[RoomRows] = field(default_factory=list)
    without_time: RoomRows | None = None
    chips: list[tuple[Room, int]] = field(default_factory=list)
    total: int = 0
    next_start: str = ""


class Words:
    """How an event's talks are said: in its zone, with numbers of stars by session (pk), at this moment."""

    def __init__(self, event: Event, stars: Mapping[int, int], now: datetime) -> None:
        self.zone: ZoneInfo = event.zone
        self.stars, self.now = stars, now

    def row(self, talk: Talk) -> TalkRow:
        stars, was = self.stars.get(talk.pk, 0), self.was(talk)
        if not isinstance(talk, TimedTalk):
            return TalkRow(talk, NO_TIME, stars, was)
        return TalkRow(talk, span_of(talk.start, talk.end, self.zone), stars, was, talk.end <= self.now)

    def was(self, talk: Talk) -> str:
        """ "was 11:30, was in Ponmudi"; the values as they are, of those that will change."""
        said = []
        for name in talk.changed:
            if name == "when":
                said.append(self._was_at(talk))
            elif name == "room":
                said.append(f"was in {talk.now['room']}" if talk.now["room"] else "had no room")
            elif name == "status":
                said.append("cancelled" if talk.is_cancelled else "was cancelled")
            elif name == "is_published":
                said.append("shown" if talk.values["is_published"] else "hidden")
            elif name in ("note", "track", *TEXTS):
                said.append(f"other {name}")
        return ", ".join(said)

    def _was_at(self, talk: Talk) -> str:
        """ "was 11:30"; with its day if the talk is to be on another, or to have no time."""
        if not has_time(talk.session):
            return "had no time"
        start = talk.start if isinstance(talk, TimedTalk) else None
        return f"was {time_beside(talk.session.start, start, self.zone)}"


def day_to_open(event: Event, now: datetime) -> date:
    """Today while the event runs, else its first day."""
    today = event.day_of(now)
    return today if event.starts_on <= today <= event.ends_on else event.starts_on


def day_asked(event: Event, asked: str, now: datetime) -> date:
    """The day of the event that an address asks for, else day_to_open()."""
    return next((day for day in event.days if day.isoformat() == asked), None) or day_to_open(event, now)


def morning(desk: Desk, day: date, words: Words, *, q: str = "", room: str = "") -> Morning:
    """The day by room, with what is wrong. `q` and `room` (a slug) choose talks; problems are of the whole day."""
    talks, rooms = desk.on_day(day), list(desk.event.rooms.all())
    placed = by_room(talks)
    coming = [talk.start for talk in talks if talk.takes_place and talk.start > words.now]
    made = Morning(day, _problems(desk, talks, words.zone), total=len(talks))
    made.chips = [(each, len(placed[each.name])) for each in rooms if each.name in placed]
    made.next_start = time_beside(coming[0], coming[0], words.zone) if coming else ""
    for each in (*rooms, None):
        if room and (each is None or each.slug != room):
            continue
        found = matching(placed.get(each.name if each else "", []), q)
        if found:
            made.rooms.append(RoomRows.of(desk.event, each, [words.row(talk) for talk in found]))
    untimed = [] if room else [words.row(talk) for talk in matching(desk.without_time, q)]
    made.without_time = RoomRows.of(desk.event, None, untimed)
    return made


def matching(talks: Iterable[T], q: str) -> list[T]:
    """The talks that have each word in their title, room, byline or speakers."""
    words = fold(q).split()
    return [talk for talk in talks if not words or all(word in _text(talk) for word in words)]


def _text(talk: Talk) -> str:
    values = talk.values
    return fold("\n".join((values["title"], values["room"], values["byline"], *values["speakers"])))


def _problems(desk: Desk, talks: list[TimedTalk], zone: ZoneInfo) -> list[DayProblem]:
    problems = []
    for clash, one, other in desk.double_bookings(talks):
        begins = max(one.start, other.start)
        heading = f"Double booking: {clash.needed}, {time_beside(begins, begins, zone)}"
        mendable = max((one, other), key=lambda talk: (bool(talk.changed), talk.start))
        detail = f"“{one.values['title']}” and “{other.values['title']}”"
        problems.append(DayProblem(heading, detail, mendable, is_grave=True))
    without = [talk for talk in talks if talk.takes_place and not talk.room]
    if without and desk.event.rooms.exists():
        heading = f"{len(without)} without a room"
        detail = ", ".join(talk.values["title"] for talk in without[:3]) + (" …" if len(without) > 3 else "")
        problems.append(DayProblem(heading, detail, without[0], is_grave=False))
    return problems


def later_choices(talk: Talk, zone: ZoneInfo) -> list[Later]:
    """What a tap can shift the talk to; nothing for one without a time."""
    if not isinstance(talk, TimedTalk):
        return []
    starts = ((minutes, talk.start + timedelta(minutes=minutes)) for minutes in STEPS)
    return [Later(minutes, time_beside(start, talk.start, zone)) for minutes, start in starts]


def room_choices(desk: Desk, talks: Sequence[Talk], zone: ZoneInfo) -> list[RoomChoice]:
    """The rooms that none of the talks is in, those that are free for all of them first; and no room."""
    own, moving = {talk.room for talk in talks}, {talk.pk for talk in talks}
    placed = by_room(talk for talk in desk.timed if talk.takes_place and talk.pk not in moving)
    others = [room.name for room in desk.event.rooms.all() if own != {room.name}]
    needing = timed(talks)
    choices = [_choice(name, placed.get(name, []), needing, zone) for name in others]
    return [*sorted(choices, key=lambda choice: not choice.is_free), *_no_room(own)]


def _no_room(own: set[str]) -> list[RoomChoice]:
    return [] if own == {""} else [RoomChoice("", "to be told later", is_free=False)]


def _choice(name: str, there: list[TimedTalk], talks: list[TimedTalk], zone: ZoneInfo) -> RoomChoice:
    if not talks:
        return RoomChoice(name, "", is_free=True)
    start, end = min(talk.start for talk in talks), max(talk.end for talk in talks)
    busy = [other for other in there if any(other.overlaps(talk.start, talk.end) for talk in talks)]
    if busy and len(talks) > 1:
        times = ", ".join(time_beside(other.start, start, zone) for other in busy[:3])
        return RoomChoice(name, f"taken at {times}", is_free=False)
    if busy:
        until = max(other.end for other in busy)
        return RoomChoice(name, f"taken until {time_beside(until, start, zone)}", is_free=False)
    following = [other.start for other in there if other.start >= end and other.start - end < timedelta(hours=12)]
    return RoomChoice(name, f"free until {time_beside(min(following), start, zone)}" if following else "free", True)
