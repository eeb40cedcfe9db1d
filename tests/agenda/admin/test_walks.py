"""Walking times in /admin/: between two rooms of one event, once a pair."""

from __future__ import annotations

import pytest

from agenda.models import Event, Room, Session, Walk
from tests.agenda.admin.editing import address, change, errors, send
from tests.agenda.kvm_forum import add_event

ADD = "/admin/agenda/walk/add/"


@pytest.fixture
def rooms(kvm_forum) -> list[Room]:
    made = [Room.objects.create(event=kvm_forum, name=name, slug=name.lower()) for name in ("Attic", "Bay", "Cellar")]
    elsewhere = add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")
    return [*made, Room.objects.create(event=elsewhere, name="Else", slug="else")]


def test_walk_is_added_and_changed(desk, kvm_forum, rooms):
    attic, bay, _, _ = rooms

    send(desk, ADD, event=str(kvm_forum.pk), room=str(attic.pk), other=str(bay.pk), minutes="9")
    walk = Walk.objects.get()
    assert (str(walk), walk.event) == ("Attic – Bay: 9 min", kvm_forum)

    change(desk, walk, minutes="7")
    walk.refresh_from_db()
    assert walk.minutes == 7
    assert desk.post(f"{address(walk).replace('change', 'delete')}", {"post": "yes"}).status_code == 302
    assert not Walk.objects.exists()


@pytest.mark.parametrize(
    ("pair", "refused"),
    [
        ((1, 0), {"": ["These two rooms have a walking time already."]}),
        ((2, 2), {"other": ["That is the same room."]}),
        ((0, 3), {"other": ["“Else” is a room of Other, not of KVM Forum 2019. Choose another."]}),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk, kvm_forum, rooms, pair, refused):
    Walk.objects.create(event=kvm_forum, room=rooms[0], other=rooms[1], minutes=9)
    room, other = (rooms[number] for number in pair)

    response = send(desk, ADD, event=str(kvm_forum.pk), room=str(room.pk), other=str(other.pk), minutes="9")

    assert errors(response) == refused


def test_event_s_own_number_moves_no_session(desk, kvm_forum):
    before = list(Session.objects.order_by("pk").values_list("updated", flat=True))

    change(desk, kvm_forum, walking_minutes="4")

    assert Event.objects.get().walking_minutes == 4
    assert list(Session.objects.order_by("pk").values_list("updated", flat=True)) == before
