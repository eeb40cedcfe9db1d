"""Workbooks that would unpack or reach beyond all bounds are refused at once; those that only look so are read."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile
from contextlib import suppress

import pytest
import xlsxwriter

from agenda.formats.records import RefusedFile
from agenda.formats.spreadsheet import read
from agenda.formats.workbook import sheets

SHEET = "xl/worksheets/sheet1.xml"
ONE = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
BLANKS = 'x<text:s text:c="900000000"/><'
MOST_SECONDS = 2


def xlsx(rows: str, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook whose one sheet has these rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    plain, written = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(plain)
    book.add_worksheet("Sessions").write(0, 0, "Title")
    book.close()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(written, "w", compression) as after:
        for part in before.infolist():
            after.writestr(part.filename, sheet if part.filename == SHEET else before.read(part))
    return written.getvalue()


def ods(rows: str) -> bytes:
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{urn}:{name}:1.0"' for name in ("office", "table", "text", "manifest"))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {spaces}/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='Sessions'>"
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return written.getvalue()


def lying(workbook: bytes) -> bytes:
    """The workbook, but its directory says that the sheet has 100 bytes."""
    found, place = bytearray(workbook), -1
    while (place := found.find(b"PK\x01\x02", place + 1)) >= 0:
        length = struct.unpack_from("<H", found, place + 28)[0]
        if found[place + 46 : place + 46 + length] == SHEET.encode():
            struct.pack_into("<I", found, place + 24, 100)
    return bytes(found)


def repeated(cell: str, rows: int, columns: int) -> str:
    wide = cell.replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{columns}"')
    return f'<table:table-row table:number-rows-repeated="{rows}">{wide}</table:table-row>'


BOMBS = {
    "one cell far away": lambda: xlsx('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'),
    "sign in an attribute": lambda: xlsx(
        '<row r="1"><c r="A1"><v>1</v></c><c x="a>b" r="XFD1048576"><v>1</v></c></row>'
    ),
    "row without places": lambda: xlsx(
        "<row r='1048576'><c><v>1</v></c></row><row r='1'><c r='XFD1'><v>1</v></c></row>"
    ),
    "long text": lambda: xlsx(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"a" * 50_000_000}</t></is></c></row>'),
    "many blanks": lambda: xlsx(" " * 110_000_000),
    "directory that lies": lambda: lying(xlsx(" " * 20_000_000)),
    "unusual packing": lambda: xlsx("", compression=zipfile.ZIP_LZMA),
    "open quotation marks": lambda: xlsx('<c "' * 300_000, compression=zipfile.ZIP_STORED),
    "open tags": lambda: xlsx('<c r="A1"' * 300_000, compression=zipfile.ZIP_STORED),
    "rows inside rows": lambda: xlsx("<row>" * 200_000, compression=zipfile.ZIP_STORED),
    "repeated cell": lambda: ods(repeated(ONE, 1_048_576, 16_384)),
    "cell far away in .ods": lambda: ods(
        repeated("<table:table-cell/>", 1_048_575, 1)
        + repeated(f'<table:table-cell table:number-columns-repeated="99"/>{ONE}', 1, 1)
    ),
    "count of strings": lambda: xlsx('<sst uniqueCount="4000000000"/>'),
    "place that is none": lambda: xlsx('<row r="1"><c r="A99999999999"><v>1</v></c></row>'),
    "blanks": lambda: ods(f"<table:table-row>{ONE.replace('x<', BLANKS)}</table:table-row>"),
    "not well-formed": lambda: ods(f"<table:table-row>{ONE}</table:row>"),
    "entities": lambda: xlsx("<!DOCTYPE x>"),
    "cut short": lambda: xlsx("")[:-100],
    "no sheet": lambda: xlsx("").replace(b"worksheets/sheet1.xml", b"worksheets/sheet2.xml"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_refused_at_once(name):
    bomb = BOMBS[name]()
    began = time.process_time()

    with pytest.raises(RefusedFile):
        read(bomb)

    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.parametrize(
    "workbook",
    [
        xlsx('<row r="1"><c r="A1" t="str"><v>x</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'),
        ods(f"<table:table-row>{ONE}</table:table-row>{repeated('<table:table-cell/>', 1_048_575, 16_384)}"),
    ],
    ids=["formats", "repeated empty cells"],
)
def test_empty_cells_far_away_do_not_count(workbook):
    (sheet,) = sheets(workbook)

    assert (sheet.name, sheet.rows) == ("Sessions", [["x"]])


def test_damaged_workbook_is_refused_or_read():
    chance = random.Random(13)
    plain = xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>43769.5</v></c></row>', compression=0)

    for _ in range(300):
        damaged = bytearray(plain)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(RefusedFile):  # and nothing else
            sheets(bytes(damaged))
