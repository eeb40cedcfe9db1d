"""Reads a programme that is a spreadsheet (.xlsx, .ods, .csv): a row a session, its columns known by their headers.

A column that is absent says nothing of its field; an empty cell says that there is nothing. Our own spreadsheets have
the guid in their column ID, so that one that was edited comes back to the same sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agenda.formats import spreadsheet_columns, text_table, workbook
from agenda.formats.records import ProgrammeRecord, RefusedFile
from agenda.formats.spreadsheet_rows import RowsReader
from agenda.formats.spreadsheet_table import OLD_EXCEL, ZIP, Table

TEXT_NAMES = (".csv", ".tsv", ".tab")
FEWEST_HEADERS = 2  # known ones that make a text a table of sessions


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


def read(data: bytes, *, zone: str = "", columns: Mapping[str, str] | None = None) -> ProgrammeRecord:
    """The programme in a spreadsheet. `zone` is where its times are, if no column says so. Raises RefusedFile.

    `columns` is header: field, as an editor matched them; an empty field leaves the column out.
    """
    table = Table(data, columns or {})
    table.check()
    return RowsReader(table, zone).programme()


def columns(data: bytes, chosen: Mapping[str, str] | None = None) -> list[Column]:
    """The columns of a spreadsheet, with the first cell of each that is not empty. Raises RefusedFile."""
    table = Table(data, chosen or {})
    reader = RowsReader(table, "")
    return [
        Column(*reader.column(header))
        for header in table.headers
        if table.fields.get(header) or table.sample(header) != ""
    ]
