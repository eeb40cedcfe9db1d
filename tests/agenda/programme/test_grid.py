"""Where sessions stand in a table of rooms and times: each once, none over another, a day cut at its edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agenda.programme.grid import Grid, GridCell, RoomSlot, grid_of

MIDNIGHT = datetime(2031, 5, 7, tzinfo=UTC)
DAY = (MIDNIGHT + timedelta(hours=4), MIDNIGHT + timedelta(hours=28))
ROOMS = (1, 2, None)
HOURS = tuple(DAY[0] + timedelta(hours=number) for number in range(25))


def slot(pk: int, room: int | None, start: str, end: str) -> RoomSlot:
    moments = (datetime.fromisoformat(f"2031-05-{text}:00+00:00") for text in (start, end))
    return RoomSlot(pk, room, *moments)


def table(grid: Grid) -> list[dict[int, GridCell]]:
    """The cell at each place of the table, line by line, by the rules of HTML; two cells of one place are an error."""
    places: list[dict[int, GridCell]] = [{} for _ in grid.lines]
    for number, line in enumerate(grid.lines):
        for cell in line.cells:
            lane = next(lane for lane in range(grid.lanes + 1) if lane not in places[number])
            for row in places[number : number + cell.lines]:
                for place in range(lane, lane + cell.lanes):
                    assert place not in row
                    row[place] = cell
    return places


def drawn(grid: Grid) -> list[str]:
    return [
        f"{line.start:%H:%M} {line.height:2} "
        + ("---" if line.is_pause else " ".join(str(row[lane].pk or ".") for lane in range(grid.lanes)))
        for line, row in zip(grid.lines, table(grid), strict=True)
    ]


TALKS = (
    slot(1, 1, "07T09:00", "07T09:30"),
    slot(2, 2, "07T09:00", "07T10:40"),  # long
    slot(3, 1, "07T09:45", "07T10:40"),
    slot(4, 1, "07T10:30", "07T11:00"),  # while 3 is on
    slot(5, None, "07T10:00", "07T10:20"),
    slot(6, 2, "07T11:29", "07T12:00"),  # less than a pause later
    slot(7, 1, "07T12:30", "07T15:00"),
    slot(8, 2, "08T03:30", "08T09:00"),  # longer than the day
    slot(9, 2, "08T04:00", "08T05:00"),  # of the next day
)


def test_day_is_a_table_of_rooms_and_times():
    grid = grid_of(TALKS, ROOMS, DAY)

    assert [tuple(room) for room in grid.rooms] == [(1, 2), (2, 1), (None, 1)]
    assert drawn(grid) == [
        "09:00  9 1 1 2 .",
        "09:45  3 3 . 2 .",
        "10:00  6 3 . 2 5",
        "10:30 12 3 4 2 .",
        "11:29  6 . . 6 .",
        "12:00  6 ---",
        "12:30 12 7 7 . .",
        "15:00 12 ---",
        "03:30  6 . . 8 .",
    ]
    cells = {cell.pk: cell for line in grid.lines for cell in line.cells if cell.pk}
    assert {pk: cell.less for pk, cell in cells.items()} == {1: 30, 2: 30, 3: 45, 4: 45, 5: 30, 6: 0, 7: 0, 8: 0}
    assert cells[8].end == DAY[1]


def test_day_by_hours_has_each_hour_and_no_pause():
    grid = grid_of((slot(1, None, "07T09:10", "07T09:40"), slot(2, None, "07T11:00", "07T11:45")), (None,), DAY, HOURS)

    assert drawn(grid) == ["09:00  3 .", "09:10 10 1", "10:00 12 .", "11:00 12 2"]
    assert grid_of((), (None,), DAY, HOURS).lines == []


minutes = st.integers(min_value=0, max_value=1900)
some_slots = st.lists(st.tuples(st.sampled_from(ROOMS), minutes, st.integers(min_value=1, max_value=700)), max_size=24)


@given(some_slots, st.sampled_from([(), HOURS]))
def test_each_session_of_the_day_stands_once_and_over_no_other(spans, hours):
    slots = tuple(
        RoomSlot(pk, room, MIDNIGHT + timedelta(minutes=start), MIDNIGHT + timedelta(minutes=start + length))
        for pk, (room, start, length) in enumerate(spans, 1)
    )

    grid = grid_of(slots, ROOMS, DAY, hours)

    here = {slot.pk: slot for slot in slots if slot.start < DAY[1] and slot.end > DAY[0]}
    cells = [cell for line in grid.lines for cell in line.cells if cell.pk]
    assert sorted(cell.pk for cell in cells) == sorted(here)
    rooms = [room for room, lanes in grid.rooms for _ in range(lanes)]
    for line, row in zip(grid.lines, table(grid), strict=True):
        assert sorted(row) == ([] if line.is_pause else list(range(grid.lanes)))
        for lane, cell in row.items():
            if cell.pk:
                assert here[cell.pk].room == rooms[lane]
                assert max(here[cell.pk].start, DAY[0]) <= line.start < min(here[cell.pk].end, DAY[1])
        on = {pk for pk, each in here.items() if each.start < line.end and each.end > line.start}
        assert on == {cell.pk for cell in row.values() if cell.pk}
    assert all(cell.less in range(0, 100, 5) for cell in cells)
    assert all(one.end == other.start for one, other in zip(grid.lines, grid.lines[1:], strict=False))
