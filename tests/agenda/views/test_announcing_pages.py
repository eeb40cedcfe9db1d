"""Announcements in the editing area: written in the event's zone, changed, ended; kept in the history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.models import Announcement, Event, Room, RowRevision
from tests.agenda.kvm_forum import add_event
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

PAGE = "/spring/edit/announcements/"
LUNCH = {"text": "Lunch is in hall B", "start": "2026-03-01T12:00", "end": "2026-03-01T14:00"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-01T11:30:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def event(db: None) -> Event:
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    Room.objects.create(event=event, name="Red", slug="red")
    return event


@pytest.fixture
def client(client: Client, editor: User, event: Event) -> Client:
    client.force_login(editor)
    return client


@pytest.mark.on_postgresql
def test_announcement_is_made_once_shown_and_in_the_feed(client, event, editor):
    room, visitor = Room.objects.get(), Client()
    shown = page(client.get(PAGE))
    assert shown.one("input", name="start")["value"] == "2026-03-01T12:30"
    assert shown.one("input", name="end")["value"] == "2026-03-02T04:00"

    for _ in range(2):
        client.post(PAGE, {**LUNCH, "room": room.pk, "day": "2026-03-01"})

    made = Announcement.objects.get()
    assert (made.start, made.end) == (datetime(2026, 3, 1, 11, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC))
    assert (made.made_by, made.room, RowRevision.objects.get().was_added) == (editor, room, True)
    assert "Red: Lunch is in hall B" in text_of(visitor.get("/spring/"))
    assert "Lunch is in hall B" in visitor.get("/spring/changes.atom").content.decode()
    assert page(client.get(PAGE)).all("ul.announced")[0].one("p.sub").text.endswith(f"on Sun 1 Mar alone · {editor}")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"text": " "}, "This field is required."),
        ({"end": "2026-03-01T11:00"}, "That is before it is shown from."),
        ({"day": "2026-03-09"}, "The event has no such day."),
        ({"room": "999"}, "Select a valid choice."),
        ({"start": "noon"}, "Enter a valid date/time."),
    ],
)
def test_what_cannot_be_announced_is_said_beside_the_field(client, event, values, problem):
    answer = client.post(PAGE, LUNCH | values)

    assert answer.status_code == 422
    assert any(problem in each.text for each in page(answer).all("p.errors"))
    assert not Announcement.objects.exists()


def test_announcement_is_changed_and_what_another_editor_wrote_is_asked_about(client, event):
    client.post(PAGE, LUNCH)
    address = f"{PAGE}{Announcement.objects.get().pk}/"
    was = page(client.get(address)).one("input", name="was")["value"]

    client.post(address, {**LUNCH, "text": "Lunch is outside", "was": was})
    late = client.post(address, {**LUNCH, "text": "Lunch is late", "was": was})
    same = client.post(address, {**LUNCH, "text": "Lunch is outside", "was": was})

    assert (late.status_code, same.status_code) == (422, 302)
    assert "it says now: “Lunch is outside”" in text_of(late)
    assert Announcement.objects.get().text == "Lunch is outside"
    client.post(address, {**LUNCH, "text": "Lunch is late", "was": page(late).one("input", name="was")["value"]})
    assert Announcement.objects.get().text == "Lunch is late"


@pytest.mark.on_postgresql
def test_announcement_is_ended_or_withdrawn_and_put_back(client, event, clock):
    client.post(PAGE, LUNCH)
    client.post(PAGE, {**LUNCH, "text": "Dinner", "start": "2026-03-01T20:00", "end": "2026-03-01T21:00"})
    running, coming = Announcement.objects.order_by("start")

    for _ in range(2):
        for each in (running, coming):
            answer = client.post(f"{PAGE}{each.pk}/end")

    assert answer.status_code == 302
    assert Announcement.objects.get().end == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    assert "Ended" in text_of(client.get(PAGE))
    for revision in RowRevision.objects.exclude(changes__has_key="made").order_by("-pk")[:2]:
        client.post(f"/spring/edit/history/rows/{revision.pk}/put-back")
    assert [str(each) for each in Announcement.objects.running(datetime(2026, 3, 1, 12, tzinfo=UTC))] == [LUNCH["text"]]
    assert Announcement.objects.filter(text="Dinner").exists()


@pytest.mark.on_postgresql
def test_pages_are_for_editors_of_that_event(client, event, alice):
    client.post(PAGE, LUNCH)
    made = Announcement.objects.get()
    add_event("autumn", "Europe/Berlin", "2026-09-01", "2026-09-02")

    assert client.get(f"/autumn/edit/announcements/{made.pk}/").status_code == 404
    assert client.post(f"/autumn/edit/announcements/{made.pk}/end").status_code == 404
    client.force_login(alice)
    assert {client.get(PAGE).status_code, client.get(f"{PAGE}{made.pk}/").status_code} == {404}
    assert client.post(f"{PAGE}{made.pk}/end").status_code == 404
    assert Announcement.objects.get().end == made.end
