"""Double bookings: two sessions that need the same room or the same speaker at once."""

from __future__ import annotations

from dataclasses import dataclass

from agenda.models import Room, Session, Speaker


@dataclass(frozen=True, slots=True)
class DoubleBooking:
    """A room or a speaker that a session needs while another session has it."""

    other: Session
    needed: Room | Speaker


def double_bookings(session: Session) -> list[DoubleBooking]:
    """The double bookings of a session, in the order of the other sessions, the room before the speakers.

    A cancelled session needs nothing. A session that ends when the next begins does not overlap it.
    """
    if session.is_cancelled:
        return []
    speakers = set(session.speakers.all())
    others = Session.objects.at_the_same_time_as(session).going_ahead().in_order()
    found = []
    for other in others.select_related("event").prefetch_related("speakers"):
        if session.room and session.room_id == other.room_id:
            found.append(DoubleBooking(other, session.room))
        found += [DoubleBooking(other, speaker) for speaker in other.speakers.all() if speaker in speakers]
    return found
