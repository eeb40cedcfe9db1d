"""A day of the programme as a grid: what it shows of rooms, times, stars, filters and the clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agenda.models import Room, Session, Star, Track
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

CAMP = "/camp/?view=grid&day=2031-07-05"
NOW = datetime(2031, 7, 5, 8, 20, tzinfo=UTC)  # 10:20 in Lyon


@pytest.fixture
def camp(db, time_machine):
    """A day with a talk too long for its slot, a break, a cancelled talk, a night watch, and a talk without a room."""
    time_machine.move_to(NOW, tick=False)
    event = add_event("camp", "Europe/Paris", "2031-07-05", "2031-07-06")
    big, small = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Big", "Small"))
    fire = Track.objects.create(event=event, name="Fire", slug="fire", colour="#b42318")
    add_session(event, "Tents", "2031-07-05T10:00", room=big, track=fire, byline="Ada & Bo")
    add_session(event, "Knots", "2031-07-05T10:00", room=small, minutes=60)
    add_session(event, "Ropes", "2031-07-05T10:30", room=big, minutes=45, status="tentative")
    add_session(event, "Soup", "2031-07-05T11:00", room=big, status="cancelled", is_published=True)
    add_session(event, "Stars", "2031-07-05T12:00")
    add_session(event, "Watch", "2031-07-05T23:00", room=small, minutes=600, track=fire)
    return event


def shape(root: Element) -> list[list[str]]:
    """The words at the head of each line, and of each of its cells the title, or all words if it has none."""
    lines = root.one("table").all("tr")[1:]
    return [
        [line.one("th").text, *("".join(cell.texts("h3")) or cell.text for cell in line.all("td"))] for line in lines
    ]


def cell_of(root: Element, title: str) -> Element:
    return next(cell for cell in root.all("td") if title in cell.texts("h3"))


def test_grid_has_rooms_across_and_time_down(client, camp):
    root = page(client.get(CAMP))

    assert root.texts("h2.day") == ["Saturday, 5 July"]
    assert [(head.text, head.attributes.get("colspan")) for head in root.one("thead").all("th")] == [
        *(("Time", None), ("Big", "2"), ("Small", None), ("No room yet", None)),
    ]
    assert shape(root) == [
        ["10:00 now 10:20", "Tents", "Knots", ""],
        ["10:30", "Ropes", "", ""],
        ["11:00", "Soup", "", ""],
        ["11:30", "Break until 12:00 · 30 min"],
        ["12:00", "", "", "Stars"],
        ["12:30", "Break until 23:00 · 10 h 30 min"],
        ["23:00", "", "Watch", ""],
    ]
    assert [line.classes for line in root.one("tbody").all("tr")][:4] == [
        *(["units-6", "now", "at-65"], ["units-6"], ["units-6"], ["pause"]),
    ]


def test_cell_says_what_the_row_of_the_list_says(client, camp):
    root = page(client.get(CAMP))

    tents, ropes, watch = (cell_of(root, title) for title in ("Tents", "Ropes", "Watch"))
    assert tents.text == "Tents 10:00–10:30 Ada & Bo Track: Fire ☆"
    assert tents.one("button.star", aria_label="Star: Tents", aria_pressed="false", form="stars")
    assert tents.one("rect")["fill"] == "#b42318"
    assert (tents.attributes["colspan"], tents.classes) == ("2", ["on", "at-65"])
    assert cell_of(root, "Knots")["rowspan"] == "2"
    assert ropes.text == "Ropes 10:30–11:15 tentative ☆"
    assert "cancelled" in cell_of(root, "Soup").classes
    assert watch.text.startswith("Watch Sat 23:00–Sun 09:00")
    assert "other-end" in cell_of(root, "Knots").classes


def test_session_over_two_days_has_one_star_and_is_cut_in_both(client, camp):
    saturday, sunday = page(client.get("/camp/?view=grid")).all("table")

    assert [line.one("th").text for line in sunday.one("tbody").all("tr")] == ["04:00 now 10:20"]
    assert cell_of(sunday, "Watch").text == "Watch Sat 23:00–Sun 09:00 Track: Fire"
    assert len(cell_of(saturday, "Watch").all("button")) == 1
    assert cell_of(page(client.get("/camp/?view=grid&day=2031-07-06")), "Watch").all("button")


def test_days_in_a_zone_of_ones_own_end_at_midnight(client, camp):
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    saturday, sunday = page(client.get("/camp/?view=grid")).all("table")

    assert cell_of(saturday, "Tents").text.startswith("Tents 17:00–17:30")
    assert [line.one("th").text for line in sunday.one("tbody").all("tr")] == ["06:00 now 17:20"]


def test_overlaps_count_the_starred_talks_that_go_ahead(client, camp, alice):
    client.force_login(alice)
    for title in ("Tents", "Knots", "Ropes", "Soup"):
        Star.objects.create(user=alice, session=session_of(title))

    root = page(client.get(CAMP))

    assert {
        title: cell_of(root, title).texts("p.overlap") for title in ("Tents", "Knots", "Ropes", "Soup", "Stars")
    } == {
        "Tents": ["overlaps 1 ★"],
        "Knots": ["overlaps 2 ★"],
        "Ropes": ["overlaps 1 ★"],
        "Soup": [],
        "Stars": [],
    }
    assert cell_of(root, "Tents").one("button.star")["aria-pressed"] == "true"


@pytest.mark.on_postgresql
def test_what_a_filter_hides_is_not_in_the_grid(client, camp):
    root = page(client.get(f"{CAMP}&track=fire&q=t"))

    assert shape(root) == [
        ["10:00 now 10:20", "Tents", ""],
        ["10:30", "Nothing until 23:00 · 12 h 30 min"],
        ["23:00", "", "Watch"],
    ]
    assert root.texts("mark") == ["T", "t", "t"]
    assert page(client.get(f"{CAMP}&q=nothing")).one("div.empty")


def test_grid_stays_in_the_addresses_of_other_days(client, camp):
    root = page(client.get(CAMP))

    assert root.one("nav.segments", id="days").link("Sun 6 Jul") == "?day=2031-07-06&view=grid"
    assert root.link("These 6 talks as a calendar file") == "/camp/schedule.ics?day=2031-07-05"


@pytest.mark.parametrize("count", [1, 3])
def test_grid_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    keep = list(Session.objects.order_by("start").values_list("pk", flat=True)[:count])
    Session.objects.exclude(pk__in=keep).delete()
    VersionCache.clear_all()

    with django_assert_num_queries(8):  # as many as the list
        client.get(f"{KVM}?view=grid")
    with django_assert_num_queries(4):
        client.get(f"{KVM}?view=grid")
