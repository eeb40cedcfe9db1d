"""Reads a programme that is a spreadsheet (.xlsx, .ods, .csv): a row a session, its columns known by their headers.

A column that is absent says nothing of its field; an empty cell says that there is nothing. Our own spreadsheets have
the guid in their column ID, so that one that was edited comes back to the same sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agenda.formats import spreadsheet_columns, text_table, workbook
from agenda.formats.assembly import folded
from agenda.formats.days import day_of
from agenda.formats.records import Around, CellToMend, ProgrammeRecord, RefusedFile, SessionRecord
from agenda.formats.spreadsheet_rows import RowsReader
from agenda.formats.spreadsheet_table import OLD_EXCEL, ZIP, Table
from agenda.formats.times import zone_named

TEXT_NAMES = (".csv", ".tsv", ".tab")
FEWEST_HEADERS = 2  # known ones that make a text a table of sessions
MOST_CELLS = 100  # that are asked about at once
CLOSE = 0.75  # how alike two words are of which one may be a slip of the other, up to 1
SHORTEST_WORD = 4


class Column(NamedTuple):
    """A column as the page shows it that lets an editor match columns; `field` is empty if none was guessed."""

    header: str
    field: str
    sample: str
    read_as: str  # how the sample is read, where that is not how it is written


def looks_like(data: bytes, name: str) -> bool:
    """True for a workbook, and for a text with the headers of a table of sessions."""
    if data.startswith(ZIP):
        return workbook.is_workbook(data)
    if data.lstrip()[:1] in (b"<", b"{", b"[") or data.startswith((b"%PDF", b"BEGIN:", OLD_EXCEL)):
        return name.casefold().endswith(".xls") and data.startswith(OLD_EXCEL)
    if name.casefold().endswith(TEXT_NAMES):
        return True
    try:
        sheet, _ = text_table.sheet(data[: text_table.LOOKED_AT], spreadsheet_columns.score)
    except RefusedFile:
        return False
    return any(spreadsheet_columns.score(row) >= FEWEST_HEADERS for row in sheet.rows[:20])


def read(
    data: bytes,
    *,
    zone: str = "",
    columns: Mapping[str, str] | None = None,
    mends: Mapping[str, str] | None = None,
    around: Around | None = None,
) -> ProgrammeRecord:
    """The programme in a spreadsheet. `zone` is where its times are, if no column says so. Raises RefusedFile.

    `columns` is header: field, as an editor matched them; an empty field leaves the column out. `mends` is what cells
    should say, by their names, such as "D9"; an empty one leaves its row out. `around` is what dates without a year are
    near.
    """
    table = Table(data, columns or {})
    table.check()
    return RowsReader(table, zone, mends, around).programme()


def cells_to_mend(
    data: bytes,
    *,
    zone: str,
    columns: Mapping[str, str],
    mends: Mapping[str, str],
    rooms: Collection[str] = (),
    days: tuple[date, date] | None = None,
    around: Around | None = None,
) -> list[CellToMend]:
    """The cells that keep a row from being a session, and those that may be slips, as `rooms` and `days` are known.

    Those that were answered are left out, unless the answer cannot be read either. Raises RefusedFile.
    """
    table = Table(data, columns)
    table.check()
    programme = RowsReader(table, zone, mends, around).programme()
    unread = [problem.cell for problem in programme.problems if problem.cell]
    doubts = [*_unknown_rooms(programme, table, rooms), *_other_days(programme, table, days)]
    return [*unread, *(cell for cell in doubts if cell.key not in mends)][:MOST_CELLS]


def _unknown_rooms(programme: ProgrammeRecord, table: Table, rooms: Collection[str]) -> Iterator[CellToMend]:
    """Rooms that stand in one row alone, and are written almost like a known one."""
    known, used = {folded(each): each for each in rooms}, Counter(session.room for session in programme.sessions)
    for session in programme.sessions:
        room = session.room or ""
        if not room or used[room] > 1 or folded(room) in known:
            continue
        if close := next((name for key, name in known.items() if _is_slip(folded(room), key)), ""):
            choices = ((close, close), (room, f"{room}: a new room"))
            yield _doubt(table, _row(session), "room", room, "No such room", choices)


def _is_slip(one: str, other: str) -> bool:
    """True for names that differ a little in one word, which is no number and no letter: halls A and B are two."""
    pairs = [pair for pair in zip_longest(one.split(), other.split(), fillvalue="") if pair[0] != pair[1]]
    if len(pairs) != 1 or not all(len(word) >= SHORTEST_WORD and word.isalpha() for word in pairs[0]):
        return False
    return SequenceMatcher(None, *pairs[0]).ratio() >= CLOSE


def _other_days(programme: ProgrammeRecord, table: Table, days: tuple[date, date] | None) -> Iterator[CellToMend]:
    """Days on which the event does not take place."""
    field, zone = "date" if "date" in table.places else "start", zone_named(programme.zone) or ZoneInfo("UTC")
    for session in programme.sessions if days else ():
        day, (first, last) = day_of(session.start, zone), days or (date.min, date.max)
        if not first <= day <= last:
            edge = first if day < first else last
            side = "Before the first day" if day < first else "After the last day"
            says = table.says(field, _row(session)) or str(day)
            choices = ((says, f"{says}: as it is"), ("", "leave the row out"))
            yield _doubt(table, _row(session), field, says, f"{side}, {edge.day} {edge:%B}", choices)


def _doubt(
    table: Table, row: int, field: str, says: str, problem: str, choices: tuple[tuple[str, str], ...]
) -> CellToMend:
    """The cell, its first choice suggested."""
    name = table.cell_name(field, row)
    return CellToMend(key=name, name=name, says=says, problem=problem, suggestion=choices[0][0], choices=choices)


def _row(session: SessionRecord) -> int:
    return int(session.where.removeprefix("row ").replace(",", ""))


def columns(data: bytes, chosen: Mapping[str, str] | None = None, around: Around | None = None) -> list[Column]:
    """The columns of a spreadsheet, with the first cell of each that is not empty. Raises RefusedFile."""
    table = Table(data, chosen or {})
    reader = RowsReader(table, "", around=around)
    return [
        Column(*reader.column(header))
        for header in table.headers
        if table.fields.get(header) or table.sample(header) != ""
    ]
