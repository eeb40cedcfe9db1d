"""Time zones as iCalendar text, read back by readers that are not ours and compared with Python's own zones."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from agenda.formats.vtimezone import YEARS, vtimezone

# With yearly rules, without any change, by decree, half an hour, by the moon, on a Thursday, at the year's other end,
# with one change after many years.
# None that leapt a whole day (Pacific/Apia): dateutil refuses it.
ZONES = (
    *("Europe/Paris", "America/New_York", "Asia/Tokyo", "UTC", "Europe/Moscow", "Australia/Lord_Howe"),
    *("Africa/Casablanca", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Fiji", "Europe/Dublin", "America/Asuncion"),
    *("Asia/Almaty", "Africa/Juba"),
)
first, last = (datetime.fromisoformat(f"{year}-01-02") for year in (YEARS.start, YEARS.stop - 1))
moments = st.datetimes(first, last, timezones=st.just(UTC))


@cache
def read_by_dateutil(name: str) -> tz.tzrangebase:
    calendar = b"BEGIN:VCALENDAR\r\n" + vtimezone(name) + b"END:VCALENDAR\r\n"
    return tz.tzical(io.StringIO(calendar.decode())).get(name)


def test_tokyo_has_one_observance_and_no_rule():
    assert vtimezone("Asia/Tokyo").decode().splitlines() == [
        "BEGIN:VTIMEZONE",
        "TZID:Asia/Tokyo",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0900",
        "TZOFFSETTO:+0900",
        "TZNAME:JST",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def test_new_york_has_the_second_sunday_in_march_and_the_first_in_november():
    lines = vtimezone("America/New_York").decode().splitlines()

    assert [line for line in lines if line.startswith(("DTSTART", "RRULE", "TZNAME"))][-6:] == [
        *("DTSTART:20070311T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "TZNAME:EDT"),
        *("DTSTART:20071104T020000", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "TZNAME:EST"),
    ]


def test_a_rule_that_ended_says_until_when():
    lines = vtimezone("Europe/Paris").decode().splitlines()

    assert "RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=-1SU;UNTIL=19950926T030000Z" in lines


@pytest.mark.parametrize("name", ZONES)
def test_every_line_ends_in_crlf_and_is_short(name):
    *lines, rest = vtimezone(name).split(b"\r\n")

    assert rest == b""
    assert [line for line in lines if len(line) > 75 or b"\n" in line] == []


@pytest.mark.parametrize("name", ZONES)
def test_icalendar_finds_nothing_wrong(name):
    zone = icalendar.Timezone.from_ical(vtimezone(name))

    observances = zone.walk("STANDARD") + zone.walk("DAYLIGHT")
    assert zone["TZID"] == name
    assert {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} <= set.intersection(*map(set, observances))
    assert [part.errors for part in (zone, *observances) if part.errors] == []


@given(st.sampled_from(ZONES), moments)
def test_every_moment_reads_as_in_the_zone_itself(name, moment):
    expected = moment.astimezone(ZoneInfo(name))

    read = moment.astimezone(read_by_dateutil(name))

    assert (read.replace(tzinfo=None), read.utcoffset()) == (expected.replace(tzinfo=None), expected.utcoffset())


@pytest.mark.parametrize("name", ["Europe/Paris", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_hours_around_a_change_read_as_in_the_zone_itself(name):
    moments = [datetime(2019, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(365 * 24)]
    expected = [moment.astimezone(ZoneInfo(name)) for moment in moments]
    changes = [n for n in range(1, len(moments)) if expected[n].utcoffset() != expected[n - 1].utcoffset()]
    near = sorted({n + hour for n in changes for hour in range(-30, 30)})

    read = [moments[n].astimezone(read_by_dateutil(name)).replace(tzinfo=None) for n in near]

    assert len(near) >= 120
    assert read == [expected[n].replace(tzinfo=None) for n in near]


def test_unknown_zone_is_refused():
    with pytest.raises(KeyError):  # zoneinfo.ZoneInfoNotFoundError is one
        vtimezone("Europe/Lyon")
