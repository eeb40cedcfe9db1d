"""The history of an event: every change by everybody, in words, filtered; and what puts one of them back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.editing.apply import publish
from agenda.editing.changes import recording
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.formats.records import ProgrammeRecord, SessionRecord
from agenda.models import Event, Material, Plan, Room, Session, SessionRevision, Source
from agenda.stars.starring import star
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

HISTORY = "/spring/edit/history/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-02-01T09:00:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def event(db: None) -> Event:
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    for name in ("Red", "Blue"):
        Room.objects.create(event=event, name=name, slug=name.lower())
    return event


@pytest.fixture
def ants(event: Event) -> Session:
    return add_session(event, "Ants", "2026-03-01 10:00", room=Room.objects.get(name="Red"))


@pytest.fixture
def client(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def edit(session: Session, by: User | None, why: str = "", **values: object) -> SessionRevision:
    with recording([session.pk], by=by, note=why) as edit:
        edit.change_all(**values)
    return edit.revisions[0]


def imported(event: Event, *talks: SessionRecord) -> None:
    source, _ = Source.objects.get_or_create(event=event, name="schedule.xml")
    plan = plan_for(ProgrammeRecord(format="a file", sessions=talks), source, by=None)
    publish(plan, by=None, fingerprint=propose(plan).fingerprint, note="From the file")


def record(title: str, **more: object) -> SessionRecord:
    start = Session.objects.get(title="Ants").start
    return SessionRecord(external_id=title, title=title, start=start, end=start.replace(minute=30), **more)


def rows(client: Client, query: str = "") -> list[str]:
    lists = page(client.get(HISTORY + query)).all("ol.history")
    return [each.text for listed in lists for each in listed.all("li")]


def test_each_change_is_said_with_who_and_why(client, event, ants, editor, clock):
    edit(ants, editor, "Flooded", room=Room.objects.get(name="Blue"))
    clock.shift(3600)
    edit(ants, None, status="cancelled")

    assert rows(client) == [
        "Sun 1 Feb 11:00 Ants status: confirmed → cancelled by the site Put back: Ants, 11:00",
        f"Sun 1 Feb 10:00 Ants room: Red → Blue {editor} · “Flooded” Put back: Ants, 10:00",
    ]


@pytest.mark.on_postgresql
def test_batch_and_source_are_named(client, event, ants, alice):
    star(alice, [ants.pk], through="page")
    imported(event, record("Bees"))
    imported(event, record("Bees", room="Blue"))

    (first, _) = rows(client)
    assert "room: none → Blue; note: none → From the file by the site · “From the file”" in first
    assert "· with a file, 1 session from schedule.xml" in first
    (newest, _) = rows(client, "?kind=many")
    assert "a file, 1 session 1 changed by the site · “From the file” · from schedule.xml" in newest
    assert str(alice) not in text_of(client.get(HISTORY))


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=room", ["Ants"]),
        ("?kind=status", ["Bees"]),
        ("?kind=time", []),
        ("?q=bee", ["Bees"]),
        ("?by=import", ["Bees"]),
        ("?by=EDITOR", ["Ants"]),
        ("?by=999999", []),
        ("?by=x&kind=y&page=-1", []),
        ("?kind=y&page=x", ["Bees", "Ants"]),
    ],
)
def test_changes_are_filtered(client, event, ants, editor, query, found):
    bees = add_session(event, "Bees", "2026-03-01 11:00")
    edit(ants, editor, room=None)
    edit(bees, None, status="cancelled")

    answer = page(client.get(HISTORY + query.replace("EDITOR", str(editor.pk))))

    assert [each.text for listed in answer.all("ol.history") for each in listed.all("b")] == found


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"title": "Termites"}, "title"),
        ({"start": "2026-03-01T08:00:00Z"}, "start"),
        ({"end": "2026-03-01T10:00:00Z"}, "end"),
        ({"room": None}, "room"),
        ({"status": "cancelled"}, "status"),
        ({"note": "Rain"}, "note"),
        ({"is_published": False}, "is_published"),
        ({"abstract": "Words."}, "abstract"),
    ],
)
def test_change_is_put_back_by_a_plan(client, ants, editor, values, name):
    before = getattr(ants, name)
    revision = edit(ants, editor, **values)

    for _ in range(2):
        answer = client.post(f"{HISTORY}{revision.pk}/put-back")

    plan = Plan.objects.get()
    assert answer["Location"] == f"/spring/edit/plans/{plan.pk}/"
    publish(plan, by=editor, fingerprint=propose(plan).fingerprint)
    ants.refresh_from_db()
    assert getattr(ants, name) == before


@pytest.mark.on_postgresql
def test_materials_and_replacement_are_put_back(client, event, ants, editor):
    bees = add_session(event, "Bees", "2026-03-01 11:00")
    Material.objects.create(session=ants, title="Home", kind="link", url="https://a.example/")
    with recording([ants.pk], by=editor) as edited:
        edited.change_all(status="cancelled", replaced_by=bees)
        Material.objects.all().delete()

    client.post(f"{HISTORY}{edited.revisions[0].pk}/put-back")

    plan = Plan.objects.get()
    publish(plan, by=editor, fingerprint=propose(plan).fingerprint)
    ants.refresh_from_db()
    assert (ants.status, ants.replaced_by, Material.objects.get().title) == ("confirmed", None, "Home")


@pytest.mark.on_postgresql
def test_what_was_changed_again_since_is_asked(client, ants, editor):
    first = edit(ants, editor, title="Termites")
    edit(ants, editor, title="Wasps")

    answer = client.post(f"{HISTORY}{first.pk}/put-back", follow=True)

    assert "Title was changed here and since" in text_of(answer)


def test_change_of_another_event_is_not_found(client, ants, editor, alice):
    add_event("autumn", "Europe/Berlin", "2026-03-01", "2026-03-02")
    revision = edit(ants, editor, title="Termites")

    assert client.post(f"/autumn/edit/history/{revision.pk}/put-back").status_code == 404
    assert client.get(f"{HISTORY}{revision.pk}/put-back").status_code == 405
    client.force_login(alice)
    assert client.post(f"{HISTORY}{revision.pk}/put-back").status_code == 404
    assert not Plan.objects.exists()


@pytest.mark.on_postgresql
def test_history_is_paged_and_takes_as_many_queries_for_1_and_60_changes(
    client, ants, editor, django_assert_num_queries
):
    edit(ants, editor, title="Title 0")
    with django_assert_num_queries(10):
        client.get(HISTORY)

    for number in range(1, 60):
        edit(ants, editor, title=f"Title {number}")

    with django_assert_num_queries(10):
        assert len(rows(client)) == 50
    assert len(rows(client, "?page=2")) == 10


@pytest.mark.on_postgresql
@pytest.mark.parametrize(("start", "found"), [(None, "no time yet"), ("2026-03-01T12:00+00:00", "Sun 1 Mar 13:00")])
def test_change_of_the_end_alone_is_put_back_with_the_start_of_then(client, event, ants, editor, clock, start, found):
    longer = edit(ants, editor, end=ants.end + timedelta(minutes=15))
    clock.shift(60)
    moved = datetime.fromisoformat(start) if start else None
    edit(ants, editor, start=moved, end=moved and moved + timedelta(minutes=45))

    review = page(client.post(f"{HISTORY}{longer.pk}/put-back", follow=True))

    assert "Time was changed here and since" in review.text
    assert ("Sun 1 Mar 10:00–10:30" in review.text, found in review.text) == (True, True)
