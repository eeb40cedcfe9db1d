"""Opens workbooks (.xlsx, .ods) as rows of cells, after a look at what unpacking and filling them would take.

A few kilobytes can claim gigabytes: by what they unpack to, by one cell in the last row and column, or by a row that is
repeated a million times. Such a file is refused before the library that reads it would try.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from lxml import etree
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from agenda.formats.records import MOST_SESSIONS, RefusedFile

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta

MOST_UNPACKED = 100 * 1024 * 1024  # bytes
MOST_PARTS = 2_000  # files in the archive
MOST_CELLS = 2_000_000  # 20,000 sessions of 100 columns
MOST_COUNTED = 10_000_000  # strings, or blanks in a row
LONGEST_RATIO, SMALL = 150, 1024 * 1024  # a part above so many bytes that shrinks more is no table a person made
CHUNK = 64 * 1024  # bytes
DAMAGED = (
    etree.XMLSyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
    struct.error,
)
READ = (".xml", ".rels")  # the parts that matter: not pictures
TOO_LARGE = "This workbook unpacks to more than a programme can need: copy the programme's sheet into a new one."

_TAG = re.compile(
    rb"<(?:[A-Za-z0-9]{1,20}:)?(row|c|table|table-row|table-cell|covered-table-cell)(?=[\s/>])"
    rb"((?>[^<>\"']|\"[^\"]*\"|'[^']*')*+)>"
)
_NUMBER = re.compile(rb"(?:[cC]ount|:c)\s*=\s*[\"'](\d+)")  # of strings, or of blanks, for which memory is taken
_R = re.compile(rb"[\s\"']r\s*=\s*[\"']([^\"']*)")
_PLACE = re.compile(rb"([A-Za-z]{0,3})(\d{1,7})")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d+)")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d+)")


class Sheet(NamedTuple):
    """A visible sheet: its rows from the first one on, and the cells that are merged, as (row, column) from 0."""

    name: str
    rows: list[list[Cell]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def is_workbook(data: bytes) -> bool:
    """True if it is a zip archive that has the parts of a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return bool({"xl/workbook.xml", "content.xml"} & set(archive.namelist()))
    except DAMAGED:
        return False


def sheets(data: bytes) -> list[Sheet]:
    """The visible sheets that have cells. Raises RefusedFile."""
    packed = _checked(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(packed))
        shown = [
            each.name
            for each in book.sheets_metadata
            if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
        ]
        found = []
        for name in shown:
            sheet = book.get_sheet_by_name(name)
            rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
            if rows:
                found.append(Sheet(name, rows, sheet.merged_cell_ranges or []))
    except BaseException as error:
        # A panic of the library is no Exception, so it has to be told by its name.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            text = "This workbook is damaged: open it in your spreadsheet program and save it again."
            raise RefusedFile(text) from None
        raise
    return found


def _checked(data: bytes) -> bytes:
    """The workbook with the same parts, uncompressed, so that the library reads exactly the bytes counted here.

    Raises RefusedFile for a workbook that is damaged, encrypted or too large.
    """
    written = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(written, "w") as kept:
            _check_directory(archive.infolist())
            for part in archive.infolist():
                if part.filename.endswith(READ) or part.filename == "mimetype":
                    text = b"".join(_chunks(archive, part))
                    if part.filename != "mimetype":
                        _check_cells(text)
                    kept.writestr(part.filename, text)
    except RefusedFile:
        raise
    except DAMAGED:
        raise RefusedFile("This workbook is damaged or not complete: save or download it once more.") from None
    return written.getvalue()


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    """Refuses an archive by what its directory says: an encrypted one, or one that grows beyond bounds."""
    if any(part.flag_bits & 1 for part in parts):
        raise RefusedFile("This workbook has a password: save it without one.")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise RefusedFile(TOO_LARGE)
    for part in parts:
        if part.file_size > SMALL and part.file_size > LONGEST_RATIO * part.compress_size:
            raise RefusedFile(TOO_LARGE)
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedFile("This workbook is packed in an unusual way: save it again as .xlsx.")


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes, never more than its directory entry says."""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _check_cells(text: bytes) -> None:
    """Refuses a part whose cells reach so far that a table of them would fill the memory."""
    if b"\x00" in text[:4] or text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RefusedFile("This workbook is in an encoding that is not read: save it again as .xlsx.")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise RefusedFile("This workbook defines entities, as no spreadsheet program does: save it again as .xlsx.")
    parser = etree.XMLParser(target=_Nothing(), resolve_entities=False, no_network=True)  # type: ignore[arg-type]
    etree.fromstring(text, parser)
    if sum(int(found[1][:12]) for found in _NUMBER.finditer(text)) > MOST_COUNTED:
        raise RefusedFile(TOO_LARGE)
    reach = _Reach()
    for found in _TAG.finditer(text):
        reach.add(found[1], found[2])
        if max(reach.rows, 1) * reach.columns > MOST_CELLS:
            raise RefusedFile(
                f"This sheet reaches to row {reach.rows:,}, column {reach.columns:,}, which is more than a programme of"
                f" {MOST_SESSIONS:,} sessions needs: delete what lies outside it."
            )


class _Nothing:
    """What a parser fills that is only asked whether the text is well-formed; others may read what is not for ever."""

    def close(self) -> None:
        pass


class _Reach:
    """How many rows and columns a sheet has up to its last cell that is not empty; formats alone do not count."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row = self._column = 0  # of the last tag
        self._repeated = 0  # how often the row stands there, in .ods

    def add(self, tag: bytes, attributes: bytes) -> None:
        if tag == b"table":
            self.rows = self.columns = self._row = self._column = 0
            self._repeated = 0
        elif tag == b"row":
            self._row, self._column = self._row + 1, 0
            for _, row in _places(attributes):
                self._row = row
        elif tag == b"table-row":
            self._row += self._repeated
            self._repeated, self._column = _times(_ROWS_REPEATED, attributes), 0
        elif tag == b"c":
            self._column += 1
            for column, row in _places(attributes):
                self._column, self._row = column, row
                self._count(attributes, row)
            self._count(attributes, self._row)
        else:
            self._column += _times(_COLUMNS_REPEATED, attributes)
            self._count(attributes, self._row + self._repeated)

    def _count(self, attributes: bytes, row: int) -> None:
        if not attributes.endswith(b"/"):
            self.rows, self.columns = max(self.rows, row), max(self.columns, self._column)


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1][:12]) if found else 1


def _places(attributes: bytes) -> Iterator[tuple[int, int]]:
    """Column and row that a tag names, "B7" or, of a row, "7". Raises ValueError for what is none."""
    for text in _R.findall(attributes):
        found = _PLACE.fullmatch(text)
        if not found:
            raise ValueError("no place of a cell")
        yield _column_number(found[1]), int(found[2])


def _column_number(letters: bytes) -> int:
    """The number of column "A", "Z", "AA", from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
