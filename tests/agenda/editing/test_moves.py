"""Moves gather in one plan, shared by an event's editors, which is what the pages show before it is published."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from agenda.editing import moves
from agenda.editing.apply import publish
from agenda.editing.changes import recording
from agenda.editing.desk import Talk, desk, gathered
from agenda.editing.moves import MovedMeanwhile, gather
from agenda.editing.plan import propose
from agenda.models import Batch, Event, Plan, Room, Session
from tests.agenda.kvm_forum import add_event, add_session

pytestmark = pytest.mark.any_database

QUARTER = timedelta(minutes=15)


@pytest.fixture
def event(db: None) -> Event:
    """Two rooms; in the first three talks in a row, in the second one."""
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    red, blue = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Red", "Blue"))
    for title, clock in (("Ants", "10:00"), ("Bees", "10:30"), ("Cows", "11:00")):
        add_session(event, title, f"2026-03-01 {clock}", room=red)
    add_session(event, "Dogs", "2026-03-01 10:00", room=blue, minutes=45)
    add_session(event, "Eels", "2026-03-02 10:00", room=red)
    return event


def talk(event: Event, title: str) -> Talk:
    return next(each for each in desk(event).talks.values() if each.session.title == title)


def moved(event: Event, by: User, *titles: str, move) -> Plan | None:
    """As an editor does who has just looked."""
    seen = {each.pk: each.version for each in (talk(event, title) for title in titles)}
    return gather(event, lambda now: move(*(now.talks[pk] for pk in seen)), seen=seen, by=by)


def later(event: Event, by: User, title: str) -> Plan | None:
    return moved(event, by, title, move=lambda each: moves.later([each], QUARTER))


def published(plan: Plan | None, by: User) -> Batch | None:
    assert plan is not None
    return publish(plan, by=by, fingerprint=propose(plan).fingerprint)


def starts(event: Event) -> dict[str, str]:
    """Title: start, as it will be."""
    return {each.session.title: f"{each.start.astimezone(event.zone):%H:%M}" for each in desk(event).talks.values()}


def test_moves_of_two_editors_gather_in_one_plan(event, editor, root):
    first = later(event, editor, "Ants")
    second = moved(event, root, "Ants", "Dogs", move=lambda *talks: moves.to_room(talks, "Blue"))

    assert (first, Plan.objects.count()) == (second, 1)
    assert (talk(event, "Ants").room, starts(event)["Ants"]) == ("Blue", "10:15")
    assert (desk(event).count, second.title) == (1, "“Ants”: other time, other room")  # Dogs are there already
    assert Session.objects.get(title="Ants").room.name == "Red"
    published(second, root)
    assert (Session.objects.get(title="Ants").room.name, gathered(event)) == ("Blue", None)


def test_value_that_is_as_before_leaves_the_plan_and_an_empty_plan_is_discarded(event, editor):
    plan = later(event, editor, "Ants")

    nothing = moved(event, editor, "Ants", move=lambda each: moves.to_time(each, each.session.start))

    assert (nothing, desk(event).plan) == (None, None)
    assert plan is not None
    plan.refresh_from_db()
    assert plan.state == Plan.Status.DISCARDED


def test_same_form_twice_moves_once(event, editor):
    seen = {talk(event, "Ants").pk: talk(event, "Ants").version}
    shift = lambda now: moves.later([now.talks[pk] for pk in seen], QUARTER)  # noqa: E731
    gather(event, shift, seen=seen, by=editor)

    with pytest.raises(MovedMeanwhile):
        gather(event, shift, seen=seen, by=editor)
    to_blue = lambda now: moves.to_room([now.talks[pk] for pk in seen], "Blue")  # noqa: E731
    with pytest.raises(MovedMeanwhile):
        gather(event, to_blue, seen=seen, by=editor)

    assert (starts(event)["Ants"], talk(event, "Ants").room) == ("10:15", "Red")


def test_absolute_move_twice_is_no_fault(event, editor):
    seen = {talk(event, "Ants").pk: talk(event, "Ants").version}
    for _ in range(2):
        plan = gather(event, lambda now: moves.noted([now.talks[pk] for pk in seen], "Rain"), seen=seen, by=editor)

    assert plan is not None
    assert [row["wanted"] for row in plan.wanted["sessions"]] == [{"note": "Rain"}]


def test_later_takes_along_what_follows_in_the_room_that_day(event, editor):
    moved(event, editor, "Bees", move=lambda each: moves.later(desk(event).following(each), QUARTER))

    assert starts(event) == {"Ants": "10:00", "Bees": "10:45", "Cows": "11:15", "Dogs": "10:00", "Eels": "10:00"}
    assert desk(event).double_bookings() == []


def test_talks_swap_time_and_room_without_a_false_double_booking(event, editor):
    plan = moved(event, editor, "Ants", "Bees", move=moves.swapped)

    assert (starts(event)["Ants"], starts(event)["Bees"]) == ("10:30", "10:00")
    assert propose(plan).clashes == []
    moved(event, editor, "Cows", "Dogs", move=moves.swapped)
    cows, dogs = talk(event, "Cows"), talk(event, "Dogs")
    assert (cows.room, dogs.room, dogs.end - dogs.start) == ("Blue", "Red", timedelta(minutes=45))


def test_double_booking_is_that_of_the_result(event, editor):
    moved(event, editor, "Bees", move=lambda each: moves.to_room([each], "Blue"))

    assert [
        (clash.needed, one.session.title, other.session.title) for clash, one, other in desk(event).double_bookings()
    ] == [("Blue", "Dogs", "Bees")]


def test_replacement_takes_the_place_and_both_name_each_other(event, editor, client):
    spare = add_session(event, "Spare", "2026-03-02 20:00", is_published=False)
    plan = moved(event, editor, "Ants", "Spare", move=lambda one, other: moves.replaced(one, other, in_its_place=True))
    published(plan, editor)

    ants, spare = Session.objects.get(title="Ants"), Session.objects.get(pk=spare.pk)
    assert (ants.status, ants.replaced_by, spare.start, spare.room.name) == ("cancelled", spare, ants.start, "Red")
    assert "Instead: <a" in client.get(ants.get_absolute_url()).content.decode()
    assert "In place of <a" in client.get(spare.get_absolute_url()).content.decode()
    assert "Instead: Spare" in client.get(f"{ants.get_absolute_url()[:-1]}.ics").content.decode()
    assert "Instead: <a" in client.get("/spring/changes/").content.decode()
    assert "Instead: Spare." in client.get("/spring/changes.atom").content.decode()
    assert ants.revisions.get().changes["replaced_by"] == ["", "Spare"]


def test_hidden_replacement_is_not_named(event, editor, client):
    add_session(event, "Secret", "2026-03-02 20:00", is_published=False)
    move = lambda one, other: moves.replaced(one, other, in_its_place=False)  # noqa: E731
    published(moved(event, editor, "Ants", "Secret", move=move), editor)

    ants = Session.objects.get(title="Ants")
    assert ants.replaced_by is not None
    assert "Secret" not in client.get(ants.get_absolute_url()).content.decode()
    assert "replaced_by" not in ants.revisions.get().changes


def test_renamed_replacement_renews_what_names_it(event, editor, client):
    move = lambda one, other: moves.replaced(one, other, in_its_place=False)  # noqa: E731
    published(moved(event, editor, "Ants", "Dogs", move=move), editor)
    client.get("/spring/")

    with recording([Session.objects.get(title="Dogs").pk], by=editor):
        Session.objects.filter(title="Dogs").update(title="Wolves")

    assert "Instead: <a" in client.get("/spring/").content.decode()
    assert "<bdi>Dogs</bdi>" not in client.get("/spring/").content.decode()


def test_what_was_changed_meanwhile_is_asked_about(event, editor):
    plan = moved(event, editor, "Ants", move=lambda each: moves.to_room([each], "Blue"))
    ants = Session.objects.get(title="Ants")
    with recording([ants.pk], by=None):
        Session.objects.filter(pk=ants.pk).update(room=None)

    assert (talk(event, "Ants").room, len(propose(plan).conflicts)) == ("", 1)
    moved(event, editor, "Ants", move=lambda each: moves.to_room([each], "Blue"))
    assert (talk(event, "Ants").room, propose(gathered(event)).conflicts) == ("Blue", [])


def test_desk_takes_as_many_queries_for_1_and_5_talks(event, editor, django_assert_num_queries):
    later(event, editor, "Ants")
    other = add_event("autumn", "Europe/Berlin", "2026-03-01", "2026-03-02")
    add_session(other, "Alone", "2026-03-01 10:00")
    later(other, editor, "Alone")

    for each in (other, event):
        with django_assert_num_queries(9):
            desk(Event.objects.get(pk=each.pk))
