from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from agenda.formats import times

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:00", timedelta(hours=1)),
        ("01:30", timedelta(minutes=90)),
        (" 16:39 ", timedelta(hours=16, minutes=39)),
        ("00:25:30", timedelta(minutes=25, seconds=30)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1DT5S", timedelta(days=1, seconds=5)),
        ("45", timedelta(minutes=45)),
        ("0:00", timedelta()),
        ("-1:00", None),
        ("P", None),
        ("PT", None),
        ("99999:00", None),
        ("an hour", None),
        ("", None),
    ],
)
def test_length(text, expected):
    assert times.length(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T09:00:00+02:00", datetime(2024, 5, 1, 7, tzinfo=UTC)),
        ("2024-05-01T09:00:00Z", datetime(2024, 5, 1, 9, tzinfo=UTC)),
        (" 2024-05-01 09:00 ", datetime(2024, 5, 1, 7, tzinfo=UTC)),
        ("2024-03-31T02:30", datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),  # the clock jumps over it
        ("2024-10-27T02:30", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),  # the first of the two
        # The moment decides, in whatever zone it is written.
        ("1969-12-31T20:30:00-03:30", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1970-01-01T00:30:00+01:00", None),
        ("2101-01-01T02:59:00+03:00", datetime(2100, 12, 31, 23, 59, tzinfo=UTC)),
        ("2100-12-31T23:00:00-02:00", None),
        ("0000-01-01T00:00", None),
        ("0001-01-01T00:00+14:00", None),
        ("9999-12-31T23:59-12:00", None),
        ("2024-02-30T09:00", None),
        ("\ud800", None),
        ("", None),
    ],
)
def test_moment_has_its_own_offset_or_the_zones(text, expected):
    found = times.moment(text, PARIS)

    assert (found and found.astimezone(UTC)) == expected


def test_moment_without_any_zone_is_utc():
    assert times.moment("2024-05-01T09:00", None) == datetime(2024, 5, 1, 9, tzinfo=UTC)


def test_day_and_clock():
    assert times.day("2024-05-01T23:00:00-05:00") == date(2024, 5, 1)
    assert [times.day(text) for text in ("2024-13-01", "1969-12-31", "x", "")] == [None] * 4
    assert [times.clock(text) for text in ("9:05", "09:05:59")] == [time(9, 5)] * 2
    assert [times.clock(text) for text in ("25:00", "9:60", "9", "")] == [None] * 4


def test_zone_named_knows_only_iana_names():
    assert times.zone_named("Europe/Paris") == PARIS
    assert [times.zone_named(name) for name in ("", "Mars/Base", "../etc/passwd", "/etc/passwd", "a\0b")] == [None] * 5
