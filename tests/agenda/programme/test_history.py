"""What a session's revisions say: where it moved from, and what the editors said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agenda.models import Session, SessionRevision
from agenda.programme.history import latest_note, moved_from


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moved(session: Session, before: str, after: str, at_: str, note: str = "") -> None:
    changes = {"start": [before, after], "end": [before, after]}
    SessionRevision.objects.create(session=session, sequence=1, at=at(at_), changes=changes, note=note)


def test_session_says_when_it_was_before_its_last_move(opening):
    moved(opening, "2019-10-31T08:00:00+00:00", "2019-10-31T09:00:00+00:00", "2019-10-01")
    moved(opening, "2019-10-31T09:00:00+00:00", "2019-10-31T10:00:00+00:00", "2019-10-02")
    SessionRevision.objects.create(session=opening, sequence=3, at=at("2019-10-03"), changes={"title": ["A", "B"]})

    assert moved_from(opening) == at("2019-10-31 09:00")


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


def revised(session: Session, note: str = "", **changes: list[object]) -> None:
    SessionRevision.objects.create(session=session, sequence=1, changes=changes, note=note)


def test_latest_note_is_the_newest_that_says_something(opening):
    revised(opening, "Room too small", room=["Forum 1", "Forum 2"])
    revised(opening, "The train is late", start=["2019-10-31T09:00:00+00:00", "2019-10-31T10:00:00+00:00"])
    revised(opening, abstract=["Long.", "Short."])

    assert latest_note(opening.revisions.all()) == "The train is late"


@pytest.mark.parametrize("field", ["status", "start", "end", "room"])
def test_note_is_not_said_of_a_later_change(opening, field):
    revised(opening, "The speaker is ill.", status=["confirmed", "cancelled"])
    revised(opening, **{field: ["old", "new"]})
    silent = latest_note(opening.revisions.all())
    revised(opening, "Bring a laptop.", abstract=["Long.", "Short."])

    assert (silent, latest_note(opening.revisions.all())) == ("", "Bring a laptop.")
