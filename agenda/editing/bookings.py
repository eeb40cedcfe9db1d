"""Double bookings: two sessions that need the same room or the same speaker at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agenda.models import Room, Session, Speaker

MOST_CLASHES = 200  # more than anybody reads; with all sessions at once in one room there would be millions


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


@dataclass(frozen=True, slots=True)
class Need:
    """A session as it will be, and what it needs: times in ISO 8601 and UTC, names of a room and of speakers."""

    title: str
    start: str  # empty if it has no time; then it needs nothing
    end: str
    needed: frozenset[str]
    is_changed: bool

    @classmethod
    def of(cls, values: dict[str, Any], *, is_changed: bool) -> Need:
        """Made of the values of agenda/editing/wanted.py. A cancelled session needs nothing."""
        start, end = values["when"] or ("", "")
        goes_ahead = start and values.get("status") != Session.Status.CANCELLED and values.get("is_published", True)
        names = (values.get("room") or "", *(values.get("speakers") or ())) if goes_ahead else ()
        return cls(values["title"], start, end, frozenset(name for name in names if name), is_changed)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two sessions that will need this room or speaker at once."""

    needed: str
    one: Need
    other: Need


def clashes(needs: Iterable[Need]) -> list[Clash]:
    """The double bookings in which a changed session takes part, in order of time; at most MOST_CLASHES."""
    found: list[Clash] = []
    running: dict[str, list[Need]] = {}
    for need in sorted(needs, key=lambda need: (need.start, need.end, need.title)):
        for name in sorted(need.needed):
            others = [other for other in running.get(name, ()) if other.end > need.start]
            found += [Clash(name, other, need) for other in others if need.is_changed or other.is_changed]
            running[name] = [*others, need][-MOST_CLASHES:]
        if len(found) > MOST_CLASHES:
            break
    return found[:MOST_CLASHES]
