"""The made-up conference of `make demo`: always around today, and the same but for its days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agenda.management.made_up import programme
from agenda.models import Event, Session, SessionRevision, Star
from agenda.programme.findings import Fault
from agenda.programme.linting import lint
from agenda.programme.records import whole_record
from tests.pages import page

SATURDAY = datetime(2026, 11, 28, 9, 35, tzinfo=UTC)  # 10:35 in Berlin
MONDAY = datetime(2026, 11, 30, 9, 35, tzinfo=UTC)
SLUG = "tideline-demo-conference"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(SATURDAY, tick=False)


def demo(**options: str) -> str:
    """What the command says."""
    said = StringIO()
    call_command("demo", stdout=said, **{"zone": "Europe/Berlin", **options})
    return said.getvalue()


def titles_times_and_rooms() -> dict[int, tuple[str, time | None, int | None]]:
    return {each.pk: (each.title, each.start and each.start.time(), each.room_id) for each in Session.objects.all()}


def changed(client) -> list[str]:
    """The titles on the page of what changed."""
    return page(client.get(f"/{SLUG}/changes/")).texts("h3.title")


def test_programme_is_the_same_each_time():
    first, second = (programme(date(2026, 11, 27), "Europe/Berlin") for _ in range(2))

    assert first == second


def test_programme_has_the_size_that_pages_are_designed_for():
    made = programme(date(2026, 11, 27), "Europe/Berlin")

    per_day = Counter(session.start.date() for session in made.sessions)
    assert sorted(per_day.values()) == [100, 101, 101]
    assert (len(made.rooms), len(made.tracks)) == (12, 8)
    assert len({session.title for session in made.sessions}) == len(made.sessions)
    assert {room.name for room in made.rooms} == {session.room for session in made.sessions}


def test_programme_keeps_its_hours_where_the_clocks_change():
    made = programme(date(2026, 10, 24), "Europe/Berlin")  # from summer time to winter time in the second night

    assert [each.start.hour for each in made.sessions if each.external_id.endswith("opening")] == [7, 8, 8]


def test_demo_makes_a_public_event_around_today(client, db):
    said = demo()

    event = Event.objects.get()
    assert said == "Made Tideline Demo Conference, from 2026-11-27 to 2026-11-29.\n"
    assert (event.slug, event.state, event.time_zone) == (SLUG, "published", "Europe/Berlin")
    assert event.sessions.count() == 302
    assert page(client.get(f"/{SLUG}/")).one("p.badge").text == "on now"
    assert "now" in page(client.get(f"/{SLUG}/now/")).texts("span.on")


@pytest.mark.any_database
def test_demo_has_two_mistakes_for_an_editor_to_find(db):
    demo()

    event = Event.objects.get()
    found = Counter(finding.fault for finding in lint(whole_record(event, event.sessions.with_details().in_order())))
    assert found == {Fault.ROOM_TWICE: 1, Fault.PERSON_TWICE: 1}


@pytest.mark.any_database
def test_demo_cancels_one_talk_and_moves_another(client, db):
    demo()

    cancelled = Session.objects.get(status="cancelled")
    moved = Session.objects.get(room__name="Customs House", note__startswith="Moved")
    assert cancelled.note
    assert changed(client) == [moved.title, cancelled.title]


@pytest.mark.any_database
def test_demo_has_talks_without_a_time_and_one_without_a_room(client, db):
    demo()

    untimed = Session.objects.filter(start=None).order_by("pk")
    address = page(client.get(f"/{SLUG}/")).link("3 talks have no time yet")
    there = page(client.get(f"/{SLUG}/{address}")).one("section", aria_labelledby="d-none")
    assert [each.room is None for each in untimed] == [False, False, True]
    assert sorted(there.texts("h4.title")) == sorted(each.title for each in untimed)


@pytest.mark.any_database
def test_demo_repeated_on_one_day_changes_nothing(db):
    demo()
    before = list(Session.objects.values_list("pk", "updated"))

    assert demo() == ""
    assert list(Session.objects.values_list("pk", "updated")) == before


def test_demo_repeated_later_moves_the_event_and_keeps_stars(client, db, alice, time_machine):
    demo()
    before = titles_times_and_rooms()
    told = changed(client)
    Star.objects.create(user=alice, session=Session.objects.get(status="cancelled"))
    time_machine.move_to(MONDAY, tick=False)

    said = demo()

    assert said == "Moved Tideline Demo Conference, from 2026-11-29 to 2026-12-01.\n"
    assert titles_times_and_rooms() == before
    assert Star.objects.get().session.start.date() == MONDAY.date()
    assert changed(client) == told
    assert SessionRevision.objects.count() == 2


@pytest.mark.any_database
def test_demo_leaves_what_an_editor_deleted_deleted(db, time_machine):
    demo()
    Session.objects.filter(status="cancelled").delete()
    time_machine.move_to(MONDAY, tick=False)

    demo()

    assert Session.objects.count() == 301


@pytest.mark.any_database
def test_demo_stands_beside_the_seed(kvm_forum):
    demo()

    assert set(Event.objects.values_list("slug", flat=True)) == {"kvm-forum-2019", SLUG}


def test_demo_refuses_a_zone_that_is_none(db):
    with pytest.raises(CommandError, match="“Moon” is not a time zone"):
        demo(zone="Moon")
