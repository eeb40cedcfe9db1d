"""How times and lengths of time are said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agenda.models import Session
from agenda.programme.prose import to_html as prose
from agenda.programme.words import length_of_time, zone_name
from agenda.templatetags.agenda import before_move

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=30), "30 min"),
        (timedelta(hours=1, minutes=15), "1 h 15 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(0), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(days=1, minutes=1), "24 h 1 min"),
    ],
)
def test_length_of_time_is_hours_and_minutes(span, words):
    assert length_of_time(span) == words


@pytest.mark.parametrize(
    ("moment", "zone", "name"),
    [
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "Europe/Paris", "CET, UTC+1"),
        (datetime(2019, 7, 1, 12, tzinfo=UTC), "Europe/Paris", "CEST, UTC+2"),
        (datetime(2019, 11, 3, 5, 59, tzinfo=UTC), "America/New_York", "EDT, UTC-4"),
        (datetime(2019, 11, 3, 6, 0, tzinfo=UTC), "America/New_York", "EST, UTC-5"),
        (datetime(2019, 10, 5, 12, tzinfo=UTC), "Australia/Lord_Howe", "UTC+10:30"),
        (datetime(2019, 10, 6, 12, tzinfo=UTC), "Australia/Lord_Howe", "UTC+11"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "America/Sao_Paulo", "UTC-3"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "Asia/Kolkata", "IST, UTC+5:30"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "Asia/Jerusalem", "IST, UTC+2"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "Europe/London", "GMT, UTC+0"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "UTC", "UTC"),
    ],
)
def test_zone_has_its_name_of_that_moment(moment, zone, name):
    assert zone_name(moment, ZoneInfo(zone)) == name


@pytest.mark.parametrize(
    ("before", "zone", "words"),
    [
        (datetime(2019, 10, 31, 9, 45, tzinfo=UTC), PARIS, "10:45"),
        (datetime(2019, 10, 30, 10, 0, tzinfo=UTC), PARIS, "Wed 11:00"),
        (datetime(2019, 10, 30, 23, 30, tzinfo=UTC), PARIS, "00:30"),
        (datetime(2019, 10, 30, 23, 30, tzinfo=UTC), ZoneInfo("Asia/Tokyo"), "08:30"),
    ],
)
def test_time_before_a_move_has_its_day_where_that_was_another(before, zone, words):
    session = Session(start=datetime(2019, 10, 31, 10, 0, tzinfo=UTC))

    with timezone.override(zone):
        assert before_move(before, session) == words


def test_prose_is_html():
    assert prose("One & two.") == '<p dir="auto">One &amp; two.</p>'
