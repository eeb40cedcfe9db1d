"""Zones that a calendar defines itself: they have the offsets of the same zones by IANA, and take no time to read."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agenda.formats.contentlines import moment, parse
from agenda.formats.vtimezone import vtimezone
from agenda.formats.zones import DefinedZone, zone_in, zones_of

# Summer in the other half of the year, half an hour of it, none any more, and by a moon's calendar.
NAMES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "UTC"]
HOURS = [datetime(1971, 1, 1) + timedelta(hours=7 * 97 * number) for number in range(850)]  # noqa: DTZ001


@pytest.mark.parametrize("name", NAMES)
def test_defined_zone_is_the_same_as_ianas(name):
    calendar = parse(b"BEGIN:VCALENDAR\r\n" + vtimezone(name) + b"END:VCALENDAR\r\n")
    defined, iana = DefinedZone(calendar.children[0]), ZoneInfo(name)

    written = [f"{hour:%Y%m%dT%H%M%S}" for hour in HOURS]

    assert [moment(each, defined) for each in written] == [moment(each, iana) for each in written]


OUTLOOKS = """BEGIN:VTIMEZONE
TZID:Berlin, as Outlook writes it
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


# Around the nights when the clocks change; of a time that they show twice, the first (RFC 5545 section 3.3.5).
@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("20190331T015959", "20190331T005959Z"),
        ("20190331T030000", "20190331T010000Z"),
        ("20190701T120000", "20190701T100000Z"),
        ("20191027T013000", "20191026T233000Z"),
        ("20191027T023000", "20191027T003000Z"),
        ("20191027T030000", "20191027T020000Z"),
        ("20200101T000000", "20191231T230000Z"),
    ],
)
def test_clocks_change_when_the_zone_says(local, utc):
    zones = zones_of(parse(f"BEGIN:VCALENDAR\n{OUTLOOKS}END:VCALENDAR".encode()))

    assert moment(local, zones("Berlin, as Outlook writes it")) == moment(utc, None)


STANDARD = OUTLOOKS[OUTLOOKS.index("BEGIN:STANDARD") : OUTLOOKS.index("BEGIN:DAYLIGHT")]
RDATES = f"RDATE:{','.join(['20190101T000000'] * 60_000)}\nRRULE"
HOSTILE = {
    "many observances": STANDARD * 8_000,
    "many onsets": STANDARD.replace("RRULE", RDATES),
    "as many as are read": STANDARD * 290,
    "a long number": STANDARD.replace("INTERVAL=1", f"INTERVAL={'1' * 900_000}"),
    "a long name": STANDARD.replace("BYDAY=-1SU", f"BYDAY={'-' * 900_000}1SU"),
    "many days": STANDARD.replace("BYDAY=-1SU", f"BYMONTHDAY={','.join(['1'] * 400_000)}"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_no_zone_takes_long(case):
    """A filter may hold fifty times, and a request's body a megabyte."""
    began = time.process_time()

    try:
        zone = zone_in(f"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\n{HOSTILE[case]}END:VTIMEZONE\nEND:VCALENDAR")
        assert {moment(f"20191031T1000{second:02}", zone).hour for second in range(60)} <= {8, 9}
    except ValueError:
        pass

    assert time.process_time() - began < 2
