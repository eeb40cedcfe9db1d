"""The day as a board: its rooms side by side, each talk at its hours as it will be; and what has no room or no time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Q
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.editing.bookings import Need, clashes
from agenda.editing.clashing_days import clashing_days
from agenda.editing.desk import Desk, Talk, TimedTalk, desk, gathered
from agenda.editing.morning import NO_ROOM, NO_TIME, Words
from agenda.models import Event, Session
from agenda.models.session import SessionQuerySet, has_time
from agenda.programme.words import span_of
from agenda.version_cache import Version, VersionCache

MINUTE = timedelta(minutes=1)
tile_cache: VersionCache[Tile] = VersionCache(size=8_000)  # of about 1 KB


class Tile(NamedTuple):
    """A talk of the board: its HTML, and what decides where it stands."""

    pk: int
    html: str  # safe
    room: str
    need: Need

    @property
    def has_time(self) -> bool:
        return bool(self.need.start)


@dataclass(slots=True)
class Lane:
    """A column of the board: a room's, or that of talks without one. `frames` are where talks are until they move."""

    name: str  # empty for no room
    heading: str
    capacity: int | None = None
    tiles: list[Tile] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)  # safe

    @property
    def html(self) -> SafeString:
        return mark_safe("".join([*(tile.html for tile in self.tiles), *self.frames]))  # noqa: S308 (rendered by templates)


@dataclass(frozen=True, slots=True)
class BoardClash:
    heading: str
    titles: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Board:
    """All of the page. `sessions` are all that it shows, `clashing` the talks (pks) of double bookings.

    `days` are those of the event, each with its number of double bookings.
    """

    day: date
    now: int | None  # minutes since the day began; None on another day
    desk: Desk
    sessions: SessionQuerySet
    lanes: list[Lane]
    tray: Lane
    clashes: list[BoardClash]
    clashing: set[int]
    days: list[tuple[date, int]]

    @property
    def without_room(self) -> int:
        """How many talks have hours and no room, where there are rooms; the last lane has them."""
        return len(self.lanes[-1].tiles) if len(self.lanes) > 1 else 0


def board(event: Event, day: date, now: datetime) -> Board:
    """The board of that day. A talk that no plan moves is rendered once per version. Queries do not grow with talks."""
    plan = gathered(event)
    moved = {row["session"] for row in plan.wanted["sessions"]} if plan else set[int]()
    found = desk(event, plan=plan, among=moved)
    opens, closes = event.day_bounds(day)
    shown = event.sessions.filter(Q(start__lt=closes, end__gt=opens) | Q(start=None) | Q(pk__in=moved))
    tiles = [*_unmoved(event, day, shown, moved), *_moved(found, day)]
    rooms = list(event.rooms.all())
    lanes = {room.name: Lane(room.name, room.name, room.capacity) for room in rooms} | {"": Lane("", NO_ROOM)}
    tray = Lane("", NO_TIME)
    for tile in sorted(tiles, key=lambda tile: (tile.need.start, tile.need.title)):
        (lanes[tile.room] if tile.has_time else tray).tiles.append(tile)
    for talk in found.talks.values():
        for name, frame in _frames(talk, event, day):
            lanes[name].frames.append(frame)
    booked, clashing = _double_bookings(event, tiles)
    counts = clashing_days(event, {talk.pk: talk.need for talk in found.talks.values()}) | {day: len(booked)}
    days = [(each, counts.get(each, 0)) for each in event.days]
    minute = (now - opens) // MINUTE if opens <= now < closes else None
    return Board(day, minute, found, shown, list(lanes.values()), tray, booked, clashing, days)


def _unmoved(event: Event, day: date, shown: SessionQuerySet, moved: set[int]) -> Iterable[Tile]:
    """The talks among `shown` that no waiting move is about."""

    def make(pks: list[int]) -> dict[int, Tile]:
        sessions = Session.objects.filter(pk__in=pks).with_details()
        return {session.pk: _tile(Talk.of(session, None), event, day) for session in sessions}

    versions = (Version(pk, updated) for pk, updated in shown.order_by().values_list("pk", "updated"))
    return tile_cache.get((each for each in versions if each.pk not in moved), (event.time_zone, day), make).values()


def _moved(found: Desk, day: date) -> list[Tile]:
    """The talks of that day, and those without a time, as the waiting moves make them."""
    return [_tile(talk, found.event, day) for talk in (*found.on_day(day), *found.without_time)]


def _tile(talk: Talk, event: Event, day: date) -> Tile:
    context: dict[str, Any] = {"talk": talk, "row": Words(event, {}, timezone.now()).row(talk), "slug": event.slug}
    context["begins"], dash, ends = context["row"].when.partition("–")
    context["to"] = dash + ends
    context["minutes"] = talk.length // MINUTE
    if isinstance(talk, TimedTalk):
        context["at"] = _at(event, day, talk.start, talk.end)
    return Tile(talk.pk, get_template("agenda/edit/_tile.html").render(context), talk.room, talk.need)


def _at(event: Event, day: date, start: datetime, end: datetime) -> str:
    """The minutes from the day's beginning to the start and to the end: "420 450"."""
    opens = event.day_bounds(day)[0]
    return f"{(start - opens) // MINUTE} {(end - opens) // MINUTE}"


def _frames(talk: Talk, event: Event, day: date) -> list[tuple[str, str]]:
    """The room and the empty frame where the talk is until its move is published; nothing if that is another day."""
    session, (opens, closes) = talk.session, event.day_bounds(day)
    if not {"when", "room"} & set(talk.changed) or not has_time(session) or not opens <= session.start < closes:
        return []
    at = _at(event, day, session.start, session.end)
    frame = get_template("agenda/edit/_frame.html").render({"title": session.title, "at": at})
    return [(talk.now["room"], frame)]


def _double_bookings(event: Event, tiles: Iterable[Tile]) -> tuple[list[BoardClash], set[int]]:
    by_need = {tile.need: tile.pk for tile in tiles}
    found = clashes(by_need)
    told = []
    for clash in found:
        start, end = max(clash.one.start, clash.other.start), min(clash.one.end, clash.other.end)
        span = span_of(datetime.fromisoformat(start), datetime.fromisoformat(end), event.zone)
        told.append(BoardClash(f"Double booking of {clash.needed}, {span}", (clash.one.title, clash.other.title)))
    return told, {by_need[need] for need in chain(*((clash.one, clash.other) for clash in found))}
