"""A day as a grid: each session's cell, rendered once per change, and the table that they are put into."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event, Room, Session
from agenda.programme.grid import Grid, GridCell, GridLine, RoomSlot, grid_of, percent
from agenda.programme.hours import ProgrammeList
from agenda.programme.rows import Slot, placed, zones_by_day
from agenda.programme.words import length_of_time
from agenda.version_cache import VersionCache

DAY = timedelta(days=1)
NO_ROOM = "No room yet"


class KeptCell(NamedTuple):
    """What is kept of a session for its cell: its room, and the HTML inside the cell."""

    room: int | None
    is_cancelled: bool
    plain: str  # safe
    starred: str


@dataclass(frozen=True, slots=True)
class GridDay:
    """A day as a table. `rooms` are the heads of its columns: a name, and how many lanes it is wide."""

    date: date
    zone: str  # its name on this day, if it has another on another day of the page
    rooms: tuple[tuple[str, int], ...]
    html: SafeString  # the lines


class Seen(NamedTuple):
    """What a cell's reader and the clock add to what is kept of it."""

    starred: Collection[int]
    notes: Mapping[int, str]  # safe HTML at the end of a cell, by pk
    moment: datetime
    zone: ZoneInfo
    is_whole: bool = True  # no session is left out by a filter, so that a pause is a break


# A cell is about 1.5 KB, starred or not.
cell_cache: VersionCache[KeptCell] = VersionCache(size=16_000)


def grid_days(listing: ProgrammeList, shown: Iterable[Slot], rooms: Iterable[Room]) -> list[GridDay]:
    """The slots as tables, by the day that they are listed under."""
    event, zone = listing.event, listing.zone
    by_day = placed(event, shown, zone, listing.window)
    zones = zones_by_day(by_day, zone)
    names: dict[int | None, str] = {**{room.pk: room.name for room in rooms}, None: NO_ROOM}
    days = []
    for day, pairs in by_day.items():
        kept: dict[int, KeptCell] = {}
        for still_on in {said == "still on" for _, said in pairs}:
            slots = [slot for slot, said in pairs if (said == "still on") == still_on]
            kept |= kept_cells(slots, zone=zone, usual_language=event.usual_language, still_on=still_on)
        found = [slot for slot, _ in pairs if slot.pk in kept]
        room_slots = tuple(RoomSlot(slot.pk, kept[slot.pk].room, slot.start, slot.end) for slot in found)
        grid = grid_of(room_slots, tuple(names), bounds_of(event, day, zone))
        mine = [slot for slot in room_slots if slot.pk in listing.starred and not kept[slot.pk].is_cancelled]
        seen = Seen(listing.starred, overlaps_of(mine), listing.moment, zone, is_whole=listing.with_breaks)
        heads = tuple((names[room.room], room.lanes) for room in grid.rooms)
        days.append(GridDay(day, zones.get(day, ""), heads, html_of(grid, kept, seen)))
    return days


def bounds_of(event: Event, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The span under a day's heading in UTC: the programme day, or in a zone of the reader's own the date there."""
    if zone.key == event.time_zone:
        return event.day_bounds(day)
    midnights = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + DAY))
    start, end = midnights
    return start, end


def overlaps_of(slots: Sequence[RoomSlot]) -> dict[int, str]:
    """How many of the others each slot overlaps, as its cell says it, by pk; without those that overlap none."""
    starts, ends = sorted(slot.start for slot in slots), sorted(slot.end for slot in slots)
    counts = {slot.pk: bisect_left(starts, slot.end) - bisect_right(ends, slot.start) - 1 for slot in slots}
    return {pk: f'<p class="overlap">overlaps {count} ★</p>' for pk, count in counts.items() if count}


def kept_cells(
    shown: Iterable[Slot], *, zone: ZoneInfo, usual_language: str, still_on: bool = False, with_room: bool = False
) -> dict[int, KeptCell]:
    """What is kept of each session for its cell, by pk. Its star is with the first of its cells."""

    def make(pks: list[int]) -> dict[int, KeptCell]:
        template = get_template("agenda/_cell.html")
        made = {}
        with timezone.override(zone):
            for session in Session.objects.filter(pk__in=pks).with_details():
                session.usual_language = usual_language
                context = {"session": session, "still_on": still_on, "with_room": with_room}
                plain, starred = (template.render({**context, "starred": starred}) for starred in (False, True))
                made[session.pk] = KeptCell(session.room_id, session.is_cancelled, plain, starred)
        return made

    return cell_cache.get([slot.version for slot in shown], (zone.key, usual_language, still_on, with_room), make)


def html_of(grid: Grid, kept: Mapping[int, KeptCell], seen: Seen) -> SafeString:
    """The lines of the table. The time of now is in the line that is on, else in the first, where it is not shown."""
    now = next((line for line in grid.lines if line.start <= seen.moment < line.end), None)
    lines = [_line(line, grid, kept, seen, now) for line in grid.lines]
    return mark_safe("".join(lines))  # noqa: S308 (numbers and times, around what templates rendered)


def _line(line: GridLine, grid: Grid, kept: Mapping[int, KeptCell], seen: Seen, now: GridLine | None) -> str:
    classes = "pause" if line.is_pause else f"units-{line.height}"
    if line is now:
        classes += f" now at-{percent(seen.moment - line.start, line.length)}"
    span = f'data-start="{line.start.timestamp():.0f}" data-end="{line.end.timestamp():.0f}"'
    tag = _tag(seen, is_now=now is not None) if line is (now or grid.lines[0]) else ""
    head = f'<th scope="row">{_time(line.start, seen.zone)}{tag}</th>'
    if line.is_pause:
        what = "Break" if seen.is_whole else "Nothing"
        words = f"{what} until {_time(line.end, seen.zone)} · {length_of_time(line.length)}"
        cells = f'<td colspan="{grid.lanes}"><p>{words}</p></td>'
    else:
        ends = Counter(cell.end for cell in line.cells if cell.pk)
        usual = max(ends, key=ends.__getitem__, default=None)
        cells = "".join(_cell(cell, kept.get(cell.pk), seen, usual) for cell in line.cells)
    return f'<tr class="{classes}" {span}>{head}{cells}</tr>\n'


def _cell(cell: GridCell, kept: KeptCell | None, seen: Seen, usual_end: datetime | None) -> str:
    spans = f' colspan="{cell.lanes}"' * (cell.lanes > 1) + f' rowspan="{cell.lines}"' * (cell.lines > 1)
    if kept is None or cell.start is None or cell.end is None:
        return f"<td{spans}></td>"
    classes = [f"less-{cell.less}"] * (cell.less > 0) + ["cancelled"] * kept.is_cancelled
    classes += ["other-end"] * (cell.end != usual_end)
    if cell.start <= seen.moment < cell.end:
        classes += ["on", f"at-{percent(seen.moment - cell.start, cell.end - cell.start)}"]
    said = f' class="{" ".join(classes)}"' if classes else ""
    inside = kept.starred if cell.pk in seen.starred else kept.plain
    return f'<td{spans}{said}><div class="cell">{inside}{seen.notes.get(cell.pk, "")}</div></td>'


def _tag(seen: Seen, *, is_now: bool) -> str:
    """The time of now, beside the hour of the line that is on. In another line it is not shown."""
    place = ' id="now"' if is_now else ""
    now = f"<time>{seen.moment.astimezone(seen.zone):%H:%M}</time>"
    return f'<span class="now-tag"{place}><span class="visually-hidden"> now </span>{now}</span>'


def _time(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f'<time datetime="{local.isoformat()}">{local:%H:%M}</time>'
