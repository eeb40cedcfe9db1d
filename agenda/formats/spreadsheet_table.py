"""The sheet of a workbook or text that has the programme: its headers, the fields of its columns, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from agenda.formats import spreadsheet_columns, text_table, workbook
from agenda.formats.plain_text import one_line
from agenda.formats.records import LARGEST_FILE, MOST_SESSIONS, Problem, RefusedFile
from agenda.formats.table_file import out_of_csv
from agenda.formats.workbook import Cell, Sheet

ZIP, OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
MOST_COLUMNS = 500
OURS = {"ID", "Title", "Byline", "Time zone", "Slides included", "Materials"}  # among the headers that we write


class Table:
    """The sheet that has the programme: its headers, the fields of its columns, and the rows below."""

    def __init__(self, data: bytes, chosen: Mapping[str, str]) -> None:
        if len(data) > LARGEST_FILE:
            raise RefusedFile("This spreadsheet is larger than 50 MB: keep the programme's sheet alone.")
        self.format, sheets, self.problems = _opened(data)
        sheet = max(sheets, key=lambda each: max(map(spreadsheet_columns.score, each.rows[:20]), default=0))
        at = spreadsheet_columns.header_row(sheet.rows, chosen)
        if at >= len(sheet.rows):
            raise RefusedFile("This spreadsheet is empty: it needs a row with headers, and a row for each session.")
        width = max(map(len, sheet.rows[at:]))
        if width > MOST_COLUMNS:
            raise RefusedFile(f"This spreadsheet has more than {MOST_COLUMNS} columns: keep those of the programme.")
        self.headers = spreadsheet_columns.names_of(sheet.rows[at], width)
        own = {header: field for header, field in chosen.items() if field in spreadsheet_columns.FIELDS}
        free = [header for header in self.headers if header not in chosen]
        guesses = spreadsheet_columns.guessed(free)
        guesses = {header: field for header, field in guesses.items() if field not in own.values()}
        self.fields = {header: field for header, field in {**guesses, **own}.items() if header in self.headers}
        self.places = {field: self.headers.index(header) for header, field in self.fields.items()}
        self.is_ours = set(self.headers) >= OURS
        self.first = at + 2  # the number of the row below the headers, counted from 1
        self.rows = _unmerged(sheet, self.places)[at + 1 :]
        for field in {"start", "end"} & self.places.keys():
            self._restore_midnights(field)
        if len(sheets) > 1 and sheet.name:
            self.problems.append(Problem("", f"Only the sheet “{sheet.name}” was read; the others were not."))

    def check(self) -> None:
        """Raises RefusedFile for a table that cannot be a programme, or is too large for one."""
        missing = [word for word in ("title", "start") if word not in self.places]
        if missing:
            listed = ", ".join(f"“{header}”" for header in self.headers[:12])
            raise RefusedFile(
                f"This spreadsheet has no column for the {' and the '.join(missing)}. Its columns are {listed}:"
                " match them, or rename them to Title and Start."
            )
        if sum(any(cell != "" for cell in row) for row in self.rows) > MOST_SESSIONS:
            raise RefusedFile(f"This spreadsheet has more than {MOST_SESSIONS:,} sessions: too many for one event.")

    def _restore_midnights(self, field: str) -> None:
        """Gives the time 00:00 back to dates, as the library reads a date with that time as a date alone.

        In a stranger's column that has no date with a time, the time is missing and stays so.
        """
        if self.is_ours or any(isinstance(cell, datetime) for cell in self.cells(field)):
            place = self.places[field]
            for row in self.rows:
                cell = row[place] if place < len(row) else ""
                if isinstance(cell, date) and not isinstance(cell, datetime):
                    row[place] = datetime.combine(cell, time())

    def cells(self, *fields: str) -> list[Cell]:
        """All cells of the columns of these fields."""
        places = [self.places[field] for field in fields if field in self.places]
        return [row[place] for row in self.rows for place in places if place < len(row)]

    def sample(self, header: str) -> Cell:
        place = self.headers.index(header)
        return next((row[place] for row in self.rows if place < len(row) and row[place] != ""), "")

    def cell_name(self, field: str, row: int) -> str:
        """ "D9"."""
        return f"{spreadsheet_columns.letters(self.places[field])}{row}"

    def says(self, field: str, row: int) -> str:
        """What the cell says in that row, whose number is counted from 1; empty for one that is not there."""
        cells, place = self.rows[row - self.first], self.places[field]
        return one_line(written(cells[place])) if place < len(cells) else ""

    def header(self, field: str) -> str:
        return self.headers[self.places[field]]


def written(cell: Cell) -> str:
    """The cell as a person would write it. The apostrophe before what would be a formula is left out."""
    if isinstance(cell, str):
        return out_of_csv(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:g}"
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _opened(data: bytes) -> tuple[str, list[Sheet], list[Problem]]:
    """What the file is, its sheets, and what had to be guessed. Raises RefusedFile."""
    if data.startswith(OLD_EXCEL):
        raise RefusedFile("This is a workbook of an old Excel (.xls), or has a password: save it as .xlsx without one.")
    if data.startswith(ZIP):
        sheets = workbook.sheets(data)
        if not sheets:
            raise RefusedFile("This workbook is empty: it needs a row with headers, and a row for each session.")
        is_open = b"opendocument" in data[:200]
        return "OpenDocument spreadsheet" if is_open else "Excel workbook", sheets, []
    if data.lstrip()[:1] in (b"<", b"{") or data.startswith((b"%PDF", b"BEGIN:")):
        raise RefusedFile("This is no spreadsheet: give a file in .xlsx, .ods or .csv.")
    sheet, problems = text_table.sheet(data, spreadsheet_columns.score)
    return "CSV table", [sheet], problems


def _unmerged(sheet: Sheet, places: Mapping[str, int]) -> list[list[Cell]]:
    """The rows, a cell that is merged over several of them standing in each.

    A title that is merged over rows is one session, which only lists its speakers in several rows.
    """
    titles = {places[field] for field in ("title", "id") if field in places}
    speakers = places.get("speakers", -1)
    if sum(max(bottom - top, 0) for (top, _), (bottom, _) in sheet.merged) > workbook.MOST_CELLS:
        raise RefusedFile(workbook.TOO_LARGE)
    for (top, column), (bottom, _) in sheet.merged:
        rows = sheet.rows[top : bottom + 1]
        if column in titles and column == places.get("title"):
            listed = [str(row[speakers]) for row in rows if 0 <= speakers < len(row) and row[speakers] != ""]
            for row in rows[1:]:
                row[:] = []
            if len(listed) > 1:
                rows[0][speakers] = "\n".join(listed)
        elif column not in titles:
            for row in rows[1:]:
                if column < len(row) and row[column] == "":
                    row[column] = rows[0][column]
    return sheet.rows
