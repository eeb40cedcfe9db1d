"""What editors do to talks: move, swap, cancel, replace, annotate. Each move becomes part of one waiting plan.

The plan is shared by the editors of an event: agenda/editing/desk.py shows the programme as it will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from agenda.editing.changes import one_at_a_time
from agenda.editing.desk import GATHERED, TEXTS, Desk, Talk, TimedTalk, desk, timed
from agenda.editing.wanted import Values, Wanted, when
from agenda.models import Event, Plan, Session

Moves = dict[int, Values]  # by session (pk): the values that it should have

IN_TITLES = {
    **{"when": "other time", "room": "other room", "status": "cancelled or not", "replaced_by": "other replacement"},
    **{"is_published": "shown or hidden", "track": "other track", "note": "note"},
    **{name: f"other {name}" for name in TEXTS},
}
LONGEST_TITLE = 200


class MovedMeanwhile(Exception):
    """The talks are no longer as they were on the page from which they were to be moved."""


def later(talks: Iterable[Talk], by: timedelta) -> Moves:
    """Shifts the talks; those without a time stay so."""
    return {talk.pk: {"when": when(talk.start + by, talk.end + by)} for talk in timed(talks)}


def to_time(talk: Talk, start: datetime) -> Moves:
    return {talk.pk: {"when": when(start, start + talk.length)}}


def without_time(talks: Iterable[Talk]) -> Moves:
    return {talk.pk: {"when": []} for talk in talks}


def _to_time_of(talk: Talk, other: Talk) -> Moves:
    return to_time(talk, other.start) if isinstance(other, TimedTalk) else without_time([talk])


def to_room(talks: Iterable[Talk], room: str) -> Moves:
    return {talk.pk: {"room": room} for talk in talks}


def on_track(talks: Iterable[Talk], track: str) -> Moves:
    return {talk.pk: {"track": track} for talk in talks}


def swapped(one: Talk, other: Talk) -> Moves:
    """Gives each the start and the room of the other; both keep their length."""
    return {
        mine.pk: _to_time_of(mine, theirs)[mine.pk] | {"room": theirs.room}
        for mine, theirs in ((one, other), (other, one))
    }


def cancelled(talks: Iterable[Talk]) -> Moves:
    return {talk.pk: {"status": Session.Status.CANCELLED.value} for talk in talks}


def reinstated(talks: Iterable[Talk]) -> Moves:
    return {talk.pk: {"status": Session.Status.CONFIRMED.value, "replaced_by": 0} for talk in talks}


def replaced(talk: Talk, other: Talk, *, in_its_place: bool) -> Moves:
    """Cancels the talk in favour of the other, which is shown, and moves to its time and room if `in_its_place`."""
    moves = {talk.pk: {"status": Session.Status.CANCELLED.value, "replaced_by": other.pk}}
    if in_its_place:
        moves[other.pk] = _to_time_of(other, talk)[other.pk] | {"room": talk.room, "is_published": True}
    return moves


def noted(talks: Iterable[Talk], note: str) -> Moves:
    return {talk.pk: {"note": note} for talk in talks}


def worded(talk: Talk, texts: Mapping[str, str]) -> Moves:
    return {talk.pk: dict(texts)}


def published(talks: Iterable[Talk], *, is_published: bool) -> Moves:
    return {talk.pk: {"is_published": is_published} for talk in talks}


def as_now(talks: Iterable[Talk]) -> Moves:
    """Takes back the moves that are not published."""
    return {talk.pk: {name: talk.now[name] for name in talk.changed} for talk in talks}


def together(*moves: Moves) -> Moves:
    """All of the moves; of two for one value, the later one."""
    found: Moves = {}
    for each in moves:
        for pk, values in each.items():
            found[pk] = found.get(pk, {}) | values
    return found


@transaction.atomic
def gather(event: Event, move: Callable[[Desk], Moves], *, seen: Mapping[int, str], by: User) -> Plan | None:
    """Adds what `move` makes of the present desk to the gathered plan; None if there is no plan, and nothing to do.

    `seen` are the talks (pks) with the versions that the editor saw. Raises MovedMeanwhile if they have others now,
    unless all is already as it would be: a move that is sent twice is made once.
    """
    one_at_a_time()
    list(event.plans.select_for_update().filter(state=Plan.Status.WAITING).values_list("pk"))
    present = desk(event)
    if not seen.keys() <= present.talks.keys():
        raise MovedMeanwhile
    moves = {pk: _changes(present.talks[pk], values) for pk, values in move(present).items()}
    if not any(moves.values()):
        return present.plan
    if any(present.talks[pk].version != version for pk, version in seen.items()):
        raise MovedMeanwhile
    return _merged(present, moves, by)


def note_alone(session: Session, note: str, *, was: str, once: UUID, by: User) -> Plan:
    """The plan that gives the session this note, apart from the gathered one; the same for the same `once` and note.

    `was` is the note that the editor saw: if it is another one now, that is a conflict.
    """
    row = {"key": str(session.pk), "session": session.pk, "title": session.title}
    wanted = {"sessions": [row | {"wanted": {"note": note}, "base": {"note": was}}]}
    given = {"event": session.event, "kind": Plan.Kind.EDIT, "title": _title(wanted["sessions"]), "made_by": by}
    plan, _ = Plan.objects.get_or_create(pk=once, defaults=given | {"wanted": wanted})
    if plan.event_id == session.event_id and plan.wanted != wanted:  # the form was sent before with other words
        plan, _ = Plan.objects.get_or_create(pk=uuid5(once, note), defaults=given | {"wanted": wanted})
    return plan


def _changes(talk: Talk, values: Values) -> Values:
    return {name: value for name, value in values.items() if value != talk.values[name]}


def _merged(present: Desk, moves: Moves, by: User) -> Plan | None:
    """Saves the gathered plan with the moves in it. One that would do nothing any more is discarded."""
    empty = {"sessions": [], GATHERED: True}
    plan = present.plan or Plan(event=present.event, kind=Plan.Kind.EDIT, wanted=empty, made_by=by)
    rows: dict[int, Wanted] = {row["session"]: row for row in plan.wanted["sessions"]}
    for pk, values in moves.items():
        talk = present.talks[pk]
        row = rows.setdefault(
            pk, {"key": str(pk), "session": pk, "title": talk.session.title, "wanted": {}, "base": {}}
        )
        wanted = row["wanted"] | values
        # The editor looked at the value as it is now: what it was when an earlier move was made no longer matters.
        base = row["base"] | {name: talk.now[name] for name in values}
        left = [name for name in wanted if wanted[name] != base[name]]
        row["wanted"], row["base"] = ({name: each[name] for name in left} for each in (wanted, base))
    asked = {f"value:{pk}:{name}" for pk, values in moves.items() for name in values}
    plan.choices = {key: choice for key, choice in plan.choices.items() if key not in asked}
    plan.wanted = plan.wanted | {"sessions": [row for row in rows.values() if row["wanted"]]}
    plan.title = _title(plan.wanted["sessions"])
    if not plan.wanted["sessions"]:
        plan.state = Plan.Status.DISCARDED
    if present.plan:
        plan.save(update_fields=["wanted", "choices", "title", "state"])
    elif plan.wanted["sessions"]:
        plan.save()
    return plan if plan.wanted["sessions"] else None


def _title(rows: list[Wanted]) -> str:
    """ "“KVM”: other time, other room", "6 talks: cancelled, note"."""
    names = {name for row in rows for name in row["wanted"]}
    statuses = {row["wanted"]["status"] for row in rows if "status" in row["wanted"]}
    words = IN_TITLES | ({"status": "cancelled"} if statuses == {Session.Status.CANCELLED} else {})
    what = ", ".join(words[name] for name in words if name in names)
    who = f"“{rows[0]['title']}”" if len(rows) == 1 else f"{len(rows)} talks"
    room = LONGEST_TITLE - len(what) - 2
    return f"{who if len(who) <= room else f'{who[: room - 2]}…”'}: {what}"
