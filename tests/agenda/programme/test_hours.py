"""The programme as a list: hours with their talks, what is over folded, and what is on said with its minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agenda.models import Event, Session, Star
from agenda.programme.hours import LineFacts, ProgrammeList
from agenda.programme.rows import slots
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import spans
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

FAIR = "/fair/"


@pytest.fixture
def fair(db: None) -> Event:
    """Two days in two rooms: short and long talks at the same hour, one of them cancelled, and one in between."""
    event = add_event("fair", "Europe/Paris", "2019-10-31", "2019-11-01")
    hall, attic = (event.rooms.create(name=name, slug=name.lower()) for name in ("Hall", "Attic"))
    for title, start, minutes, room in (
        *(("Opening", "2019-10-31 09:00", 30, hall), ("Bread", "2019-10-31 10:00", 40, hall)),
        *(("Butter", "2019-10-31 10:00", 40, attic), ("Workshop", "2019-10-31 10:00", 120, None)),
        *(("Cheese", "2019-10-31 10:30", 10, attic), ("Lunch", "2019-10-31 13:00", 60, hall)),
        ("Friday", "2019-11-01 09:00", 30, hall),
    ):
        add_session(event, title, start, minutes=minutes, room=room)
    return event


def listed(client: Any, clock: Any, time: str, query: str = "") -> Element:
    clock.move_to(datetime.fromisoformat(f"2019-{time}+01:00"), tick=False)
    return page(client.get(FAIR + query))


def told(root: Element) -> list[str]:
    """Each heading of an hour, and what is under it."""
    return [f"{hour.one('h3').text}: {', '.join(hour.texts('.title'))}" for hour in root.all("li.hour")]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (
            "10-30 12:00",
            [
                *("09:00 to 09:30 · Thursday: Opening", "10:00 to 10:40 · Thursday 3 talks: Bread, Butter, Workshop"),
                *("10:30 to 10:40 · Thursday: Cheese", "13:00 to 14:00 · Thursday: Lunch"),
                "09:00 to 09:30 · Friday: Friday",
            ],
        ),
        (
            "10-31 10:35",
            [
                "09:00 to 09:30 · Thursday: Opening",
                "10:00 to 10:40 · Thursday on now, 5 min left: Bread, Butter, Workshop",
                "10:30 to 10:40 · Thursday on now, 5 min left: Cheese",
                *("13:00 to 14:00 · Thursday: Lunch", "09:00 to 09:30 · Friday: Friday"),
            ],
        ),
        (
            "10-31 11:00:01",
            [
                *("09:00 to 09:30 · Thursday: Opening", "10:00 to 10:40 · Thursday 2 talks: Bread, Butter"),
                *("10:30 to 10:40 · Thursday: Cheese", "10:00 to 12:00 · Thursday on now, 60 min left: Workshop"),
                *("13:00 to 14:00 · Thursday: Lunch", "09:00 to 09:30 · Friday: Friday"),
            ],
        ),
    ],
)
def test_hours_say_their_talks_and_what_is_on(client, fair, time_machine, time, expected):
    assert told(listed(client, time_machine, time)) == expected


@pytest.mark.parametrize(
    ("time", "query", "folded"),
    [
        ("10-30 12:00", "", []),
        ("10-31 10:35", "", ["1 earlier talk 09:00–09:30"]),
        ("10-31 11:00", "", ["4 earlier talks 09:00–10:40"]),
        ("10-31 11:00", "?room=hall", ["2 earlier talks 09:00–10:40"]),
        ("11-01 09:10", "", ["6 earlier talks 09:00–14:00"]),
        ("10-31 11:00", "?q=bread", []),
        ("10-31 11:00", "?from=2019-10-31T09:00", []),
        ("11-01 09:10", "?day=2019-10-31", []),  # nothing else is on that page
        ("11-05 12:00", "", []),
    ],
)
def test_what_is_over_is_folded_as_long_as_something_is_left(client, fair, time_machine, time, query, folded):
    root = listed(client, time_machine, time, query)

    assert [fold.one("summary").text for fold in root.all("li.earlier")] == folded


@pytest.mark.parametrize(
    ("time", "query", "now"),
    [
        ("10-31 08:30", "", "Opening"),
        ("10-31 10:35", "", "Bread"),
        ("10-31 12:30", "", "Lunch"),
        ("10-31 10:35", "?q=cheese", "Cheese"),
        ("10-30 12:00", "", None),
        ("10-31 15:00", "", None),
        ("10-31 10:35", "?view=full", None),
    ],
)
def test_link_leads_to_what_is_on_or_comes_next_today(client, fair, time_machine, time, query, now):
    root = listed(client, time_machine, time, query)

    assert [hour.texts(".title")[0] for hour in root.all("li.hour", id="now")] == ([now] if now else [])
    assert [link["href"] for link in root.all("a.to-now")] == (["#now"] if now else [])


def test_row_says_its_end_where_it_is_not_its_hours(client, fair, time_machine):
    root = listed(client, time_machine, "10-30 12:00")

    assert spans(root)[1:4] == ["10:00 to 10:40", "10:00 to 10:40", "10:00 to 12:00"]
    assert root.texts("span.until") == ["to 12:00"]


def test_cancelled_talk_is_not_on(client, fair, time_machine):
    Session.objects.filter(title="Cheese").update(status="cancelled")

    assert told(listed(client, time_machine, "10-31 10:35"))[2] == "10:30 to 10:40 · Thursday: Cheese"


@pytest.mark.parametrize(("time", "breaks"), [("10-30 12:00", 2), ("10-31 09:40", 2), ("10-31 10:35", 1)])
def test_break_that_is_over_is_not_told(client, fair, time_machine, time, breaks):
    assert len(listed(client, time_machine, time).texts("li.break")) == breaks


def test_own_stars_are_in_folded_rows_too_and_nobody_elses(client, fair, time_machine, alice, bob):
    Star.objects.create(user=alice, session=Session.objects.get(title="Opening"))
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        rows = listed(client, time_machine, "10-31 10:35")
        pressed.append([star["aria-label"] for star in rows.all("button.star", aria_pressed="true")])

    assert pressed == [["Star: Opening"], []]


def test_talk_deleted_meanwhile_is_left_out_and_so_is_an_hour_without_any(fair):
    shown = slots(Session.objects.all())
    Session.objects.filter(title__in=["Opening", "Bread"]).delete()
    facts = LineFacts(track=False, room=True)
    listing = ProgrammeList(event=fair, zone=fair.zone, starred=set(), moment=shown[0].start, facts=facts)

    thursday, _ = listing.days(shown)

    assert [hour.talks.count("<h4") for hour in thursday.hours] == [2, 1, 1]


@pytest.mark.parametrize(
    ("last_day", "query", "offered"), [("02", "", 42), ("09", "", 0), ("09", "?day=2019-11-09", 14)]
)
def test_hours_are_offered_where_the_days_are_few(client, fair, time_machine, last_day, query, offered):
    Event.objects.update(ends_on=f"2019-11-{last_day}")

    root = listed(client, time_machine, "10-30 12:00", query)

    fields = [len(field.all("option")) - 1 for field in root.all("select")]  # besides any time
    assert fields == ([offered] * 2 if offered else [])
