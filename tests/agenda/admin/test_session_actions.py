"""What editors do to many sessions at once in /admin/."""

from __future__ import annotations

import pytest

from agenda.models import Session, SessionRevision, Star
from tests.agenda.admin.editing import act, messages, page
from tests.agenda.kvm_forum import BEFORE, session_of

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def second(opening):
    """The session after the opening, in the same room."""
    return session_of("Nesting&testing")


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("action", "before", "after", "sequence", "said"),
    [
        ("publish", {"is_published": False}, {"is_published": [False, True]}, 0, "Published 1 session."),
        ("unpublish", {"is_published": True}, {"is_published": [True, False]}, 0, "Unpublished 1 session."),
        ("cancel", {"status": "confirmed"}, {"status": ["confirmed", "cancelled"]}, 1, "Cancelled 1 session."),
        ("cancel", {"status": "tentative"}, {"status": ["tentative", "cancelled"]}, 1, "Cancelled 1 session."),
        ("reinstate", {"status": "cancelled"}, {"status": ["cancelled", "confirmed"]}, 1, "Reinstated 1 session."),
    ],
)
def test_action_is_recorded_and_said(desk, editor, opening, action, before, after, sequence, said):
    Session.objects.filter(pk=opening.pk).update(**before)

    response = act(desk, action, opening)

    revision = SessionRevision.objects.get()
    assert (revision.session, revision.by, revision.changes) == (opening, editor, after)
    opening.refresh_from_db()
    assert (opening.sequence, opening.updated) == (sequence, BEFORE)
    assert messages(response) == [said]


@pytest.mark.parametrize(
    ("action", "undone", "done"),
    [
        ("publish", "unpublish", "Published"),
        ("cancel", "reinstate", "Cancelled"),
        ("reinstate", "cancel", "Reinstated"),
    ],
)
def test_action_repeated_changes_nothing(desk, opening, action, undone, done):
    act(desk, undone, opening)
    act(desk, action, opening)
    before = list(SessionRevision.objects.values()), list(Session.objects.values())

    response = act(desk, action, opening)

    assert messages(response) == [f"{done} 0 sessions. 1 session needed no change."]
    assert (list(SessionRevision.objects.values()), list(Session.objects.values())) == before


def test_action_counts_those_that_needed_no_change(desk, opening, second):
    third = session_of("virtio-fs")
    act(desk, "cancel", third)

    response = act(desk, "cancel", opening, second, third)

    assert messages(response) == ["Cancelled 2 sessions. 1 session needed no change."]


def test_reinstating_leaves_a_tentative_session_tentative(desk, opening):
    Session.objects.filter(pk=opening.pk).update(status="tentative")

    act(desk, "reinstate", opening)

    opening.refresh_from_db()
    assert opening.status == "tentative"


@pytest.mark.parametrize("status", ["tentative", "confirmed"])
def test_reinstated_session_is_what_it_was_before_it_was_cancelled(desk, opening, second, status):
    Session.objects.filter(pk=opening.pk).update(status=status)
    for action in ("cancel", "reinstate", "cancel", "reinstate"):
        act(desk, action, opening, second)

    reinstated = Session.objects.filter(pk__in=[opening.pk, second.pk]).in_order()
    assert list(reinstated.values_list("status", flat=True)) == [status, "confirmed"]


@pytest.mark.on_postgresql
def test_reinstating_warns_of_a_double_booking(desk, opening, second):
    Session.objects.filter(pk=opening.pk).update(status="cancelled", end=second.end)

    response = act(desk, "reinstate", opening)

    assert messages(response) == [
        "Reinstated 1 session.",
        "Double booking: Forum 3 is in use by “Nesting&testing” (Thu 31 Oct 2019, 11:30–12:00 CET).",
    ]


def test_action_on_what_is_no_number_is_refused(desk, opening):
    sent = {"action": "cancel", "_selected_action": ["abc"], "index": 0}

    response = desk.post("/admin/agenda/session/", sent)

    assert response.status_code == 400
    assert not SessionRevision.objects.exists()


@pytest.mark.on_postgresql
@pytest.mark.parametrize("action", ["cancel", "unpublish"])
def test_action_says_first_how_many_people_starred_it(desk, alice, bob, opening, second, action):
    for user, session in ((alice, opening), (alice, second), (bob, second)):
        Star.objects.create(user=user, session=session)
    sent = {"action": action, "_selected_action": [opening.pk, second.pk], "index": 0}

    form = page(desk.post("/admin/agenda/session/", sent)).one("form", id="bulk_form")

    assert form.one("strong").text == "2 people have starred"
    assert form.texts("li") == [opening.title, second.title]
    assert not SessionRevision.objects.exists()


def test_note_of_the_page_is_kept_with_each_session(desk, opening, second):
    Session.objects.filter(pk=second.pk).update(note="Bring a laptop.")

    act(desk, "cancel", opening, note="The speaker is ill.")
    act(desk, "cancel", second)

    notes = Session.objects.filter(pk__in=[opening.pk, second.pk]).order_by("start").values_list("note", flat=True)
    assert list(notes) == ["The speaker is ill.", "Bring a laptop."]


@pytest.mark.on_postgresql
def test_note_that_is_too_long_is_refused_and_changes_nothing(desk, opening):
    response = act(desk, "cancel", opening, note="x" * 501)

    assert response.status_code == 422
    assert not SessionRevision.objects.exists()
