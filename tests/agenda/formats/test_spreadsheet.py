"""Programmes that are spreadsheets: every way in which people write headers, dates, times and names."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter

from agenda.formats.records import MaterialRecord, ProgrammeRecord, RefusedFile, SessionRecord
from agenda.formats.spreadsheet import Column, columns, looks_like, read

HINT = "sessions are known by title and speakers"
GUID = "dfedd4c4-c923-4a55-816c-54c9be1e0aab"


def table(*rows: str, header: str = "ID,Title,Date,Start,End") -> bytes:
    return "\n".join([header, *rows]).encode()


def workbook(rows: list[list[Any]], merged: list[tuple[int, int, int, int, Any]] = []) -> bytes:  # noqa: B006
    """An .xlsx of these rows; a (value, format) pair is a number shown in that format."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    sheet = book.add_worksheet("Sessions")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, tuple):
                sheet.write(number, place, cell[0], book.add_format({"num_format": cell[1]}))
            elif isinstance(cell, str) and cell.startswith("="):
                sheet.write_formula(number, place, cell, None, "Worked out")
            else:
                sheet.write(number, place, cell)
    for range_ in merged:
        sheet.merge_range(*range_)
    book.close()
    return written.getvalue()


def times(programme: ProgrammeRecord) -> list[tuple[str, str]]:
    return [(f"{each.start:%Y-%m-%d %H:%M}", f"{each.end:%Y-%m-%d %H:%M}") for each in programme.sessions]


def texts(programme: ProgrammeRecord) -> list[tuple[str, str]]:
    return [(each.where, each.text) for each in programme.problems]


@pytest.mark.parametrize(
    ("row", "start", "end"),
    [
        ("2019-10-31,11:00,11:30", "2019-10-31 11:00", "2019-10-31 11:30"),
        ("31.10.2019,18.30,19.00", "2019-10-31 18:30", "2019-10-31 19:00"),
        ("31/10/19,6 pm,6:30 p.m.", "2019-10-31 18:00", "2019-10-31 18:30"),
        ("10/31/2019,6pm,7 PM", "2019-10-31 18:00", "2019-10-31 19:00"),
        ('"Thursday, October 31, 2019",12 am,12 pm', "2019-10-31 00:00", "2019-10-31 12:00"),
        ("31. Oktober 2019,9 Uhr,18h30", "2019-10-31 09:00", "2019-10-31 18:30"),
        ("31 Oct 2019,0930,1015", "2019-10-31 09:30", "2019-10-31 10:15"),
        ("43769,0.75,0.770833333", "2019-10-31 18:00", "2019-10-31 18:30"),
        ("2019-10-31,23:30,0:15", "2019-10-31 23:30", "2019-11-01 00:15"),
        ("2019-10-31,23:00,24:00", "2019-10-31 23:00", "2019-11-01 00:00"),
        (",2019-10-31 11:00,2019-10-31 11:30", "2019-10-31 11:00", "2019-10-31 11:30"),
        (",31.10.2019 11:00,31.10.2019 11:30", "2019-10-31 11:00", "2019-10-31 11:30"),
        (",10/31/2019 11:00 AM,12:15 PM", "2019-10-31 11:00", "2019-10-31 12:15"),
        (",11:00 31.10.2019,11h30 31.10.2019", "2019-10-31 11:00", "2019-10-31 11:30"),
        (',"Thu 9.30 Oct 31, 2019",10 am Thu 31 Oct 2019', "2019-10-31 09:30", "2019-10-31 10:00"),
        (",9h 31 Oct 2019,9h 30 31 Oct 2019", "2019-10-31 09:00", "2019-10-31 09:30"),
        (',"11:00–11:30, 31.10.2019",', "2019-10-31 11:00", "2019-10-31 11:30"),
        ('2 31.10.2019,"9:00",', "2019-10-31 09:00", "2019-10-31 09:30"),
        (",2019-10-31T11:00:00+01:00,2019-10-31T10:30Z", "2019-10-31 10:00", "2019-10-31 10:30"),
        ("2019-10-31,11:00,", "2019-10-31 11:00", "2019-10-31 11:30"),
    ],
)
def test_dates_and_times_as_text(row, start, end):
    assert times(read(table(f"1,Opening,{row}"), zone="UTC")) == [(start, end)]


@pytest.mark.parametrize(
    ("row", "where", "said"),
    [
        ("1,,2019-10-31,11:00,", "row 2, column Title", "There is no title; the row was left out."),
        ("1,Opening,2019-10-31,,", "row 2, column Start", "There is no start; the row was left out."),
        ("1,Opening,,11:00,", "row 2, column Start", "The start has no date; the row was left out."),
        ("1,Opening,2019-10-31,25:70,", "row 2, column Start", "“25:70” is no time of the day; the row was left out."),
        ("1,Opening,2019-10-31,soon,", "row 2, column Start", "“soon” is no date or time; the row was left out."),
        ("1,Opening,2019-10-31,11:00,x", "row 2, column End", "“x” is no date or time; the row was left out."),
        ("1,Opening,2019-02-30,11:00,", "row 2, column Date", "“2019-02-30” is no date in the order year, month, day;"),
        ("1,Opening,9999-12-31,24:00,", "row 2, column Start", "The start is in the year 9999; the row was left out."),
        ("1,Opening,,2019-10-31 11:00,2019-10-31 9:00", "row 2, column End", "The end is before the start; the row"),
        ("1,#REF!,2019-10-31,11:00,", "row 2, column Title", "The formula in this cell gives #REF!; it was read as"),
    ],
)
def test_bad_cell_is_said_with_its_place_and_other_rows_are_read(row, where, said):
    programme = read(table(row, "2,Closing,2019-10-31,17:00,18:00"), zone="UTC")

    assert [session.external_id for session in programme.sessions] == ["2"]
    assert (programme.problems[0].where, programme.problems[0].text[: len(said)]) == (where, said)


@pytest.mark.parametrize(
    ("days", "read_as", "is_unsure"),
    [
        (["01/02/2020", "02/02/2020"], ["2020-02-01", "2020-02-02"], True),
        (["01/02/2020", "01/03/2020"], ["2020-01-02", "2020-01-03"], True),
        (["01/02/2020", "13/02/2020"], ["2020-02-01", "2020-02-13"], False),
        (["01/02/2020", "01/13/2020"], ["2020-01-02", "2020-01-13"], False),
        (["05/05/2020"], ["2020-05-05"], False),
    ],
)
def test_the_whole_column_decides_the_order_of_dates(days, read_as, is_unsure):
    programme = read(table(*(f"{day},Talk,{day},11:00,12:00" for day in days)), zone="UTC")

    assert [f"{session.start:%Y-%m-%d}" for session in programme.sessions] == read_as
    assert [text for _, text in texts(programme)] == (
        [f"Dates can be read in two orders; {'day, month' if days[1] > '02' else 'month, day'}, year was assumed."]
        if is_unsure
        else []
    )


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["Ann Lee; Bo Ray"], [("Ann Lee", "Bo Ray")]),
        (["Ann Lee & Bo Ray"], [("Ann Lee", "Bo Ray")]),
        (["Ann Lee and Bo Ray"], [("Ann Lee", "Bo Ray")]),
        (['"Ann Lee\nBo Ray\n"'], [("Ann Lee", "Bo Ray")]),
        (['"Ann Lee, Bo Ray & Cy Day"'], [("Ann Lee", "Bo Ray", "Cy Day")]),
        (['"Lee, Ann"'], [("Lee, Ann",)]),
        (['"Lee, Ann & Ray, Bo"'], [("Lee, Ann", "Ray, Bo")]),
        (['"van der Lee, Ann Mary"', "Bo; Cy"], [("van der Lee, Ann Mary",), ("Bo", "Cy")]),
        (["Smith & Sons; Bo Ray"], [("Smith & Sons", "Bo Ray")]),
        (["", "Bo Ray; Bo Ray"], [(), ("Bo Ray",)]),
    ],
)
def test_speakers_in_a_cell(cells, names):
    rows = (f"{number},Talk,2019-10-31 11:00,{cell}" for number, cell in enumerate(cells))

    programme = read(table(*rows, header="ID,Title,Start,Speakers"), zone="UTC")

    assert [session.speakers for session in programme.sessions] == names
    unsure = [text for _, text in texts(programme) if "one person" in text]
    assert len(unsure) == sum("," in name for each in names for name in each if len(cells) == 1)


@pytest.mark.parametrize(
    "header",
    [
        "ID,Title,Start,End,Room,Track,Speakers,Abstract",
        "event key,NAME,Event Start,Event End,Venue,Event Type,Speakers,Description",
        "Session Id,Title,Starts At,Ends At,Room,Track,Speakers,Description",
        "id, Session Title ,Time Start,Time End,Room/Location,Schedule Track (Optional),Artists,Description (Optional)",
        "Id;Titel;Beginn;Ende;Raum;Track;Referenten;Beschreibung",
        "Id\tTitle\tstart_time\tend_time\tLocation\tTracks\tSpeaker names\tAbstract*",
        "sep=|\nId|Title|Start|End|Room|Track|Speakers|Abstract",
    ],
)
def test_headers_in_the_words_of_other_programs(header):
    sign = next(sign for sign in "|\t;," if sign in header)
    row = sign.join(["7", "Opening", "2019-10-31 11:00", "2019-10-31 11:30", "Hall", "Main", "Ann Lee", "Hello"])

    (session,) = read(table("", row, header=header), zone="Europe/Paris").sessions

    assert replace(session, where="") == SessionRecord(
        external_id="7",
        title="Opening",
        start=datetime(2019, 10, 31, 10, tzinfo=UTC),
        end=datetime(2019, 10, 31, 10, 30, tzinfo=UTC),
        room="Hall",
        track="Main",
        speakers=("Ann Lee",),
        abstract="Hello",
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
    ],
)
def test_encodings_and_line_ends(encode):
    programme = read(encode("ID,Title,Start\n1,Zoë’s talk,2019-10-31 11:00\n"), zone="UTC")

    assert [session.title for session in programme.sessions] == ["Zoë’s talk"]


def test_workbook_with_real_dates_formulas_and_merged_cells():
    day, hour = (datetime(2019, 10, 31), "dd/mm/yyyy"), (0.4375, "hh:mm")  # noqa: DTZ001
    rows = [
        ["Our conference"],
        [],
        ["ID", "Title", "Date", "Start", "Duration", "Room", "Speakers"],
        [1.0, "Opening", None, hour, 30, None, "Ann Lee"],
        ["", "", "", "", "", "", ""],
        [2, "=A1", None, 18.3, (1 / 24, "hh:mm"), None, "Bo Ray"],
        [3, None, day, (43769.75, "dd/mm/yyyy hh:mm"), "1 h 30", "Lab", "Cy Day"],
        [None, None, None, None, None, None, "Di Eld"],
    ]
    merged = [(3, 2, 5, 2, *day), (3, 5, 5, 5, "Hall"), (6, 1, 7, 1, "Two people")]
    written = workbook(rows, [(*each[:4], each[4]) for each in merged])

    programme = read(written, zone="UTC")

    assert programme.format == "Excel workbook"
    assert [(each.external_id, each.title, each.room, each.speakers, each.where) for each in programme.sessions] == [
        ("1", "Opening", "Hall", ("Ann Lee",), "row 4"),
        ("2", "Worked out", "Hall", ("Bo Ray",), "row 6"),
        ("3", "Two people", "Lab", ("Cy Day", "Di Eld"), "row 7"),
    ]
    assert [start[11:] for start, _ in times(programme)] == ["10:30", "18:30", "18:00"]
    assert [each.end - each.start for each in programme.sessions] == [timedelta(minutes=n) for n in (30, 60, 90)]
    assert programme.days == (date(2019, 10, 31), date(2019, 10, 31))


@pytest.mark.parametrize(
    ("clock", "read_as"),
    [(0.25, ["2019-10-31 00:00", "2019-10-31 06:00"]), (0, [])],
    ids=["a column of dates with times", "a column of dates alone"],
)
def test_midnight_in_a_workbook_is_a_time_only_beside_other_times(clock, read_as):
    day, cells = 43769, [0, clock]
    rows = [[f"Talk {cell}", (day + cell, "yyyy-mm-dd hh:mm")] for cell in cells]

    programme = read(workbook([["Title", "Start"], *rows, ["Closing", "2019-11-01 10:00"]]), zone="UTC")

    assert [start for start, _ in times(programme)] == [*read_as, "2019-11-01 10:00"]
    left_out = [where for where, text in texts(programme) if text.startswith("The start has no time of the day")]
    assert left_out == ([] if read_as else ["row 2, column Start", "row 3, column Start"])


def test_id_is_the_guid_of_our_own_spreadsheets():
    data = table(
        f'{GUID},"\'=1+1, said","CANCELLED: no",2019-10-31 11:00,2019-10-31 11:30,Europe/Paris,Ann Lee,confirmed,'
        'en,no,"slides: One, two, https://example.org/a\nlink: https://example.org/b\npaper: Old",https://example.org',
        header="ID,Title,Subtitle,Start,End,Time zone,Speakers,Status,Language,Slides,Materials,URL",
    )

    programme = read(data, zone="Asia/Tokyo")

    (session,) = programme.sessions
    assert (session.external_id, session.guid, session.title) == (GUID, UUID(GUID), "=1+1, said")
    assert (session.start, programme.zone) == (datetime(2019, 10, 31, 10, tzinfo=UTC), "Europe/Paris")
    assert (session.status, session.language, session.slides_included) == ("confirmed", "en", False)
    assert session.materials == (
        MaterialRecord(kind="slides", title="One, two", url="https://example.org/a"),
        MaterialRecord(kind="link", title="https://example.org/b", url="https://example.org/b"),
        MaterialRecord(kind="paper", title="Old"),
    )
    assert programme.problems == ()


def test_without_ids_sessions_are_known_by_title_and_speakers():
    first, second = (
        read(table(*rows, header="Title,Start,Speakers"), zone="UTC")
        for rows in (
            ["Opening,2019-10-31 11:00,Ann Lee; Bo Ray", "Lunch,2019-10-31 12:00,", "Lunch,2019-11-01 12:00,"],
            ["Lunch,2019-11-01 12:00,", "opening ,2019-11-01 11:00,Bo Ray; Ann Lee"],
        )
    )

    assert second.sessions[1].external_id == first.sessions[0].external_id
    assert len({session.external_id for session in first.sessions}) == 3
    assert any(HINT in text for _, text in texts(first))


def test_id_that_stands_twice_is_said():
    rows = [f"1,{title},2019-10-31 {hour}:00" for title, hour in (("Opening", 9), ("Closing", 17))]

    programme = read(table(*rows, header="ID,Title,Start"), zone="UTC")

    assert [session.external_id for session in programme.sessions] == ["1", "1 closing"]
    assert texts(programme)[-1] == ("row 3, column ID", "The ID “1” stands above, too; the title tells them apart.")


def test_absent_column_is_not_an_empty_cell():
    (session,) = read(table("1,Opening,2019-10-31 11:00,,", header="ID,Title,Start,Room,Speakers"), zone="UTC").sessions

    assert (session.room, session.speakers) == ("", ())
    assert (session.track, session.abstract, session.materials, session.status) == (None, None, None, None)


def test_columns_are_matched_by_an_editor():
    data = table("A,11:00,2019-10-31,Ann Lee & Bo Ray,x", header="Was wir tun,At,On,Mit,Colour")
    chosen = {"Was wir tun": "title", "At": "start", "On": "date", "Mit": "speakers", "Colour": ""}

    with pytest.raises(
        RefusedFile, match=r"no column for the title and the start\. Its columns are “Was wir tun”, “At”"
    ):
        read(data)
    (session,) = read(data, columns=chosen).sessions

    assert (session.title, session.speakers) == ("A", ("Ann Lee", "Bo Ray"))
    assert columns(data, chosen) == [
        Column("Was wir tun", "title", "A", ""),
        Column("At", "start", "11:00", ""),
        Column("On", "date", "2019-10-31", "31 October 2019"),
        Column("Mit", "speakers", "Ann Lee & Bo Ray", "Ann Lee; Bo Ray"),
        Column("Colour", "", "x", ""),
    ]


def test_columns_say_how_a_sample_is_read():
    data = table("1,Opening,31.10.2019,16.30,90", header="ID,Title,Day,Time,Length")

    assert [each[1:] for each in columns(data)] == [
        ("id", "1", ""),
        ("title", "Opening", ""),
        ("date", "31.10.2019", "31 October 2019"),
        ("start", "16.30", "16:30"),
        ("duration", "90", "90 minutes"),
    ]


def test_times_without_zone_are_said():
    programme = read(table("1,Opening,2019-10-31,11:00,12:00"))

    assert programme.zone == ""
    assert texts(programme) == [("", "The times have no zone; they were read as UTC. Choose the zone they are in.")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"%PDF-1.7",
        b"<html>Not found</html>",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"\x00" * 1000,
        b"Hello",
        table(*(f"{number},Talk,2019-10-31,11:00,12:00" for number in range(20_001))),
        b"Title,Start\n" + b'"' + b"a" * 200_000,
        b"Title,Start\n" + b"\n" * 1_000_000,
    ],
    ids=range(11),
)
def test_refused(data):
    with pytest.raises(RefusedFile):
        read(data)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"Title,Start\n", "", True),
        (b"anything", "talks.CSV", True),
        (b"Dear all,\nthe talk begins at nine.", "mail.txt", False),
        (b"BEGIN:VCALENDAR", "all.csv", False),
        (b'{"Title": 1}', "a.json", False),
        (workbook([["Title"]]), "", True),
        (b"PK\x05\x06" + b"\0" * 18, "a.zip", False),
    ],
    ids=range(7),
)
def test_looks_like_a_spreadsheet(data, name, expected):
    assert looks_like(data, name) is expected


def test_address_that_is_too_long_is_said_with_its_row_and_column():
    address = f"https://a.example/{'x' * 1000}"
    programme = read(
        f"Title;Start;Files\nA;2026-03-01 9:00;slides: Mine, {address}\nB;2026-03-01 9:00;{address}".encode()
    )

    assert [material.url for session in programme.sessions for material in session.materials] == ["", ""]
    assert [(each.where, each.text) for each in programme.problems if "characters" in each.text] == [
        ("row 2, column Files", "The address of “Mine” has more than 1,000 characters; it was left out."),
        ("row 3, column Files", "The address of “a link” has more than 1,000 characters; it was left out."),
    ]
