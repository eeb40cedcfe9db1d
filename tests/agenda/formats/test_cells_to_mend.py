"""Cells of a spreadsheet that may be mended: each is named, and has a suggestion where there is a likely one."""

from __future__ import annotations

from datetime import date

import pytest

from agenda.formats import spreadsheet
from agenda.formats.records import CellToMend

HEAD = "Title;Date;Start;End;Room\n"
GOOD = "First;14.12.2020;14:00;15:00;Tan Room\n"


def cells(row: str, *mends: tuple[str, str], head: str = HEAD, good: str = GOOD) -> list[CellToMend]:
    days = date(2020, 12, 14), date(2020, 12, 16)
    rooms = ["Tan Room", "Gray Room"]
    data = (head + good + row).encode()
    return spreadsheet.cells_to_mend(data, zone="Europe/Berlin", columns={}, mends=dict(mends), rooms=rooms, days=days)


@pytest.mark.parametrize(
    ("row", "name", "problem", "suggestion"),
    [
        ("A;15.12.2020;25:30;16:00;", "C3", "“25:30” is no time of the day", "15:30"),
        ("A;15.12.2020;1O.3O;16:00;", "C3", "“1O.3O” is no date or time", "10.30"),
        ("A;15.12.2020;41:30;16:00;", "C3", "“41:30” is no time of the day", "14:30"),
        ("A;15.12.2020;15:00;1600x;", "D3", "“1600x” is no date or time", "1600"),
        ("A;15.12.2020;1x:30;16:00;", "C3", "“1x:30” is no date or time", "15:30"),
        ("A;15.12.2020;after lunch;16:00;", "C3", "“after lunch” is no date or time", ""),
        ("A;45.12.2020;15:00;16:00;", "B3", "“45.12.2020” is no date in the order year, month, day", "15.12.2020"),
        ("A;15.12.2020;;16:00;", "C3", "There is no start", ""),
        (";15.12.2020;15:00;16:00;", "A3", "There is no title", ""),
        ("A;15.12.2020;15:00;16:00;Grey Room", "E3", "No such room", "Gray Room"),
        ("A;17.12.2020;15:00;16:00;", "B3", "After the last day, 16 December", "17.12.2020"),
        ("A;1.12.2020;15:00;16:00;", "B3", "Before the first day, 14 December", "1.12.2020"),
    ],
)
def test_cell_is_named_with_its_problem_and_a_suggestion(row, name, problem, suggestion):
    (cell,) = cells(row)

    assert (cell.name, cell.suggestion) == (name, suggestion)
    assert cell.problem.partition(" in the order")[0] == problem.partition(" in the order")[0]


def test_length_is_mended_too():
    (cell,) = cells("A;14.12.2020;15:00;9O minutes\n", head="Title;Date;Start;Duration\n", good="")

    assert (cell.name, cell.suggestion) == ("D2", "90 minutes")


@pytest.mark.parametrize(
    ("row", "mend", "title_and_start", "problems"),
    [
        ("A;15.12.2020;25:30;16:00;", ("C3", "15:30"), [("First", 13), ("A", 14)], 0),
        ("A;15.12.2020;25:30;16:00;", ("C3", ""), [("First", 13)], 1),
        ("A;17.12.2020;15:00;16:00;", ("B3", ""), [("First", 13)], 1),
        ("A;15.12.2020;25:30;16:00;", ("C3", "26:30"), [("First", 13)], 1),
    ],
)
def test_mended_row_is_read_and_one_without_its_cell_is_left_out(row, mend, title_and_start, problems):
    data = (HEAD + GOOD + row).encode()

    programme = spreadsheet.read(data, zone="Europe/Berlin", mends=dict([mend]))

    assert [(each.title, each.start.hour) for each in programme.sessions] == title_and_start
    assert sum("left out" in problem.text for problem in programme.problems) == problems
    assert len(cells(row, mend)) == (mend[1] == "26:30")


def test_fault_without_a_cell_of_its_own_is_a_problem_alone():
    head, row = "Title;Start\n", "A;2020-12-15 9:00 – 2099-12-15 10:00\n"
    programme = spreadsheet.read((head + row).encode(), zone="Europe/Berlin")

    assert cells(row, head=head, good="") == []
    assert [each.text for each in programme.problems if each.where] == ["The end is too far off; the row was left out."]


DIFFERENT = [("Grey Room", "Grey Room"), ("Tan Room B", ""), ("Room 5", "Hall"), ("Tam Room", "")]


@pytest.mark.parametrize("rooms", DIFFERENT)
def test_room_that_may_well_be_another_is_a_new_one(rooms):
    assert cells("".join(f"{at};15.12.2020;9:00;10:00;{room}\n" for at, room in enumerate(rooms))) == []
