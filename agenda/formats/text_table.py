"""Opens a table that is text: values parted by commas, semicolons, tabs or bars (RFC 4180 and its many variants)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import islice

from agenda.formats.records import MOST_SESSIONS, Problem, RefusedFile
from agenda.formats.workbook import Cell, Sheet

DELIMITERS = ",;\t|"
LOOKED_AT = 20_000  # characters from which the delimiter is found
MOST_ROWS = 2 * MOST_SESSIONS  # with empty ones
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def sheet(data: bytes, score: Callable[[list[str]], int]) -> tuple[Sheet, list[Problem]]:
    """The table as a sheet. Of the delimiters, the one whose rows score highest is taken. Raises RefusedFile."""
    text, problems = _decoded(data)
    text = text.replace("\x00", "")
    delimiter = _delimiter(text, score)
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(list(row))
            if len(rows) > MOST_ROWS:
                raise RefusedFile(f"This table has more than {MOST_SESSIONS:,} sessions: too many for one event.")
    except csv.Error:
        place = f"line {reader.line_num:,}"
        raise RefusedFile(f"This table cannot be read at {place}: a quotation mark there may not be closed.") from None
    if text[:4].casefold() == "sep=" and rows:
        rows[0] = []  # Excel's note of the delimiter; it keeps its row number
    return Sheet("", rows, []), problems


def _decoded(data: bytes) -> tuple[str, list[Problem]]:
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace"), []
    begin = data[:1000]
    if begin.count(0) > len(begin) // 4:
        return data.decode("utf-16-be" if begin[:1] == b"\x00" else "utf-16-le", "replace"), []
    try:
        return data.decode(), []
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), [
            Problem("", "The file is not in UTF-8; it was read as Western European text. Look at names with accents.")
        ]


def _delimiter(text: str, score: Callable[[list[str]], int]) -> str:
    if text[:4].casefold() == "sep=" and text[4:5] in DELIMITERS:
        return text[4]

    def worth(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:LOOKED_AT], newline=""), delimiter=delimiter)
        try:
            rows = list(islice(reader, 20))
        except csv.Error:
            return 0, 0
        return max(map(score, rows), default=0), max(map(len, rows), default=0)

    return max(DELIMITERS, key=worth)
