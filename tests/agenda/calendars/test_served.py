"""What a calendar last got, as its key's row says it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import CalendarKey
from agenda.calendars.options import Options
from agenda.calendars.served import CalendarVersion, Served, choose

STARRED, EDITED = datetime(2019, 10, 31, 9, 0, 0, 5, tzinfo=UTC), datetime(2019, 10, 30, 8, 0, 0, 123456, tzinfo=UTC)
VERSION = CalendarVersion(42, STARRED, EDITED)
FIVE, TEN = {"alarm": 5}, {"alarm": 10}


def test_version_is_read_back_to_the_microsecond():
    assert str(VERSION) == "42-1572512400000005-1572422400123456"
    assert CalendarVersion.read(str(VERSION)) == CalendarVersion.read(f'"{VERSION}.0123abcd"') == VERSION


@pytest.mark.parametrize(
    "text", ["", '""', "1-2", "1-2-3-4", "1--2", "-1-2-3", "a-b-c", "1-2-\u0663", f"1-2-{10**17}", "1-2- 3"]
)
def test_version_in_what_is_none_is_none(text):
    assert CalendarVersion.read(text) is None


@pytest.mark.parametrize(
    ("served", "options", "served_options", "chosen", "kept"),
    [
        ("", {}, None, FIVE, None),
        ("x", FIVE, None, FIVE, None),
        ("x", FIVE, None, TEN, FIVE),
        ("x", FIVE, None, {}, FIVE),
        ("x", {}, None, FIVE, {}),
        ("x", TEN, FIVE, {}, FIVE),
        ("x", TEN, FIVE, FIVE, None),
    ],
)
def test_options_that_a_calendar_was_served_with_are_kept_while_others_are_chosen(
    served, options, served_options, chosen, kept
):
    key = CalendarKey(served=served, options=options, served_options=served_options)

    choose(key, Options(**chosen))

    assert (key.options, key.served_options) == (chosen, kept)
    assert Served.to_key(key).has_other_choices is (kept is not None)
    assert Served.to_key(key).options == Options(**(chosen if kept is None else kept))
