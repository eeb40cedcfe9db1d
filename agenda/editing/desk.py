"""An event's programme as it will be, once the moves that editors have gathered are published."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TypeVar

from agenda.editing.bookings import Clash, Need, clashes
from agenda.editing.plan import Proposal, SessionPlan, propose
from agenda.editing.wanted import Values, values_of
from agenda.models import Event, Plan, Session

GATHERED = "gathered"  # in a plan's `wanted`: it is the one that takes every move of the event until it is published
TEXTS = ("title", "subtitle", "byline", "abstract")
MOVABLE = ("when", "room", "status", "is_published", "track", "note", "replaced_by", *TEXTS)


USUAL_LENGTH = timedelta(minutes=30)  # of a talk that gets its first time


@dataclass(frozen=True)
class Talk:
    """A session as it is, and the values that it will have. One that will have a time is a TimedTalk."""

    session: Session
    now: Values
    values: Values
    changed: tuple[str, ...]  # the names of the values that will change

    @staticmethod
    def of(session: Session, planned: SessionPlan | None) -> Talk:
        now, taken = values_of(session), planned.taken if planned else {}
        values = now | taken
        return (TimedTalk if values["when"] else Talk)(session, now, values, tuple(taken))

    @property
    def pk(self) -> int:
        return self.session.pk

    @property
    def length(self) -> timedelta:
        return USUAL_LENGTH

    @property
    def room(self) -> str:
        name: str = self.values["room"]
        return name

    @property
    def is_cancelled(self) -> bool:
        return bool(self.values["status"] == Session.Status.CANCELLED)

    @property
    def takes_place(self) -> bool:
        return not self.is_cancelled and self.values["is_published"]

    @property
    def version(self) -> str:
        """The same text for the same values: a form that was made from others is out of date."""
        told = json.dumps([self.values[name] for name in MOVABLE])
        return sha256(told.encode()).hexdigest()[:16]

    @property
    def tick(self) -> str:
        """What a form sends of it: which session it means, and as it was when the form was made."""
        return f"{self.pk}:{self.version}"

    @cached_property
    def need(self) -> Need:
        return Need.of(self.values, is_changed=True)


class TimedTalk(Talk):
    @cached_property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.values["when"][0])

    @cached_property
    def end(self) -> datetime:
        return datetime.fromisoformat(self.values["when"][1])

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end


def timed(talks: Iterable[Talk]) -> list[TimedTalk]:
    """Those of the talks that will have a time."""
    return [talk for talk in talks if isinstance(talk, TimedTalk)]


@dataclass(frozen=True)
class Desk:
    """All talks of an event in order of time, and the plan that makes them so; None if there is none yet.

    Those without a time come last.
    """

    event: Event
    plan: Plan | None
    proposal: Proposal
    talks: dict[int, Talk]

    @property
    def count(self) -> int:
        """How many talks have moves that are not published."""
        return len(self.plan.wanted["sessions"]) if self.plan else 0

    @cached_property
    def timed(self) -> list[TimedTalk]:
        return timed(self.talks.values())

    @property
    def without_time(self) -> list[Talk]:
        return [talk for talk in self.talks.values() if not isinstance(talk, TimedTalk)]

    def on_day(self, day: date) -> list[TimedTalk]:
        start, end = self.event.day_bounds(day)
        return [talk for talk in self.timed if talk.overlaps(start, end)]

    def following(self, talk: Talk) -> list[Talk]:
        """The talk and those that follow it in its room on that day, as far as they take place."""
        if not isinstance(talk, TimedTalk):
            return [talk]
        day = self.event.day_of(talk.start)
        others = [other for other in self.timed if other.pk != talk.pk and not other.is_cancelled]
        later = [other for other in others if other.room == talk.room and other.start >= talk.start]
        return [talk, *(other for other in later if talk.room and self.event.day_of(other.start) == day)]

    def double_bookings(self, talks: Collection[Talk] | None = None) -> list[tuple[Clash, TimedTalk, TimedTalk]]:
        """The double bookings of these talks, or of all, as they will be."""
        by_need: dict[Need, TimedTalk] = {talk.need: talk for talk in self.timed}
        found = [(clash, by_need[clash.one], by_need[clash.other]) for clash in clashes(by_need)]
        pks = None if talks is None else {talk.pk for talk in talks}
        return [each for each in found if pks is None or pks & {each[1].pk, each[2].pk}]


T = TypeVar("T", bound=Talk)


def gathered(event: Event) -> Plan | None:
    """The plan in which the event's moves gather."""
    waiting = event.plans.filter(kind=Plan.Kind.EDIT, state=Plan.Status.WAITING, **{f"wanted__{GATHERED}": True})
    return waiting.select_related("event", "made_by").order_by("made").first()


def desk(event: Event, *, plan: Plan | None = None, among: Collection[int] | None = None) -> Desk:
    """The event's talks as they will be, or those `among` these (pks). The number of queries does not grow with them.

    `plan` is the gathered one, if it was fetched.
    """
    plan = plan or (gathered(event) if among is None else None)
    if plan is None and among is not None:
        return Desk(event, None, Proposal(event), {})
    proposal = propose(plan or Plan(event=event, kind=Plan.Kind.EDIT, wanted={"sessions": []}), among)
    planned = {each.session.pk: each for each in proposal.sessions if each.session}
    talks = [Talk.of(session, planned.get(pk)) for pk, session in proposal.present.items()]
    in_order = [*sorted(timed(talks), key=lambda talk: talk.start), *(t for t in talks if not isinstance(t, TimedTalk))]
    return Desk(event, plan, proposal, {talk.pk: talk for talk in in_order})


def by_room(talks: Iterable[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for talk in talks:
        found[talk.room].append(talk)
    return found
