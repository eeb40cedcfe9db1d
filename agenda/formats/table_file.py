"""Writes a programme as a table, to be edited and read in again: .csv and .xlsx, a row a session."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import xlsxwriter

from agenda.formats.plain_text import one_line
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord, UntimedRecord
from agenda.formats.xml_text import in_xml

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# `ID` is the guid: by it, what comes back is merged with what is here.
HEADERS = (
    *("ID", "Title", "Subtitle", "Byline", "Start", "End", "Time zone", "Room", "Track", "Speakers", "Status"),
    *("Language", "Abstract", "Slides included", "Materials", "URL"),
)
WIDE = {"ID": 12, "Title": 50, "Byline": 30, "Start": 17, "End": 17, "Speakers": 30, "Abstract": 60}  # characters
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
EXCEL_BEGINS = 1900  # years; spreadsheets have no date before
# The same data gives the same bytes, so the file does not say when it was made.
NO_DATE = datetime(1980, 1, 1)  # noqa: DTZ001 (XlsxWriter takes no zone)

Cell: TypeAlias = str | datetime  # without zone


def programme_csv(*programmes: ProgrammeRecord, with_event: bool = False) -> bytes:
    """The table as CSV (RFC 4180), with the byte order mark by which spreadsheets know UTF-8.

    If `with_event`, the first column is the programme's title.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(["Event"] if with_event else []), *HEADERS])
    for programme in programmes:
        for row in _rows(programme):
            cells = [_told(cell) if isinstance(cell, datetime) else in_csv(cell) for cell in row]
            writer.writerow([*([in_csv(in_xml(programme.title))] if with_event else []), *cells])
    return text.getvalue().encode("utf-8-sig")


def programme_xlsx(programme: ProgrammeRecord) -> bytes:
    """The table as a workbook of one sheet. Every text is written as text, and never as a formula or link."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    book.set_properties({"title": in_xml(programme.title), "created": NO_DATE})
    sheet = book.add_worksheet("Programme")
    heading, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 2)
    for column, header in enumerate(HEADERS):
        sheet.write_string(0, column, header, heading)
        sheet.set_column(column, column, WIDE.get(header, 12))
    for number, row in enumerate(_rows(programme), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime) and cell.year >= EXCEL_BEGINS and not cell.microsecond:
                sheet.write_datetime(number, column, cell, moment)
            elif cell:
                sheet.write_string(number, column, _told(cell) if isinstance(cell, datetime) else cell)
    book.close()
    return written.getvalue()


def in_csv(text: str) -> str:
    """The text with an apostrophe before it, if a spreadsheet would take it for a formula. out_of_csv() undoes it."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_SIGNS) else text


def out_of_csv(cell: str) -> str:
    """The text that in_csv() wrote as this cell."""
    return cell[1:] if cell.startswith("'") and in_csv(cell[1:]) == cell else cell


def _rows(programme: ProgrammeRecord) -> Iterator[tuple[Cell, ...]]:
    zone = ZoneInfo(programme.zone or "UTC")
    for session in programme.listed:
        cells = _cells(session, zone)
        yield tuple(in_xml(cell) if isinstance(cell, str) else cell for cell in cells)


def _cells(session: UntimedRecord, zone: ZoneInfo) -> tuple[Cell, ...]:
    times = (session.start, session.end) if isinstance(session, SessionRecord) else ()
    return (
        str(session.guid or session.external_id),
        session.title,
        session.subtitle or "",
        session.byline or "",
        *((_local(moment, zone) for moment in times) if times else ("", "")),
        zone.key,
        session.room or "",
        session.track or "",
        "; ".join(session.speakers or ()),
        session.status or "",
        session.language or "",
        session.abstract or "",
        "" if session.slides_included is None else "yes" if session.slides_included else "no",
        "\n".join(_material(each) for each in session.materials or ()),
        session.url or "",
    )


def _local(moment: datetime, zone: ZoneInfo) -> Cell:
    """The time by the clocks there; with its offset in an hour that they repeat, the second time."""
    local = moment.astimezone(zone)
    return _told(local) if local.fold else local.replace(tzinfo=None)


def _told(moment: datetime) -> str:
    return moment.isoformat(" ", "auto" if moment.second or moment.microsecond else "minutes")


def _material(material: MaterialRecord) -> str:
    """ "slides: the title, https://…" on one line."""
    return f"{material.kind}: " + ", ".join(one_line(part) for part in (material.title, material.url) if part)
