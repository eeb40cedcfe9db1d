"""The day that a page says of a session: in headings, in rows, with its year and its zone; the same as the feed's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from agenda.models import Appearance, Event, Session, Speaker, Star
from agenda.programme.words import day_heading, span_of, time_beside, zone_names
from tests.agenda.kvm_forum import BEFORE, DURING, KVM, add_event, add_session
from tests.agenda.pages import spans, starts
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

AUCKLAND = ZoneInfo("Pacific/Auckland")
BERLIN = ZoneInfo("Europe/Berlin")
# On both sides of the date line, half an hour, no change of clocks, and a change in the night of the events below.
ZONES = (
    *("Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"),
    *("Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/St_Johns"),
)
VIEWS = ("", "?day=2019-11-02", "?q=talk", "?from=2019-11-02T12:00", "now/", "speakers/ann/", "/agenda/")
HEADING = re.compile(r"(?:Next: )?(\w+), (\d+ \w+)(?: (\d{4}))?")
YEAR = 2019


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def headings(root: Element) -> list[str]:
    return root.texts("h2.day")


def times(root: Element) -> list[str]:
    return spans(root)


def in_zone(client: Client, zone: str) -> None:
    client.post("/agenda/time-zone/", {"time_zone": zone})


def event_with(zone: str, begins: datetime, minutes: list[int]) -> Event:
    """Three days with a talk every few hours, by one speaker, each as many minutes long."""
    Session.objects.all().delete()  # the last example's
    Event.objects.all().delete()
    event = add_event("days", zone, "2019-11-01", "2019-11-03")
    ann = Speaker.objects.create(event=event, name="Ann", slug="ann")
    for number, length in enumerate(minutes):
        start = (begins + number * timedelta(hours=5, minutes=45)).isoformat()
        Appearance.objects.create(session=add_session(event, f"Talk {number}", start, minutes=length), speaker=ann)
    return event


def said(root: Element, now: datetime, zone: ZoneInfo) -> Iterator[tuple[date, str, str]]:
    """The date of the heading, the title and the start's words of each row."""
    for heading, rows in zip(headings(root), root.all("ol.programme"), strict=False):
        found = HEADING.match(heading)
        day = now.astimezone(zone).date()
        if found:
            weekday, day_and_month, year = found.groups()
            day = datetime.strptime(f"{day_and_month} {year or YEAR}", "%d %B %Y").replace(tzinfo=UTC).date()
            assert weekday == day.strftime("%A")
        for row, start in zip(rows.all("li.session"), starts(rows), strict=True):
            yield day, row.one(".title").text, start
        for row in rows.all("li.choice"):
            yield day, row.one(".title").text, row.one("time.from").text


def is_said(start: datetime, heading: date, words: str) -> bool:
    """True if the row's words, under that heading, are this start."""
    weekday, _, time = words.rpartition(" ")
    if time != start.strftime("%H:%M"):
        return False
    if weekday:
        return weekday == start.strftime("%a") and abs(start.date() - heading) < timedelta(days=7)
    return start.date() == heading


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(ZONES),
    st.sampled_from([*ZONES, ""]),
    st.datetimes(datetime(2019, 11, 1, 4), datetime(2019, 11, 2, 4)),  # noqa: DTZ001 (local)
    st.lists(st.integers(1, 3000), min_size=4, max_size=8),
)
@example("Europe/Paris", "Pacific/Auckland", datetime(2019, 11, 1, 11), [30] * 6)  # noqa: DTZ001
@example("Europe/Berlin", "Pacific/Honolulu", datetime(2019, 11, 1, 10), [32 * 60, 30, 30, 30, 30])  # noqa: DTZ001
def test_heading_and_row_are_the_feeds_moment(client, alice, time_machine, event_zone, own_zone, begins, minutes):
    event = event_with(event_zone, begins.replace(second=0, microsecond=0), minutes)
    User.objects.filter(pk=alice.pk).update(time_zone=own_zone)
    client.force_login(alice)
    Star.objects.bulk_create(Star(user=alice, session=session) for session in event.sessions.all())
    zone = ZoneInfo(own_zone or event_zone)
    now = event.sessions.in_order()[1].start + timedelta(minutes=1)
    time_machine.move_to(now, tick=False)
    feed = icalendar.Calendar.from_ical(client.get("/days/schedule.ics").content)
    starts = {str(each["SUMMARY"]): each["DTSTART"].dt.astimezone(zone) for each in feed.walk("VEVENT")}

    for view in VIEWS:
        rows = list(said(page(client.get(view if view.startswith("/") else f"/days/{view}")), now, zone))
        assert [row for row in rows if not is_said(starts[row[1]], row[0], row[2])] == [], view
        assert rows or "now" in view or "?" in view or view == "/agenda/"  # where a card may have them all


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("", ["Thursday, 31 October 9", "Friday, 1 November 11"]),
        ("?day=2019-10-31", ["Thursday, 31 October 9"]),
    ],
)
def test_in_the_events_zone_days_are_the_programmes(client, kvm_forum, day, expected):
    assert counted(page(client.get(KVM + day))) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Thursday, 31 October 2", "Friday, 1 November 12", "Saturday, 2 November 6"]),
        ("?day=2019-10-31", ["Thursday, 31 October 2", "Friday, 1 November 7"]),  # the event's day, by the reader's
    ],
)
def test_in_ones_own_zone_days_are_ones_own(client, kvm_forum, query, expected):
    in_zone(client, "Pacific/Auckland")

    root = page(client.get(KVM + query))

    assert counted(root) == expected
    assert starts(root.all("ol.programme")[1])[0] == "00:00"
    assert root.one("nav.segments", id="days").texts("a")[:2] == ["Thu 31 Oct", "Fri 1 Nov"]


def counted(root: Element) -> list[str]:
    rows = [len(programme.all("li.session")) for programme in root.all("ol.programme")]
    return [f"{heading} {count}" for heading, count in zip(headings(root), rows, strict=True)]


def test_late_talk_stands_under_the_evening_and_says_its_date(client, db):
    event = add_event("night-talks", "Europe/Berlin", "2019-11-01", "2019-11-01")
    add_session(event, "Evening", "2019-11-01 22:00")
    add_session(event, "Night", "2019-11-02 00:30")

    root = page(client.get("/night-talks/"))

    assert headings(root) == ["Friday, 1 November"]
    assert times(root) == ["22:00 to 22:30", "Sat 00:30 to 01:00"]


@pytest.mark.parametrize(
    ("zone", "day"),  # on which midnight does not come, or comes twice
    [
        *(("America/Sao_Paulo", "2018-11-04"), ("Africa/Cairo", "2024-04-26"), ("Asia/Beirut", "2019-03-31")),
        *(("America/Havana", "2019-11-03"), ("America/Asuncion", "2019-03-24")),
    ],
)
def test_each_day_around_a_change_of_clocks_at_midnight_has_its_own_talk(client, db, zone, day):
    days = [date.fromisoformat(day) + timedelta(days=number) for number in (-1, 0, 1)]
    event = add_event("clock-days", zone, f"{days[0]}", f"{days[-1]}")
    for each in days:
        add_session(event, f"Talk of {each}", f"{each}T10:00")

    every, *single = (page(client.get(f"/clock-days/{query}")) for query in ("", *(f"?day={each}" for each in days)))

    assert [rows.texts(".title") for rows in every.all("ol.programme")] == [[f"Talk of {each}"] for each in days]
    assert [root.texts(".title") for root in single] == [[f"Talk of {each}"] for each in days]


@pytest.fixture
def hackathon(db: None) -> Session:
    """From Friday 10:00 to Saturday 18:00, with a talk on Saturday at 9 and one at 20."""
    event = add_event("hack-days", "Europe/Berlin", "2019-11-01", "2019-11-02")
    add_session(event, "Coffee", "2019-11-02 09:00")
    add_session(event, "Party", "2019-11-02 20:00")
    return add_session(event, "Hackathon", "2019-11-01 10:00", minutes=32 * 60)


def test_session_that_ends_on_another_day_is_on_every_day_it_touches(client, hackathon):
    root = page(client.get("/hack-days/"))

    assert [rows.texts(".title") for rows in root.all("ol.programme")] == [
        ["Hackathon"],
        ["Hackathon", "Coffee", "Party"],
    ]
    assert times(root)[:2] == ["Fri 10:00 to Sat 18:00"] * 2
    assert root.texts("li.break") == ["Break · 2 h"]
    assert [row.attributes.get("id") for row in root.all("li.session")][:2] == ["s-hackathon", None]
    assert len(root.all("button.star")) == 3


@pytest.mark.parametrize(("day", "count"), [("2019-11-01", 1), ("2019-11-02", 3)])
def test_its_days_have_it_on_the_page_and_in_the_file(client, hackathon, day, count):
    root = page(client.get(f"/hack-days/?day={day}"))
    feed = icalendar.Calendar.from_ical(client.get(f"/hack-days/schedule.ics?day={day}").content)

    assert (len(root.all("li.session")), len(feed.walk("VEVENT"))) == (count, count)
    assert len(headings(root)) == 1
    assert times(root)[0] == "Fri 10:00 to Sat 18:00"


def test_its_own_page_says_the_end_with_its_day(client, hackathon):
    sub = page(client.get(hackathon.get_absolute_url())).one("div.page-head").one("div.sub").text

    assert sub.startswith("Friday, 1 November 2019, 10:00 – Sat 18:00 · times in CET, UTC+1")


def test_in_another_zone_it_is_on_the_readers_days(client, hackathon):
    in_zone(client, "Pacific/Auckland")

    assert counted(page(client.get("/hack-days/"))) == [
        *("Friday, 1 November 1", "Saturday, 2 November 2", "Sunday, 3 November 2"),
    ]


def test_long_exhibition_stands_on_the_events_days_alone(client, hackathon):
    add_session(hackathon.event, "Art", "2019-10-28 10:00", minutes=60 * 24 * 400)

    root = page(client.get("/hack-days/"))

    assert times(root)[0] == "Mon 28 Oct, 10:00 to Tue 1 Dec, 10:00"
    assert headings(root) == ["Monday, 28 October", "Friday, 1 November", "Saturday, 2 November"]


def test_night_is_no_break_in_another_zone(client, db):
    event = add_event("hack-days", "Europe/Berlin", "2019-11-01", "2019-11-02")
    add_session(event, "Evening", "2019-11-01 22:00")
    add_session(event, "Morning", "2019-11-02 09:00")
    in_zone(client, "Pacific/Auckland")

    assert page(client.get("/hack-days/")).texts("li.break") == []


@pytest.mark.parametrize("query", ["?room=forum-3", "?track=kvm-forum-track-2", "?from=2019-10-31T09:00"])
def test_filtered_list_says_no_break(client, kvm_forum, query):
    add_session(kvm_forum, "Elsewhere", "2019-10-31 08:00")

    root = page(client.get(KVM + query))

    assert len(root.all("li.session")) == 20
    assert root.texts("li.break") == []


@pytest.mark.parametrize(
    ("start", "minutes", "words"),
    [
        ("2019-11-01T10:00", 30, "10:00–10:30"),
        ("2019-11-01T10:00", 32 * 60, "Fri 10:00 – Sat 18:00"),
        ("2019-11-01T23:30", 30, "Fri 23:30 – Sat 00:00"),
        ("2019-11-01T10:00", 8 * 24 * 60, "Fri 1 Nov, 10:00 – Sat 9 Nov, 10:00"),
    ],
)
def test_span_says_the_ends_day_where_it_is_another(start, minutes, words):
    begins = datetime.fromisoformat(start).replace(tzinfo=BERLIN)

    assert span_of(begins, begins + timedelta(minutes=minutes), BERLIN) == words


def test_time_a_week_away_has_its_date():
    moment = datetime(2019, 11, 30, 10, tzinfo=UTC)

    assert time_beside(moment - timedelta(days=6), moment, BERLIN) == "Sun 11:00"
    assert time_beside(moment - timedelta(days=7), moment, BERLIN) == "Sat 23 Nov, 11:00"


@pytest.mark.parametrize(
    ("now", "zone", "words"),
    [
        (datetime(2019, 12, 31, 10, 59, tzinfo=UTC), AUCKLAND, "Thursday, 31 October"),
        (datetime(2019, 12, 31, 11, 0, tzinfo=UTC), AUCKLAND, "Thursday, 31 October 2019"),
        (datetime(2019, 12, 31, 11, 0, tzinfo=UTC), BERLIN, "Thursday, 31 October"),
        (datetime(2018, 12, 31, 11, 0, tzinfo=UTC), BERLIN, "Thursday, 31 October 2019"),
    ],
)
def test_heading_has_its_year_unless_it_is_the_present_one_there(now, zone, words):
    assert day_heading(date(2019, 10, 31), zone, now) == words


def test_pages_of_another_year_name_it(client, alice, opening, time_machine):
    Star.objects.create(user=alice, session=opening)
    speaker = f"{KVM}speakers/{opening.speakers.get().slug}/"
    time_machine.move_to(datetime(2026, 11, 28, tzinfo=UTC), tick=False)
    client.force_login(alice)

    found = [headings(page(client.get(address)))[0] for address in (KVM, "/agenda/", speaker)]

    assert found == ["Thursday, 31 October 2019"] * 3


def test_zone_names_belong_to_the_day(client, db):
    event = add_event("clock-days", "Europe/Berlin", "2019-10-26", "2019-10-27")
    add_session(event, "Before", "2019-10-26 10:00")
    add_session(event, "After", "2019-10-27 10:00")

    both, sunday = (page(client.get(f"/clock-days/{query}")) for query in ("", "?day=2019-10-27"))

    assert headings(both) == ["Saturday, 26 October · CEST, UTC+2", "Sunday, 27 October · CET, UTC+1"]
    assert both.one("form.zone").text == "times in CEST, UTC+2, then CET, UTC+1 use mine"
    assert (headings(sunday), sunday.one("form.zone").text) == (["Sunday, 27 October"], "times in CET, UTC+1 use mine")


def test_zone_of_a_session_is_that_of_its_day(client, db):
    event = add_event("clock-days", "Europe/Berlin", "2019-10-26", "2019-10-27")
    after = add_session(event, "After", "2019-10-27 10:00")

    assert page(client.get(after.get_absolute_url())).one("form.zone").text == "times in CET, UTC+1 use mine"


def test_ist_says_which():
    moment = DURING

    assert zone_names([moment], ZoneInfo("Asia/Kolkata")) == "IST, UTC+5:30"
    assert zone_names([moment], ZoneInfo("Asia/Jerusalem")) == "IST, UTC+2"


def test_now_says_the_day_of_what_began_on_another(client, hackathon, time_machine):
    time_machine.move_to(datetime(2019, 11, 2, 8, 10, tzinfo=UTC), tick=False)

    root = page(client.get("/hack-days/now/"))

    assert headings(root) == ["All rooms"]
    assert root.one("ul.room-now").text.startswith("No room yet · 20 min left now Hackathon")
