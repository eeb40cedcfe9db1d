"""The programme between two times: ?from=…&to=…, on the page and in the calendar file."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import icalendar
import pytest
from django.http import QueryDict

from agenda.programme.filters import Filters, read
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session
from tests.agenda.pages import spans
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

LUNCH = "?from=2019-10-31T11:45&to=2019-10-31T13:46"
REFUSED = "“{}” is not a time of this programme, like 2019-10-31T13:00; showing all."


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def in_file(client, query: str) -> int:
    return len(icalendar.Calendar.from_ical(client.get(f"{KVM}schedule.ics{query}").content).walk("VEVENT"))


def chip(root: Element) -> tuple[str, str]:
    found = root.one("div.chips").all("a.on")[0]
    return found.text, found["href"]


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("query", "count", "words"),
    [
        (LUNCH, 3, "Thu 11:45–13:46"),
        ("?from=2019-10-31T11:45", 19, "from Thu 11:45"),
        ("?to=2019-10-31T11:45", 2, "until Thu 11:45"),
        ("?from=2019-10-31T16:00&to=2019-11-01T09:10", 4, "Thu 16:00 – Fri 09:10"),
        ("?from=2019-10-31T11:45%2B01:00&to=2019-10-31T12:46Z", 3, "Thu 11:45–13:46"),
        (f"{LUNCH}&q=nested", 1, "“nested”"),
    ],
)
def test_sessions_between_two_times_are_shown_with_a_chip_that_clears_them(client, kvm_forum, query, count, words):
    root = page(client.get(KVM + query))

    assert len(root.all("li.session")) == in_file(client, query) == count
    assert chip(root)[0] == f"{words} ✕: on, remove this filter"
    assert chip(root)[1] == ("?from=2019-10-31T11%3A45&to=2019-10-31T13%3A46" if "q=" in query else "?")


def test_chip_is_in_the_readers_zone_and_the_address_in_the_events(client, kvm_forum):
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    root = page(client.get(KVM + LUNCH))

    assert chip(root)[0] == "Thu 19:45–21:46 ✕: on, remove this filter"
    assert root.link("These 3 talks as a calendar file").endswith(
        "schedule.ics?from=2019-10-31T11%3A45&to=2019-10-31T13%3A46"
    )


def test_days_are_chosen_without_the_times(client, kvm_forum):
    days = page(client.get(KVM + LUNCH)).one("nav.segments", id="days").all("a")

    assert [day["href"] for day in days] == ["?day=2019-10-31", "?day=2019-11-01", "?day=all"]


def test_other_filters_and_the_search_keep_the_times(client, kvm_forum):
    root = page(client.get(KVM + LUNCH))

    chosen = [option["value"] for option in root.one("form", id="find").all("option", selected="")]

    assert chosen == ["2019-10-31T11:45", "2019-10-31T13:46"]
    assert root.link("Slides") == "?from=2019-10-31T11%3A45&to=2019-10-31T13%3A46&slides=1"


@pytest.mark.parametrize(
    "asked",
    [
        *(
            "noon",
            "2019-13-01T00:00",
            "0001-01-01T00:00",
            "9999-12-31T23:59",
            "2018-10-31T13:00",
            "\0",
            "-1",
            "２０１９",
        ),
        *("0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "<script>", "2019-10-31T13:00+99:00", "2019-10-31T25:00"),
    ],
)
def test_hostile_time_is_refused_in_words(client, kvm_forum, asked):
    response = client.get(KVM, {"from": asked, "to": asked})
    root = page(response)

    assert root.texts("p.error") == [REFUSED.format(asked)] * 2
    assert len(root.all("li.session")) == 20
    assert client.get(f"{KVM}schedule.ics", {"from": asked}).status_code == 404


def test_times_in_the_wrong_order_are_refused(client, kvm_forum):
    root = page(client.get(f"{KVM}?from=2019-10-31T13:00&to=2019-10-31T13:00"))

    assert root.texts("p.error") == ["“to” is not after “from”; showing all."]
    assert len(root.all("li.session")) == 20


def query(times: dict[str, str]) -> QueryDict:
    return QueryDict(urlencode(times))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("2019-10-27T02:15", "2019-10-27T02:15"),
        ("2019-10-27T00:15Z", "2019-10-27T02:15"),  # the hour that comes twice
        ("2019-10-27T01:15Z", "2019-10-27T02:15+01:00"),
        ("2019-10-27T01:15:30Z", "2019-10-27T02:15:30+01:00"),
        ("2019-10-27", "2019-10-27T00:00"),
    ],
)
def test_time_in_an_address_is_one_moment(db, asked, written):
    event = add_event("clock-days", "Europe/Berlin", "2019-10-26", "2019-10-27")

    filters, problems = read(query({"from": asked}), event, [], [])

    assert problems == []
    assert filters.query() == f"?from={written.replace(':', '%3A').replace('+', '%2B')}"
    assert read(query({"from": written}), event, [], [])[0].since == filters.since


def test_times_in_the_hour_that_comes_twice_are_in_order(db):
    event = add_event("clock-days", "Europe/Berlin", "2019-10-26", "2019-10-27")

    filters, problems = read(query({"from": "2019-10-27T02:45", "to": "2019-10-27T02:15+01:00"}), event, [], [])

    assert problems == []
    assert filters.query() == "?from=2019-10-27T02%3A45&to=2019-10-27T02%3A15%2B01%3A00"


def test_hour_that_does_not_come_is_the_one_after(db):
    event = add_event("clock-days", "Europe/Berlin", "2019-03-30", "2019-03-31")

    filters, _ = read(query({"from": "2019-03-31T02:30"}), event, [], [])

    assert filters == Filters(since=datetime.fromisoformat("2019-03-31T03:30+02:00"))


def test_long_session_stands_once_in_the_times_asked_for(client, db):
    event = add_event("hack-days", "Europe/Berlin", "2019-11-01", "2019-11-02")
    add_session(event, "Hackathon", "2019-11-01 10:00", minutes=32 * 60)

    root = page(client.get("/hack-days/?from=2019-11-02T09:00&to=2019-11-02T10:00"))

    assert root.texts("h2.day") == ["Saturday, 2 November"]
    assert spans(root) == ["Fri 10:00 to Sat 18:00"]


@pytest.mark.on_postgresql
def test_nothing_at_that_time_says_so(client, kvm_forum):
    root = page(client.get(f"{KVM}?from=2019-10-31T02:00&to=2019-10-31T03:00"))

    assert root.one("div.empty").texts("p")[0] == "No session passes all of these filters."
