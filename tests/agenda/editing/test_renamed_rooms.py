"""A room that a file calls otherwise is the same room: by its guid, or as an editor says; stars and sessions stay."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.test import Client

from agenda.editing.apply import publish
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.editing.refreshing import is_harmless
from agenda.formats.records import ProgrammeRecord, RoomRecord
from agenda.formats.schedule_xml import read
from agenda.models import Batch, Event, Plan, Room, Source
from tests.agenda.editing.test_plan import NINE, put_back, talk
from tests.agenda.kvm_forum import add_event
from tests.agenda.pages import text_of

HALL = UUID("22222222-2222-4222-8222-222222222222")


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")


@pytest.fixture
def source(event: Event) -> Source:
    return Source.objects.create(event=event, name="schedule.xml")


def file(room: str, *, guid: UUID | None = HALL, hour: int = 0, more: int = 0) -> ProgrammeRecord:
    talks = [talk("1", room=room, hour=hour), *(talk(f"more {n}", room=room, hour=n) for n in range(1, more + 1))]
    return ProgrammeRecord(format="a file", sessions=tuple(talks), rooms=(RoomRecord(name=room, guid=guid),))


def planned(source: Source, programme: ProgrammeRecord, **choices: str) -> Plan:
    plan = plan_for(programme, source, by=None)
    plan.choices = choices
    plan.save()
    return plan


def imported(source: Source, programme: ProgrammeRecord, **choices: str) -> Batch | None:
    plan = planned(source, programme, **choices)
    return publish(plan, by=None, fingerprint=propose(plan).fingerprint)


def rooms() -> list[tuple[str, UUID | None]]:
    return list(Room.objects.values_list("name", "guid"))


def test_room_that_the_file_renames_is_the_same_one_and_a_new_talk_is_in_it(source):
    imported(source, file("Old"))
    proposal = propose(planned(source, file("New")))
    batch = imported(source, file("New", more=1))

    assert (proposal.sessions, is_harmless(proposal, NINE)) == ([], True)
    assert (rooms(), batch.counts) == ([("New", HALL)], {"new": 1})
    assert {session.room.name for session in source.event.sessions.all()} == {"New"}
    assert propose(planned(source, file("New", more=1))).is_empty
    put_back(batch)
    assert rooms() == [("Old", HALL)]
    assert propose(planned(source, file("New", more=1))).renamed_rooms == []  # what was put back does not come again


@pytest.mark.parametrize("guid", [HALL, None])
def test_room_that_the_file_renames_back_has_its_old_name_again(source, guid):
    for name in ("Aula", "Forum", "Aula"):
        imported(source, file(name, guid=guid), **{f"rename:{name}": "yes"})

    assert [name for name, _ in rooms()] == ["Aula"]


def test_renaming_is_undone_with_the_sessions_that_left_the_room(source):
    imported(source, file("Aula", more=2))
    moved = file("Forum", more=2)
    away = replace(moved.sessions[0], room="Cellar")
    batch = imported(source, replace(moved, sessions=(away, *moved.sessions[1:])))
    assert sorted(name for name, _ in rooms()) == ["Cellar", "Forum"]

    put_back(batch)

    assert {session.room.name for session in source.event.sessions.all()} == {"Aula"}
    assert sorted(name for name, _ in rooms()) == ["Aula", "Cellar"]


@pytest.mark.parametrize(("choice", "after"), [(None, "Ours"), ("yes", "New"), ("old", "Ours")])
def test_room_that_was_renamed_here_too_is_asked_about(source, choice, after):
    imported(source, file("Old"))
    Room.objects.update(name="Ours")
    assert propose(planned(source, file("Old"))).is_empty

    imported(source, file("New"), **({"rename:New": choice} if choice else {}))

    assert rooms() == [(after, HALL)]
    assert propose(planned(source, file("New"))).is_empty


def test_name_of_the_room_is_asked_on_the_review(client: Client, source, editor):
    client.force_login(editor)
    imported(source, file("Old"))
    plan = planned(source, file("New", hour=3))
    address = f"/spring/edit/plans/{plan.pk}/"

    page = client.get(address)
    form = {"boxes": "all", "changed:1": "yes", "fingerprint": propose(plan).fingerprint, "do": "publish"}
    client.post(address, form)  # the room is not ticked

    assert "The room “Old” is called “New” in the file" in text_of(page)
    assert rooms() == [("Old", HALL)]
    assert source.event.sessions.get().start.hour == NINE.hour + 3


def test_guid_is_noted_once_a_file_has_it_and_given_back(client: Client, source):
    imported(source, file("Old", guid=None))
    imported(source, file("Old", hour=1))

    assert rooms() == [("Old", HALL)]
    Event.objects.update(state="published")
    assert read(client.get("/spring/schedule.xml").content).rooms == (RoomRecord(name="Old", guid=HALL),)


def test_room_that_an_editor_takes_for_the_same_one_has_the_new_talks_too(source):
    imported(source, file("Old", guid=None))

    imported(source, file("New", guid=None, more=1), **{"rename:New": "yes"})

    assert rooms() == [("New", None)]
