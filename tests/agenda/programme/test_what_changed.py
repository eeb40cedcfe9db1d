"""The changes of a session as its readers saw them: what still stands, and what was undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agenda.editing.changes import recording
from agenda.models import Batch, Plan, Session, SessionRevision
from agenda.programme.history import marks
from agenda.programme.what_changed import Step, steps_of, what_changed
from agenda.version_cache import Version
from tests.agenda.kvm_forum import BEFORE, add_event, add_session

pytestmark = pytest.mark.any_database

NINE, TEN, ELEVEN = (f"2019-10-31T{hour:02}:00:00+00:00" for hour in (9, 10, 11))
ON, OFF = "confirmed", "cancelled"
Change = dict[str, list[Any]]


def revised(session: Session, *revisions: Change, batches: dict[int, Batch] | None = None) -> tuple[Step, ...]:
    """The session's steps, the oldest first, after these revisions: one each minute, some of them in batches."""
    for minute, changes in enumerate(revisions):
        at, batch = BEFORE + timedelta(minutes=minute), (batches or {}).get(minute)
        SessionRevision.objects.create(session=session, sequence=1, at=at, changes=changes, batch=batch)
    (steps,) = steps_of([Version(session.pk, session.updated)]).values()
    return steps[::-1]


def batch_of(session: Session, inverse_of: Batch | None = None) -> Batch:
    plan = Plan.objects.create(event=session.event, kind=Plan.Kind.EDIT, title="Rain", wanted=[])
    return Batch.objects.create(event=session.event, plan=plan, at=BEFORE, inverse_of=inverse_of)


# Each: what was saved in turn, and what is left to tell, with the minute.
TOLD: dict[str, tuple[list[Change], list[tuple[int, Change]]]] = {
    "moved": ([{"start": [NINE, TEN]}], [(0, {"start": [NINE, TEN]})]),
    "moved twice": (
        [{"start": [NINE, TEN]}, {"start": [TEN, ELEVEN]}],
        [(0, {"start": [NINE, TEN]}), (1, {"start": [TEN, ELEVEN]})],
    ),
    "moved and moved back": ([{"start": [NINE, TEN]}, {"start": [TEN, NINE]}], []),
    "moved, moved on and back by one": (
        [{"start": [NINE, TEN]}, {"start": [TEN, ELEVEN]}, {"start": [ELEVEN, TEN]}],
        [(0, {"start": [NINE, TEN]})],
    ),
    "round by another room": ([{"room": ["A", "B"]}, {"room": ["B", "C"]}, {"room": ["C", "A"]}], []),
    "back and away again": (
        [{"room": ["A", "B"]}, {"room": ["B", "A"]}, {"room": ["A", "C"]}],
        [(2, {"room": ["A", "C"]})],
    ),
    "time undone, room not": (
        [{"start": [NINE, TEN], "room": ["A", "B"]}, {"start": [TEN, NINE]}],
        [(0, {"room": ["A", "B"]})],
    ),
    "cancelled": ([{"status": [ON, OFF]}], [(0, {"status": [ON, OFF]})]),
    "cancelled and reinstated": ([{"status": [ON, OFF]}, {"status": [OFF, ON]}], [(1, {"status": [OFF, ON]})]),
    "cancelled once more": (
        [{"status": [ON, OFF]}, {"status": [OFF, ON]}, {"status": [ON, OFF]}],
        [(2, {"status": [ON, OFF]})],
    ),
    "only tentative": ([{"status": [ON, "tentative"]}], []),
    "moved, then cancelled": ([{"start": [NINE, TEN]}, {"status": [ON, OFF]}], [(1, {"status": [ON, OFF]})]),
    "new": ([{"is_published": [False, True]}], [(0, {"is_published": [False, True]})]),
    "new and moved before": (
        [{"start": [NINE, TEN], "is_published": [False, True]}],
        [(0, {"is_published": [False, True]})],
    ),
    "new, then cancelled": ([{"is_published": [False, True]}, {"status": [ON, OFF]}], [(1, {"status": [ON, OFF]})]),
    "hidden and shown again": ([{"is_published": [True, False]}, {"is_published": [False, True]}], []),
    "moved while hidden": (
        [{"is_published": [True, False]}, {"start": [NINE, TEN]}, {"is_published": [False, True]}],
        [(2, {"start": [NINE, TEN]})],
    ),
    "moved and back while hidden": (
        [
            {"is_published": [True, False], "start": [NINE, TEN]},
            {"start": [TEN, ELEVEN]},
            {"is_published": [False, True], "start": [ELEVEN, NINE]},
        ],
        [],
    ),
    "note": ([{"note": ["", "Bring a laptop."]}], [(0, {"note": ["", "Bring a laptop."]})]),
    "note put back": (
        [{"note": ["", "Water."]}, {"note": ["Water.", "Ill."]}, {"note": ["Ill.", "Water."]}],
        [(0, {"note": ["", "Water."]})],
    ),
    "note withdrawn": ([{"note": ["", "Bring a laptop."]}, {"note": ["Bring a laptop.", ""]}], []),
    "another note": ([{"note": ["", "A"]}, {"note": ["A", "B"]}], [(1, {"note": ["A", "B"]})]),
    "texts": ([{"abstract": ["A", "B"], "slug": ["a", "b"]}], [(0, {})]),
    "texts undone": ([{"speakers": [["A"], ["B"]]}, {"speakers": [["B"], ["A"]]}], []),
    "an address": ([{"slug": ["a", "b"]}], []),
}


@pytest.mark.parametrize(("saved", "told"), TOLD.values(), ids=TOLD)
def test_what_still_stands_is_told(opening, saved, told):
    steps = revised(opening, *saved)

    assert [((step.at - BEFORE) // timedelta(minutes=1), step.changes) for step in steps] == told


def test_cancellation_that_was_put_back_says_nothing(opening):
    rain = batch_of(opening)

    steps = revised(
        opening, {"status": [ON, OFF]}, {"status": [OFF, ON]}, batches={0: rain, 1: batch_of(opening, inverse_of=rain)}
    )

    assert steps == ()


def test_changed_session_has_other_steps(opening):
    before = revised(opening)
    opening.updated += timedelta(minutes=1)

    assert before == ()
    assert len(revised(opening, {"room": ["A", "B"]})) == 1


def test_sessions_that_were_there_from_the_opening_are_not_new(db):
    event = add_event("forum", "Europe/Paris", "2019-10-30", "2019-11-01")
    first, second, later = (add_session(event, title, "2019-10-30 10:00") for title in ("A", "B", "C"))
    for session, at in ((first, BEFORE), (second, BEFORE), (later, BEFORE + timedelta(days=1))):
        changes = {"is_published": [False, True]}
        SessionRevision.objects.create(session=session, sequence=0, at=at, changes=changes)

    assert [slot.pk for _, slot in what_changed(event).all] == [later.pk]


def test_cancelled_session_that_was_there_from_the_opening_makes_no_other_new(db):
    event = add_event("forum", "Europe/Paris", "2019-10-30", "2019-11-01")
    first, second = (add_session(event, title, "2019-10-30 10:00") for title in ("A", "B"))
    for session in (first, second):
        changes = {"is_published": [False, True]}
        SessionRevision.objects.create(session=session, sequence=0, at=BEFORE, changes=changes)
    with recording([first.pk], by=None):
        Session.objects.filter(pk=first.pk).update(status=OFF)

    assert [(slot.pk, list(step.changes)) for step, slot in what_changed(event).all] == [(first.pk, ["status"])]


def test_own_talk_is_not_new(opening):
    revised(opening, {"is_published": [False, True]}, {"room": ["A", "B"]})

    assert [step.changes for step, _ in what_changed(opening.event).of({opening.pk}).all] == [{"room": ["A", "B"]}]
    assert what_changed(opening.event).of(set()).all == []


SAID: list[tuple[Change, list[tuple[str, str]]]] = [
    ({"is_published": [False, True]}, [("new", "new")]),
    ({"status": [OFF, ON]}, [("moved", "takes place after all")]),
    ({"start": [NINE, TEN], "end": [NINE, TEN]}, [("moved", "moved from 10:00")]),
    ({"start": ["2019-10-30T09:00:00+00:00", TEN]}, [("moved", "moved from Wed 10:00")]),
    ({"start": [None, TEN]}, [("moved", "has a time now: Thu 11:00")]),
    ({"end": [ELEVEN, TEN]}, [("moved", "was until 12:00")]),
    ({"room": ["Forum 1", "Forum 3"], "note": ["", "Bigger."]}, [("moved", "was in Forum 1")]),
    ({"room": ["", "Forum 3"]}, [("moved", "has a room now")]),
    ({"title": ["Old", "New"]}, [("moved", "was called “Old”")]),
    ({"note": ["", "Bring a laptop."]}, [("moved", "new note")]),
]


@pytest.mark.parametrize(("changes", "said"), SAID)
def test_change_is_said_beside_where_the_session_is_now(opening, changes, said):
    assert marks(changes, opening, opening.event.zone) == said


def test_of_a_cancelled_session_only_that_is_said(opening):
    opening.status = OFF

    assert marks({"status": [ON, OFF], "start": [NINE, TEN]}, opening, opening.event.zone) == [
        ("cancelled", "cancelled")
    ]
