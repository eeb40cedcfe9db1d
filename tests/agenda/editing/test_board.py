"""The day board: where talks stand as they will be, what clashes, and what it sends."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agenda.editing import moves
from agenda.editing.apply import publish
from agenda.editing.board import Board, board
from agenda.editing.changes import recording
from agenda.editing.desk import Talk, desk, gathered
from agenda.editing.moves import gather
from agenda.editing.plan import propose
from agenda.models import Appearance, Event, Room, Session, Speaker, Star
from tests.agenda.kvm_forum import add_event, add_session
from tests.pages import page

pytestmark = pytest.mark.any_database

DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)  # in Berlin
BOARD = "/spring/edit/board/?day=2026-03-01"


@pytest.fixture
def event(db: None) -> Event:
    """Two rooms; Ants and Bees in a row in the first, Cows in no room, Dogs without a time, Eels the next day."""
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    red, _ = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Red", "Blue"))
    for title, clock, room in (("Ants", "1 10:00", red), ("Bees", "1 10:30", red), ("Cows", "1 12:00", None)):
        add_session(event, title, f"2026-03-0{clock}", room=room)
    dogs = add_session(event, "Dogs", "2026-03-01 18:00", room=red)
    Session.objects.filter(pk=dogs.pk).update(start=None, end=None)
    add_session(event, "Eels", "2026-03-02 10:00", room=red)
    return event


def talk(event: Event, title: str) -> Talk:
    return next(each for each in desk(event).talks.values() if each.session.title == title)


def shown(found: Board) -> dict[str, list[str]]:
    lanes = {lane.heading: [tile.need.title for tile in lane.tiles] for lane in (*found.lanes, found.tray)}
    return {heading: titles for heading, titles in lanes.items() if titles}


def moved(event: Event, by: User, title: str, move) -> None:
    pk = talk(event, title).pk
    gather(event, lambda now: move(now.talks[pk]), seen={}, by=by)


def test_talks_stand_where_they_will_be_and_frames_where_they_are(event, editor):
    moved(event, editor, "Ants", lambda each: moves.later([each], timedelta(minutes=15)))
    moved(event, editor, "Bees", lambda each: moves.without_time([each]))
    moved(event, editor, "Eels", lambda each: moves.to_time(each, Session.objects.get(title="Bees").start))
    moved(event, editor, "Dogs", lambda each: moves.noted([each], "Bring your own."))

    found = board(event, DAY, NOON)

    assert shown(found) == {"Red": ["Ants", "Eels"], "No room yet": ["Cows"], "No time yet": ["Bees", "Dogs"]}
    assert 'data-at="375 405"' in found.lanes[1].html  # 10:15 is so many minutes after 04:00
    assert found.lanes[1].html.count("was here:") == 2
    assert [clash.heading for clash in found.clashes] == ["Double booking of Red, 10:30–10:45"]
    assert (len(found.clashing), found.without_room) == (2, 1)


@pytest.mark.on_postgresql
def test_now_is_on_its_own_day(event):
    assert [board(event, day, NOON).now for day in event.days] == [8 * 60, None]


@pytest.mark.on_postgresql
def test_days_with_double_bookings_are_marked(client, event, editor):
    late = add_session(event, "Flies", "2026-03-02 10:15", room=Session.objects.get(title="Eels").room)
    ada = Speaker.objects.create(event=event, name="Ada", slug="ada")
    for session in Session.objects.filter(title__in=["Bees", "Cows"]):
        Appearance.objects.create(session=session, speaker=ada, position=1)
    client.force_login(editor)

    def marked() -> list[str]:
        return page(client.get(BOARD)).one("nav", aria_label="Days").texts("a")

    seen = [marked()]
    moved(event, editor, "Cows", lambda each: moves.later([each], timedelta(minutes=-75)))
    seen.append(marked())
    moved(event, editor, "Flies", lambda each: moves.cancelled([each]))
    seen.append(marked())
    with recording([late.pk], by=editor) as edit:
        edit.change_all(room=None)
    seen.append(marked())

    one, other = ("Sun 1 Mar, 1 double booking", "Mon 2 Mar, 1 double booking")
    assert seen == [["Sun 1 Mar", other], [one, other], [one, "Mon 2 Mar"], [one, "Mon 2 Mar"]]


def test_queries_do_not_grow_with_the_talks(event, editor):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            board(event, DAY, NOON)
        return len(queries)

    first = asked()
    for number in range(5):
        add_session(event, f"More {number}", "2026-03-01 14:00")

    assert (first, asked()) == (10, 10)
    assert asked() == 4  # once all was rendered


def test_page_is_for_editors_and_names_no_small_number(client, event, alice, editor):
    ants = Session.objects.get(title="Ants")
    people = [*User.objects.all(), *(User.objects.create(email=f"{number}@example.org") for number in range(3))]
    Star.objects.bulk_create(Star(user=user, session=ants) for user in people)
    client.force_login(alice)
    other = Client()
    other.force_login(editor)

    assert client.get(BOARD).status_code == 404
    found = page(other.get(BOARD))
    assert found.one("form", id="board")["data-stars"] == f"{ants.pk}:{len(people)}"
    assert found.one("div.page-head").one("p.sub").text == "Times in CET, UTC+1 · 1 without a room"
    assert page(other.get("/spring/edit/board/?day=soon")).one("h1").text == "Sunday 1 March"


def place(client: Client, event: Event, title: str, *where: object, day: str = "2026-03-01"):
    ticked = talk(event, title)
    sent = {"do": "place", "talk": ticked.tick, "day": day, "places": json.dumps({ticked.pk: where}), "next": BOARD}
    return page(client.post("/spring/edit/move", sent, follow=True))


def test_place_of_a_talk_is_its_minute_room_and_status(client, event, editor):
    client.force_login(editor)

    place(client, event, "Dogs", 365, "Blue", False)
    place(client, event, "Ants", None, "Red", True)
    place(client, event, "Bees", 400, "", False, day="2026-03-02")

    found = {title: talk(event, title).values for title in ("Dogs", "Ants", "Bees")}
    assert (found["Dogs"]["when"], found["Dogs"]["room"]) == (
        ["2026-03-01T09:05:00+00:00", "2026-03-01T09:35:00+00:00"],
        "Blue",
    )
    assert (found["Ants"]["when"], found["Ants"]["status"]) == ([], "cancelled")
    assert (found["Bees"]["when"][0], found["Bees"]["room"]) == ("2026-03-02T09:40:00+00:00", "")
    place(client, event, "Ants", 360, "Red", False)
    assert talk(event, "Ants").changed == ()


@pytest.mark.parametrize(
    "where",
    [(1, "Green", False), ("1", "Red", False), (10**12, "Red", False), (float("nan"), "Red", False), (1,), ()],
)
def test_place_that_is_none_is_refused(client, event, editor, where):
    client.force_login(editor)

    found = place(client, event, "Ants", *where)

    assert "There is no such place on the board. Load the page again." in found.text
    assert gathered(event) is None


@pytest.mark.on_postgresql
def test_talks_without_a_time_in_moves_review_and_morning(client, event, editor):
    client.force_login(editor)
    ants, dogs = talk(event, "Ants"), talk(event, "Dogs")
    gather(event, lambda now: moves.swapped(now.talks[ants.pk], now.talks[dogs.pk]), seen={}, by=editor)
    gather(event, lambda now: moves.later(now.talks.values(), timedelta(minutes=5)), seen={}, by=editor)
    plan = gathered(event)
    assert plan

    review = page(client.get(f"/spring/edit/plans/{plan.pk}/")).text
    morning = page(client.get("/spring/edit/morning/"))
    sheet = page(client.get("/spring/edit/morning/talks/ants/"))
    listed = page(client.get("/spring/edit/sessions/?day=none"))

    assert "no time yet" in review
    assert "No time yet 1 talk" in morning.texts("h2")
    assert "No time yet" in sheet.text
    assert "Later by" not in sheet.texts("h2")
    assert listed.texts("span.title") == ["Ants"]
    publish(plan, by=editor, fingerprint=propose(plan).fingerprint)
    assert list(Session.objects.filter(start=None).values_list("title", flat=True)) == ["Ants"]
    gather(event, lambda now: moves.without_time(now.timed), seen={}, by=editor)
    alike = page(client.get(f"/spring/edit/plans/{gathered(event).pk}/")).text
    assert "4 sessions change alike" in alike
    assert "as it was" in alike
    assert f"{Session.objects.get(title='Dogs').start:%H:%M}" == "09:05"
