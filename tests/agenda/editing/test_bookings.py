"""What double-books a room or a speaker."""

from __future__ import annotations

import pytest

from agenda.editing.bookings import DoubleBooking, double_bookings
from agenda.models import Session
from tests.agenda.kvm_forum import add_session, session_of


@pytest.fixture
def rival(opening):
    """Another one that begins in the middle of the opening, in no room and with nobody."""
    return add_session(opening.event, "Rival", "2019-10-31T11:15")


def test_double_bookings_are_none_where_only_the_time_is_shared(opening, rival):
    assert double_bookings(opening) == []


def test_double_bookings_name_a_shared_room(opening, rival):
    Session.objects.filter(pk=rival.pk).update(room=opening.room)

    assert double_bookings(opening) == [DoubleBooking(rival, opening.room)]


def test_double_bookings_name_each_shared_speaker_after_the_room(opening, rival):
    Session.objects.filter(pk=rival.pk).update(room=opening.room)
    marc = opening.speakers.get()
    rival.appearances.create(speaker=marc)

    assert double_bookings(opening) == [DoubleBooking(rival, opening.room), DoubleBooking(rival, marc)]


def test_double_bookings_leave_out_what_ends_when_the_next_begins(opening):
    following = session_of("Nesting&testing")

    assert opening.end == following.start
    assert double_bookings(opening) == []


@pytest.mark.parametrize("cancelled", ["Managing", "Rival"])
def test_double_bookings_leave_out_cancelled_sessions(opening, rival, cancelled):
    Session.objects.filter(pk=rival.pk).update(room=opening.room)
    Session.objects.filter(title__startswith=cancelled).update(status="cancelled")
    opening.refresh_from_db()

    assert double_bookings(opening) == []


def test_double_bookings_come_in_order_of_time(opening):
    later = session_of("Nesting&testing")
    earlier = add_session(opening.event, "Earlier", "2019-10-31T10:45", room=opening.room)
    Session.objects.filter(pk=opening.pk).update(end=later.end)
    opening.refresh_from_db()

    assert [booking.other for booking in double_bookings(opening)] == [earlier, later]


@pytest.mark.parametrize("rivals", [1, 3])
def test_double_bookings_make_as_many_queries_for_three_as_for_one(opening, rivals, django_assert_num_queries):
    for number in range(rivals):
        add_session(opening.event, f"Rival {number}", "2019-10-31T11:15", room=opening.room)

    with django_assert_num_queries(3):
        found = double_bookings(opening)

    assert len(found) == rivals
