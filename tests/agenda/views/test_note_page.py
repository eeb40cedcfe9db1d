"""The page on which a note alone is written, reviewed and published."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.models import Batch, Event, Plan, Session, Star
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.conftest import signed_up
from tests.pages import page

pytestmark = pytest.mark.any_database

NOTE = "/spring/edit/morning/talks/ants/note/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-01T08:40:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def ants(db: None) -> Session:
    """In twenty minutes, starred by five people."""
    ants = add_session(add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02"), "Ants", "2026-03-01 10:00")
    Star.objects.bulk_create(Star(user=signed_up(f"{n}@example.org"), session=ants) for n in range(5))
    return ants


@pytest.fixture
def client(client: Client, editor: User, ants: Session) -> Client:
    client.force_login(editor)
    return client


def written(client: Client, note: str, do: str = "publish", **others: str) -> dict[str, str]:
    """What the form sends."""
    shown = page(client.get(NOTE))
    kept = {name: shown.one("input", name=name)["value"] for name in ("once", "was")}
    return kept | {"note": note, "do": do} | others


def test_note_is_reviewed_and_published_once_and_taken_back(client, ants):
    shown = text_of(client.get(NOTE))
    sent = written(client, " Bring a pen. ")
    answers = {client.post(NOTE, sent, follow=True).redirect_chain[-1][0] for _ in range(2)}

    assert "It starts within 30 minutes" in shown
    assert "5 people starred it. A note alone is mailed to nobody." in shown
    batch = Batch.objects.get()
    assert answers == {f"/spring/edit/batches/{batch.pk}/"}
    assert "Bring a pen." in text_of(Client().get(ants.get_absolute_url()))
    client.post(NOTE, written(client, ""))
    assert Session.objects.get().note == ""
    client.post(NOTE, written(client, "Bring a pen."))
    assert (Session.objects.get().note, Batch.objects.count()) == ("Bring a pen.", 3)


def test_form_that_is_sent_again_with_other_words_gives_these(client, ants):
    sent = written(client, "Bring a pen.", do="keep")
    client.post(NOTE, sent)
    client.post(NOTE, sent | {"note": "Bring two pens.", "do": "publish"})

    assert Session.objects.get().note == "Bring two pens."
    assert Plan.objects.filter(state=Plan.Status.WAITING).count() == 1


def test_note_is_kept_as_a_draft_apart_from_moves_that_wait(client):
    answer = client.post(NOTE, written(client, "Bring a pen.", do="save", once="none"))

    plan = Plan.objects.get()
    assert (answer["Location"], plan.state, plan.title) == (f"/spring/edit/plans/{plan.pk}/", "waiting", "“Ants”: note")
    assert "Bring a pen." in text_of(client.get(answer["Location"]))
    assert Session.objects.get().note == ""


def test_note_that_another_editor_wrote_meanwhile_is_asked_about(client):
    late = written(client, "Bring a pen.")
    client.post(NOTE, written(client, "Bring a book."))

    answer = client.post(NOTE, late, follow=True)

    assert Session.objects.get().note == "Bring a book."
    assert "Another editor changed this note meanwhile." in text_of(answer)


@pytest.mark.on_postgresql
def test_what_changes_nothing_is_said(client):
    Event.objects.update(state="hidden")
    answer = client.post(NOTE, written(client, " "))

    assert (answer.status_code, Plan.objects.count()) == (422, 0)
    assert "Write the note first" in page(answer).one("p", id="note-problem").text
    assert "Nobody: the public does not see this talk." in text_of(answer)


def test_page_is_for_editors_of_that_talk(client, ants, alice):
    other = add_event("autumn", "Europe/Berlin", "2026-09-01", "2026-09-02")
    bees = add_session(other, "Bees", "2026-09-01 10:00")
    Session.objects.filter(pk=bees.pk).update(start=None, end=None)
    plan = Plan.objects.create(event=other, kind="edit", title="Theirs", wanted={"sessions": []})

    assert client.get("/autumn/edit/morning/talks/ants/note/").status_code == 404
    assert "No time yet" in text_of(client.get("/autumn/edit/morning/talks/bees/note/"))
    assert client.post(NOTE, written(client, "Bring a pen.", once=str(plan.pk))).status_code == 404
    client.force_login(alice)
    assert (client.get(NOTE).status_code, client.delete(NOTE).status_code) == (404, 405)
