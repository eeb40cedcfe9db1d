"""What a session's revisions say: when and where readers knew it first."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from agenda.models import Room, Session, SessionRevision
from agenda.programme.history import moved_from, was_in


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moved(session: Session, before: str, after: str, at_: str) -> None:
    changes = {"start": [before, after], "end": [before, after]}
    SessionRevision.objects.create(session=session, sequence=1, at=at(at_), changes=changes)


def test_session_says_when_it_was_before_it_was_moved_twice(opening):
    moved(opening, "2019-10-31T08:00:00+00:00", "2019-10-31T09:00:00+00:00", "2019-10-01")
    moved(opening, "2019-10-31T09:00:00+00:00", "2019-10-31T10:00:00+00:00", "2019-10-02")
    SessionRevision.objects.create(session=opening, sequence=3, at=at("2019-10-03"), changes={"title": ["A", "B"]})

    assert moved_from(opening) == at("2019-10-31 08:00")


def test_session_was_never_where_it_stood_while_hidden(opening):
    revised(opening, start=["2019-10-31T08:00:00+00:00", "2019-10-31T10:00:00+00:00"])
    revised(opening, is_published=[True, False])
    revised(opening, start=["2019-10-31T10:00:00+00:00", "2019-10-31T11:00:00+00:00"])
    revised(opening, start=["2019-10-31T11:00:00+00:00", "2019-10-31T10:00:00+00:00"], is_published=[False, True])

    assert moved_from(opening) == at("2019-10-31 08:00")


def test_draft_that_is_published_at_another_time_did_not_move(opening):
    revised(opening, start=["2019-10-31T08:00:00+00:00", "2019-10-31T10:00:00+00:00"], is_published=[False, True])

    assert moved_from(opening) is None


def test_session_moved_back_was_not_moved(opening):
    moved(opening, "2019-10-31T10:00:00+00:00", "2019-10-31T11:00:00+00:00", "2019-10-01")

    assert moved_from(opening) is None


def revised(session: Session, **changes: list[object]) -> None:
    SessionRevision.objects.create(session=session, sequence=1, changes=changes)


def in_rooms(session: Session, *names: str) -> None:
    """The session was in each of these rooms in turn, and is in the last of them."""
    *_, last = (Room.objects.get_or_create(event=session.event, slug=name.lower(), name=name)[0] for name in names)
    for old, new in pairwise(names):
        revised(session, room=[old, new])
    session.room = last


@pytest.mark.parametrize(
    ("rooms", "was"),
    [("A", ""), ("AB", "A"), ("ABA", ""), ("ABC", "A"), ("ABAB", "A"), ("ABCA", "")],
)
def test_room_is_said_as_readers_knew_it_first(opening, rooms, was):
    in_rooms(opening, *rooms)

    assert was_in(opening) == was


@pytest.mark.parametrize(
    ("hours", "was"), [((9, 10), 9), ((9, 10, 9), None), ((9, 10, 11), 9), ((9, 10, 11, 9), None), ((9,), None)]
)
def test_time_is_said_as_readers_knew_it_first(opening, hours, was):
    times = [f"2019-10-31T{hour:02}:00:00+00:00" for hour in hours]
    for number, (old, new) in enumerate(pairwise(times), 1):
        moved(opening, old, new, f"2019-10-0{number}")
    opening.start = datetime.fromisoformat(times[-1])

    assert moved_from(opening) == (None if was is None else at(f"2019-10-31 {was:02}:00"))


def test_room_while_hidden_was_never_known(opening):
    in_rooms(opening, "A", "B")
    revised(opening, is_published=[False, True])

    assert was_in(opening) == ""


def test_session_that_gets_its_first_room_was_in_none(opening):
    revised(opening, room=["", "Forum 3"])

    assert was_in(opening) == ""


def test_session_that_loses_its_room_says_which(opening):
    revised(opening, room=["Forum 3", ""])
    opening.room = None

    assert was_in(opening) == "Forum 3"
