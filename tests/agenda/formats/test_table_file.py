"""The programme as a table: read back by the csv module and by calamine, equal and never a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime

import pytest
import python_calamine
from hypothesis import given

from agenda.formats.table_file import HEADERS, in_csv, out_of_csv, programme_csv, programme_xlsx
from tests.agenda.formats.programmes import EVERY_KIND, GUID, programme, random_programmes, session, texts

FIRST = {
    "ID": str(GUID),
    "Title": "Talk 1",
    "Subtitle": "With a subtitle",
    "Byline": "Ada, Analytical",
    "Start": "2019-10-31 11:00",
    "End": "2019-10-31 11:30",
    "Time zone": "Europe/Paris",
    "Room": "Attic",
    "Track": "KVM",
    "Speakers": "Ada; Bob",
    "Status": "confirmed",
    "Language": "en",
    "Abstract": "One\n\n- two\n- three & <four>",
    "Slides included": "yes",
    "Materials": "slides: Slides, https://x.example/s.pdf?a=1&b=2\nrecording: Video, https://x.example/v\n"
    "paper: Not there yet",
    "URL": "https://forum.example/forum-2019/sessions/a-talk/",
}


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(data: bytes) -> list[list[object]]:
    rows: list[list[object]] = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return rows


def test_table_has_a_row_a_session_cancelled_ones_too():
    rows = rows_of(programme_csv(EVERY_KIND))

    assert rows[0] == FIRST
    assert [(row["Status"], row["Title"]) for row in rows[1:]] == [
        ("tentative", "'=1+1"),
        ("confirmed", "Talk 3"),
        ("confirmed", "Talk 4"),
        ("cancelled", "Talk 5"),
    ]


def test_workbook_has_real_dates_and_texts_alone():
    head, first, second, *_ = sheet_of(programme_xlsx(EVERY_KIND))

    expected = FIRST | {
        "Start": datetime.fromisoformat("2019-10-31 11:00"),
        "End": datetime.fromisoformat("2019-10-31 11:30"),
    }
    assert head == list(HEADERS)
    assert dict(zip(head, first, strict=True)) == expected
    assert (second[1], second[12]) == ("=1+1", "- a list")


def test_workbook_has_the_same_bytes_for_the_same_data_and_no_time_of_its_own():
    made = programme_xlsx(EVERY_KIND)

    files = zipfile.ZipFile(io.BytesIO(made))
    assert made == programme_xlsx(EVERY_KIND)
    assert {info.date_time for info in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"1980-01-01T00:00:00Z" in files.read("docProps/core.xml")
    assert not any(b"<f>" in files.read(name) for name in files.namelist())


@given(random_programmes)
def test_any_text_comes_back(written):
    rows = rows_of(programme_csv(written))

    for header, name in (("Title", "title"), ("Abstract", "abstract"), ("Room", "room"), ("Byline", "byline")):
        assert [out_of_csv(row[header]) for row in rows] == [getattr(each, name) for each in written.sessions]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(texts)
def test_guarded_cell_comes_back(text):
    assert out_of_csv(in_csv(text)) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+33 1", "'+33 1"),
        ("- a", "'- a"),
        ("@x", "'@x"),
        ("'=1", "''=1"),
        ("\t=1", "'\t=1"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_cell_that_a_spreadsheet_would_run_is_guarded(text, cell):
    assert (in_csv(text), out_of_csv(cell)) == (cell, text)


def test_second_time_in_a_repeated_hour_says_its_offset():
    written = programme(session(1, "2019-10-27T00:30"), session(2, "2019-10-27T01:30"), session(3, "1850-01-01T00:00"))

    assert [row["Start"] for row in rows_of(programme_csv(written))] == [
        "2019-10-27 02:30",
        "2019-10-27 02:30+01:00",
        "1850-01-01 00:09:21",
    ]
    assert [row[4] for row in sheet_of(programme_xlsx(written))[1:]] == [
        datetime.fromisoformat("2019-10-27 02:30"),
        "2019-10-27 02:30+01:00",
        "1850-01-01 00:09:21",
    ]


def test_table_of_several_events_names_each():
    other = programme(session(9, "2019-12-01T10:00"), title="=Other", zone="Asia/Tokyo")

    rows = rows_of(programme_csv(EVERY_KIND, other, with_event=True))

    assert [(row["Event"], row["Start"]) for row in (rows[0], rows[-1])] == [
        ("Forum 2019", "2019-10-31 11:00"),
        ("'=Other", "2019-12-01 19:00"),
    ]
