"""Where each session of a day stands in a table of rooms across and time down: a plain function, without a query."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

PAUSE = timedelta(minutes=30)  # in which nothing is on in any room: from this length on, one low line
UNIT = timedelta(minutes=5)  # of the height of a line
LEAST, MOST = 3, 12  # units: a line is high enough for a star to tap, and at most as high as an hour
STEP = 5  # per cent: heights within a line are multiples of it, as the style sheet has a rule for each


class RoomSlot(NamedTuple):
    """When and where a session is on; `room` is None where it has none yet."""

    pk: int
    room: int | None
    start: datetime
    end: datetime


class GridRoom(NamedTuple):
    """A room of the grid, as wide as the number of its sessions that are on at the same time."""

    room: int | None
    lanes: int


@dataclass(slots=True)
class GridCell:
    """A cell of the table. Without a session (pk 0) it is empty."""

    pk: int = 0
    start: datetime | None = None  # as it is shown: within the day
    end: datetime | None = None
    lanes: int = 1  # across
    lines: int = 1  # down
    less: int = 0  # per cent of its height that are below the session's end


@dataclass(slots=True)
class GridLine:
    """A line of the table: from the start of a session to the next start of any; or a pause of all rooms."""

    start: datetime
    end: datetime
    is_pause: bool = False
    cells: list[GridCell] = field(default_factory=list)  # that begin in it, from left to right; none in a pause

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def height(self) -> int:
        """In units, to scale as far as LEAST and MOST allow."""
        return max(LEAST, min(MOST, round(self.length / UNIT)))


@dataclass(frozen=True, slots=True)
class Grid:
    rooms: list[GridRoom]
    lines: list[GridLine]

    @property
    def lanes(self) -> int:
        return sum(room.lanes for room in self.rooms)


def percent(part: timedelta, whole: timedelta) -> int:
    """The part of the whole in per cent, rounded down to a multiple of STEP."""
    return part * 100 // whole // STEP * STEP


@lru_cache(maxsize=64)  # of about 100 KB
def grid_of(
    slots: tuple[RoomSlot, ...],
    rooms: tuple[int | None, ...],
    window: tuple[datetime, datetime],
    hours: tuple[datetime, ...] = (),
) -> Grid:
    """The table of the sessions that are on in the window, each cut where it begins or ends.

    `rooms` gives the order of the rooms; those without a session are left out. If the full hours of the day are given,
    each begins a line too, and a pause is as high as it is long. What is returned is kept: it must not be changed.
    """
    cut = sorted(
        (
            slot._replace(start=max(slot.start, window[0]), end=min(slot.end, window[1]))
            for slot in slots
            if slot.start < window[1] and slot.end > window[0]
        ),
        key=lambda slot: (slot.start, slot.end, slot.pk),
    )
    lines = list(_lines(cut, hours))
    taken: dict[tuple[int, int], GridCell] = {}  # by line and lane: a cell stands at each place that it covers
    used: list[GridRoom] = []
    by_room: dict[int | None, list[RoomSlot]] = defaultdict(list)
    for slot in cut:
        by_room[slot.room].append(slot)
    for room in rooms:
        if room in by_room:
            used.append(GridRoom(room, _place(by_room[room], lines, sum(lanes for _, lanes in used), taken)))
    _fill(lines, used, taken)
    return Grid(used, lines)


def _lines(cut: Sequence[RoomSlot], hours: Collection[datetime]) -> Iterator[GridLine]:
    """The lines of the table, in order, from the first start to the last end, or to full hours around both."""
    if not cut:
        return
    busy_until = cut[0].start
    pauses, bounds = set[datetime](), {slot.start for slot in cut}
    for slot in cut:
        if slot.start - busy_until >= PAUSE and not hours:
            pauses.add(busy_until)
        busy_until = max(busy_until, slot.end)
    first = max((hour for hour in hours if hour <= cut[0].start), default=cut[0].start)
    last = min((hour for hour in hours if hour >= busy_until), default=busy_until)
    ordered = sorted({*bounds, *pauses, first, last, *(hour for hour in hours if first < hour < last)})
    for start, end in pairwise(ordered):
        yield GridLine(start, end, start in pauses)


def _place(
    slots: Iterable[RoomSlot], lines: Sequence[GridLine], first: int, taken: dict[tuple[int, int], GridCell]
) -> int:
    """Puts the sessions of one room beside each other where they overlap, from the lane `first` on; returns its lanes.

    A session goes into the first lane that is free when it starts. As each start begins a line, no line of a lane has
    two sessions.
    """
    starts = [line.start for line in lines]
    ends: list[datetime] = []  # of the last session in each lane
    placed = []
    for slot in slots:
        lane = next((number for number, end in enumerate(ends) if end <= slot.start), len(ends))
        ends[lane : lane + 1] = [slot.end]
        covered = range(bisect_left(starts, slot.start), bisect_left(starts, slot.end))
        less = _less(slot, [lines[number] for number in covered])
        cell = GridCell(slot.pk, slot.start, slot.end, lines=len(covered), less=less)
        placed.append((cell, first + lane, covered))
        taken |= {(number, first + lane): cell for number in covered}
    for cell, lane, covered in placed:  # as wide as the lanes to its right are free
        while lane + cell.lanes < first + len(ends) and not any((n, lane + cell.lanes) in taken for n in covered):
            taken |= {(number, lane + cell.lanes): cell for number in covered}
            cell.lanes += 1
    return len(ends)


def _less(slot: RoomSlot, covered: Sequence[GridLine]) -> int:
    """How much of the height of the lines that a session covers is below its end, in per cent."""
    last = covered[-1]
    if slot.end == last.end:
        return 0
    height = sum(line.height for line in covered)
    return int((last.end - slot.end) / last.length * last.height / height * 100) // STEP * STEP


def _fill(lines: Sequence[GridLine], rooms: Sequence[GridRoom], taken: dict[tuple[int, int], GridCell]) -> None:
    """Gives each line the cells that begin in it, and empty ones where a room has no session."""
    for number, line in enumerate(lines):
        lane = 0
        for room in rooms if not line.is_pause else ():
            end = lane + room.lanes
            while lane < end:
                cell = taken.get((number, lane))
                if cell is None:
                    cell = GridCell(lanes=next((n for n in range(lane, end) if (number, n) in taken), end) - lane)
                    line.cells.append(cell)
                elif taken.get((number - 1, lane)) is not cell:
                    line.cells.append(cell)
                lane += cell.lanes
