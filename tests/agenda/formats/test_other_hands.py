"""Files as other hands write them: other notations of zones and times, wrapped once more, of other encodings."""

from __future__ import annotations

from datetime import date

import pytest

from agenda.formats.reading import read_programme
from agenda.formats.records import Around, RefusedFile
from agenda.formats.zones import iana_name

XML = (
    "<schedule><conference><title>X</title><{tag}>{zone}</{tag}></conference>"
    '<day date="{day}"><room name="Saal"><event id="1"><date>{date}</date><start>{start}</start>'
    "<duration>{length}</duration><title>Gr\u00f6\u00dfe{more}</title></event></room></day></schedule>"
)
USUAL = {"tag": "time_zone_name", "zone": "Europe/Berlin", "day": "2026-03-01", "date": "", "start": "09:00"}
NINE_TO_TEN = ("2026-03-01T08:00", "2026-03-01T09:00")
TABLE = "Title;Start;End;Time zone\n"


def times(
    data: str | bytes, name: str, zone: str = "Europe/Berlin", around: Around | None = None
) -> list[tuple[str, str]]:
    """Start and end of each session, in UTC, to the minute."""
    programme = read_programme(data if isinstance(data, bytes) else data.encode(), name, zone=zone, around=around)
    return [(each.start.isoformat()[:16], each.end.isoformat()[:16]) for each in programme.sessions]


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        *[("europe/berlin", "Europe/Berlin"), ("America/new york", "America/New_York"), ("CET", "CET")],
        *[("W. Europe Standard Time", "Europe/Berlin"), ("/x/Europe/Berlin", "Europe/Berlin")],
        *[("UTC+1", "Etc/GMT-1"), ("gmt-0500", "Etc/GMT+5"), ("UTC+05:30", ""), ("UTC+99", ""), ("UTC+12345", "")],
        *[("Berlin", ""), ("", ""), ("../../etc/passwd", ""), ("UTC+", "")],
    ],
)
def test_zone_is_known_by_many_names(said, zone):
    assert iana_name(said) == zone


@pytest.mark.parametrize(
    "written",
    [
        {"zone": "europe/berlin"},
        {"zone": "UTC+01:00"},
        {"tag": "time_zone"},
        {"tag": "timezone", "zone": "W. Europe Standard Time"},
        {"day": "01.03.2026"},
        {"day": "1 March 2026"},
        {"start": "9.00"},
        {"start": "9:00 AM", "length": "1h"},
        {"start": "0900", "length": "60 min"},
        {"start": "2026-03-01T09:00:00+01:00"},
        {"date": "2026-03-01 09:00"},
        {"more": "&nbsp;&amp;&auml;"},
    ],
)
def test_schedule_xml_is_read_in_other_notations(written):
    assert times(XML.format(**{**USUAL, "length": "1:00", "more": "", **written}), "s.xml", zone="") == [NINE_TO_TEN]


@pytest.mark.parametrize("start", ["24:00", "soon", "25:00"])
def test_start_that_is_no_time_of_the_day_is_refused(start):
    with pytest.raises(RefusedFile, match="is not a usable date; the session"):
        times(XML.format(**{**USUAL, "length": "1:00", "more": "", "start": start}), "s.xml")


@pytest.mark.parametrize(("tag", "inside"), [("day", "days"), ("room", "rooms"), ("event", "events")])
def test_days_rooms_and_events_may_be_wrapped_once_more(tag, inside):
    text = XML.format(**USUAL, length="1:00", more="")
    wrapped = text.replace(f"<{tag} ", f"<{inside}><{tag} ").replace(f"</{tag}>", f"</{tag}></{inside}>")

    assert times(wrapped, "s.xml") == [NINE_TO_TEN]


def test_name_that_only_html_has_is_the_character():
    text = XML.format(**USUAL, length="1:00", more="&nbsp;&amp;&auml;&bogus;")
    with pytest.raises(RefusedFile):
        read_programme(text.encode(), "s.xml")

    (session,) = read_programme(text.replace("&bogus;", "").encode(), "s.xml").sessions
    assert session.title.endswith("&ä")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_table_is_read_in_any_encoding_and_with_any_line_ends(encoding, line_end):
    text = "Title;Date;Start;End\nGröße;2026-03-01;9:00;10:00\n".replace("\n", line_end)

    assert times(text.encode(encoding), "x.csv") == [NINE_TO_TEN]


@pytest.mark.parametrize(
    "table",
    [
        "Title;Date;Time\nA;2026-03-01;9:00 - 10:00\n",
        "Title;Date;Time\nA;2026-03-01;9:00–10:00\n",
        "Title;Date;Time\nA;2026-03-01;9 am to 10 am\n",
        "Title;Date;Time;End\nA;2026-03-01;9:00 - 11:00;10:00\n",
        "Title;Time;End\nSunday, 1 March 2026;;\nA;9:00;10:00\n",
        "Zeit;Was;Wo\nSonntag, 1. März 2026;;\n9:00 – 10:00;A;Saal\n",
        TABLE + "A;2026-03-01 9:00;2026-03-01 10:00;europe/berlin\n",
        TABLE + "A;2026-03-01 9:00;2026-03-01 10:00;UTC+1\n",
    ],
)
def test_table_is_read_as_people_make_it(table):
    assert times(table, "x.csv", zone="" if table.startswith(TABLE) else "Europe/Berlin") == [NINE_TO_TEN]


def test_row_that_heads_a_day_is_no_session_and_holds_until_the_next():
    table = "Time;Title\n1 March 2026;\n9:00;A\n;2 March\n2 March 2026;\n9:00;B\n"
    programme = read_programme(table.encode(), "x.csv", zone="Europe/Berlin")

    assert [(each.title, each.start.day) for each in programme.sessions] == [("A", 1), ("B", 2)]
    assert [each.where for each in programme.problems if "left out" in each.text] == ["row 4, column Time"]


FIRST_DAY = Around(date(2026, 2, 27), is_first=True)  # a Friday
OF_TODAY = Around(date(2024, 11, 2))


@pytest.mark.parametrize("around", [FIRST_DAY, OF_TODAY])
@pytest.mark.parametrize(
    "cell", ["Sun 1 March", "Sunday, March 1st", "So., 1. März", "So 1.3.", "dim 1 mars", "sunday  1st of Mar."]
)
def test_date_without_a_year_has_the_nearest_with_its_weekday(cell, around):
    for start in (f"{cell} 9:00", f"9:00 {cell}", f"9.00 am, {cell}"):
        assert times(f"Title;Start;End\nA;{start};10:00\n", "x.csv", around=around) == [NINE_TO_TEN]
    for table in (f"Title;Date;Start;End\nA;{cell};9:00;10:00\n", f"Title;Start\nA;9:00 – 10:00, {cell}\n"):
        assert times(table, "x.csv", around=around) == [NINE_TO_TEN]


@pytest.mark.parametrize("heading", ["Sunday", "Day 3", "1 March", "Mon 1 March", "Tag 3:"])
def test_day_is_counted_from_the_first_where_it_is_known(heading):
    table = f"Time;Until;Title\n{heading};;\n9:00;10:00;A\n"
    assert times(table, "x.csv", around=FIRST_DAY) == [NINE_TO_TEN]
    for around in (OF_TODAY, None) if "March" not in heading else (None,):
        with pytest.raises(RefusedFile):
            times(table, "x.csv", around=around)


def test_days_without_a_year_stay_together_and_what_is_no_date_stays_as_it_is():
    half_a_year_later = Around(date(2026, 9, 1))
    no_dates = ("May 4 Hall 2", "4 May – 5 May")
    days = (*no_dates, "28 Feb", "1 Mar", "Fri 2 Mar", "31 Apr", "12 Smarch", "noon", "")  # that Friday is a Tuesday
    table = "Title;Date;Start\n" + "".join(f"{day or 'last'};{day};9:00\n" for day in days)
    programme = read_programme(table.encode(), "x.csv", zone="Europe/Berlin", around=half_a_year_later)

    assert [f"{each.start:%m-%d %Y}" for each in programme.sessions] == [
        *["02-28 2027", "03-01 2027", "03-02 2027"],
        "03-02 2027",  # of the row above
    ]
    assert [each.cell.says for each in programme.problems if each.cell] == [
        *no_dates,
        *days[5:8],
    ]  # as they are written
    assert "the first was read as Sunday, 28 February 2027" in " ".join(each.text for each in programme.problems)


def test_refusal_names_the_first_place_and_not_what_concerns_the_whole_file():
    with pytest.raises(RefusedFile, match="no session that can be used: “1 March” is no date or time"):
        times("Title;Date;Start\nA;1 March;9:00\n", "x.csv")


def test_calendar_knows_zones_by_other_names():
    vevent = "BEGIN:VEVENT\nUID:1\nSUMMARY:A\nDTSTART;TZID={0}:20260301T090000\nDURATION:PT1H\nEND:VEVENT\n"
    for zone in ("europe/berlin", "GMT+0100"):
        assert times(f"BEGIN:VCALENDAR\n{vevent.format(zone)}END:VCALENDAR\n", "c.ics", zone="") == [NINE_TO_TEN]
