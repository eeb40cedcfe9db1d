"""What is on in each room of an event at a moment, and what follows there today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from agenda.models import Event
from agenda.programme.kept_sessions import parts
from agenda.programme.timetable import Placed


class RoomNow(NamedTuple):
    """A room, what is on there (in most rooms one session, in many none), and what starts next that day."""

    name: str
    on: list[Placed]
    following: list[Placed]  # more than one where several start together


class RoomRow(NamedTuple):
    """A room as the page shows it."""

    name: str
    ends: datetime | None  # of what is on
    parts: list[SafeString]


def rooms_now(event: Event, sessions: Iterable[Placed], moment: datetime) -> list[RoomNow]:
    """The rooms in which something is on or still to come, in order of time and room; of one programme day.

    That is today or, if nothing of today is left, the next day on which there is something. The sessions must be in
    order. Those without a room come last, as one room without a name.
    """
    coming = [each for each in sessions if each.end > moment]
    ends = event.day_bounds(event.day_of(max(moment, coming[0].start)))[1] if coming else moment
    by_room: dict[str, list[Placed]] = defaultdict(list)
    for each in coming:
        if each.start < ends:
            by_room[each.room or ""].append(each)
    return [_room_now(name, placed, moment) for name, placed in sorted(by_room.items(), key=lambda pair: not pair[0])]


def _room_now(name: str, coming: list[Placed], moment: datetime) -> RoomNow:
    later = [each for each in coming if each.start > moment]
    on = [each for each in coming if each.start <= moment]
    return RoomNow(name, on, [each for each in later if each.start == later[0].start])


def first_start(rooms: Iterable[RoomNow]) -> datetime | None:
    """When the first of these sessions begins or began; None if there are none."""
    return min((each.start for room in rooms for each in (*room.on, *room.following)), default=None)


def room_rows(event: Event, rooms: Iterable[RoomNow], starred: set[int], zone: ZoneInfo) -> list[RoomRow]:
    """The rooms with their lines, each rendered once per change. The stars are those of what follows."""
    found = list(rooms)
    lines: dict[int, SafeString] = {}
    for is_next in (False, True):
        placed = [each for room in found for each in (room.following if is_next else room.on)]
        for is_starred in (False, True):
            wanted = [each for each in placed if (each.pk in starred) == is_starred]
            given = {"is_next": is_next, "starred": is_starred}
            lines |= parts("agenda/_room_line.html", event, (each.version for each in wanted), zone, **given)
    return [
        RoomRow(
            room.name,
            min((each.end for each in room.on), default=None),
            [lines[each.pk] for each in (*room.on, *room.following) if each.pk in lines],
        )
        for room in found
    ]
