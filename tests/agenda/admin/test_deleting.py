"""What may be deleted in /admin/, and what the pages that ask before it never show."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import CalendarKey
from agenda.models import Event, Session, Star, StarLog
from tests.agenda.admin.editing import act, address, page
from tests.agenda.kvm_forum import add_event, session_of

STAYS = "“Managing Matryoshkas: Testing Nested Guests” was starred. Cancel or unpublish it instead."


@pytest.fixture
def starred(opening, alice):
    """The opening, in Alice's agenda and calendar."""
    Star.objects.create(user=alice, session=opening)
    StarLog.objects.create(user=alice, session=opening, starred=True, through="page")
    CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    return opening


def reasons(response):
    return page(response).one("ul", id="deleted-objects").texts("li")


def test_starred_session_is_not_deleted(desk, starred):
    at = address(starred, "delete")

    assert reasons(desk.get(at)) == [STAYS]
    assert reasons(desk.post(at, {"post": "yes"})) == [STAYS]
    assert Session.objects.filter(pk=starred.pk).exists()


def test_session_whose_star_was_taken_back_is_not_deleted(desk, starred):
    Star.objects.all().delete()

    assert reasons(desk.get(address(starred, "delete"))) == [STAYS]


def test_starred_session_among_others_is_not_deleted(desk, starred):
    other = session_of("Nesting&testing")

    response = act(desk, "delete_selected", starred, other)

    assert reasons(response) == [STAYS]


def test_starred_session_confirmed_among_others_is_not_deleted(desk, starred):
    at = reverse("admin:agenda_session_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [starred.pk], "post": "yes"}

    desk.post(at, chosen)

    assert Session.objects.count() == 20


def test_pages_that_ask_before_deleting_show_nothing_of_who_starred(desk, root_desk, starred, alice):
    for client in (desk, root_desk):
        for row in (starred, starred.event, starred.room, starred.track):
            shown = page(client.get(address(row, "delete"))).text.lower()

            assert "alice" not in shown
            assert "star log" not in shown
            assert "phone" not in shown


def test_session_that_nobody_starred_is_deleted_with_its_materials(desk, opening):
    at = address(opening, "delete")

    asked = page(desk.get(at))
    desk.post(at, {"post": "yes"})

    assert asked.one("main").one("ul", id="deleted-objects").texts("li") == [opening.title]
    assert "Materials: 1" in asked.texts("li")
    assert not Session.objects.filter(pk=opening.pk).exists()


def test_sessions_that_nobody_starred_are_deleted_together(desk, opening):
    at = reverse("admin:agenda_session_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [opening.pk, session_of("Nesting").pk]}

    assert page(desk.post(at, chosen)).one("h1").text == "Delete multiple objects"
    desk.post(at, chosen | {"post": "yes"})

    assert Session.objects.count() == 18


def test_room_track_and_speaker_in_use_stay(desk, opening):
    others = (
        "“Managing Matryoshkas: Testing Nested Guests”, “Nesting&testing”, “Moving s390 Kvm-unit-tests up the Stack”"
    )
    rows = {
        opening.room: f"“Forum 3” is the room of {others} and others. Change those first.",
        opening.track: f"“KVM Forum Track 2” is the track of {others} and others. Change those first.",
        opening.speakers.get(): f"“Marc Hartmayer” is a speaker of “{opening}”. Change those first.",
    }

    for row, reason in rows.items():
        at = address(row, "delete")
        assert reasons(desk.get(at)) == [reason]
        assert reasons(desk.post(at, {"post": "yes"})) == [reason]


def test_room_that_is_not_in_use_is_deleted(desk, kvm_forum):
    room = kvm_forum.rooms.create(name="Hall", slug="hall")

    desk.post(address(room, "delete"), {"post": "yes"})

    assert [str(room) for room in kvm_forum.rooms.all()] == ["Forum 3"]


def test_event_with_sessions_stays(desk, kvm_forum):
    at = address(kvm_forum, "delete")
    reason = (
        "“KVM Forum 2019” has 20 sessions. Delete those first; "
        "those that were starred stay, and can be cancelled or unpublished."
    )

    assert reasons(desk.get(at)) == [reason]
    assert reasons(desk.post(at, {"post": "yes"})) == [reason]


def test_event_without_sessions_is_deleted_with_its_rooms(desk):
    event = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")
    event.rooms.create(name="Hall", slug="hall")
    event.former_slugs.create(kind="room", slug="big-hall", row=1)
    at = address(event, "delete")

    asked = page(desk.get(at))
    desk.post(at, {"post": "yes"})

    assert {"Events: 1", "Tracks: 0", "Rooms: 1", "Speakers: 0"} <= set(asked.texts("li"))
    assert not Event.objects.exists()
