"""Three editors move the same talks, each from the page that they looked at last: nothing is lost without being asked.

A model in plain dictionaries says what must come of each step.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from agenda.editing import moves
from agenda.editing.apply import publish
from agenda.editing.changes import recording
from agenda.editing.desk import Desk, Talk, desk, gathered
from agenda.editing.moves import MovedMeanwhile, Moves, gather
from agenda.editing.plan import propose
from agenda.models import Event, Room, Session, SessionRevision
from tests.agenda.kvm_forum import add_event, add_session

pytestmark = pytest.mark.any_database

EDITORS, TITLES = ("ada", "bob", "eve"), ("Ants", "Bees")
QUARTER = timedelta(minutes=15)
KINDS: dict[str, Any] = {
    "later": lambda talk: moves.later([talk], QUARTER),
    "first hour": lambda talk: moves.to_time(talk, talk.start.replace(hour=9, minute=0)),
    "red": lambda talk: moves.to_room([talk], "Red"),
    "blue": lambda talk: moves.to_room([talk], "Blue"),
    "cancel": lambda talk: moves.cancelled([talk]),
    "go ahead": lambda talk: moves.reinstated([talk]),
    "note": lambda talk: moves.noted([talk], "Rain"),
    "as now": lambda talk: moves.as_now([talk]),
}
editors, titles = st.sampled_from(EDITORS), st.sampled_from(TITLES)
steps = st.one_of(
    st.tuples(st.just("look"), editors),
    st.tuples(st.just("move"), editors, titles, st.sampled_from(sorted(KINDS))),
    st.tuples(st.just("publish")),
    st.tuples(st.just("form"), titles, st.sampled_from(["Red", "Blue"])),
)


def talks(event: Event) -> dict[str, Talk]:
    return {talk.session.title: talk for talk in desk(event).talks.values()}


def values(event: Event) -> dict[str, dict[str, Any]]:
    """As they will be, by title."""
    return {title: talk.values for title, talk in talks(event).items()}


class Play:
    """The steps on a real event, each with what it must have done."""

    def __init__(self) -> None:
        self.by, _ = User.objects.get_or_create(email="ada@example.org")
        self.event = add_event("spring", "UTC", "2026-03-01", "2026-03-02")
        self.rooms = {name: Room.objects.create(event=self.event, name=name, slug=name) for name in ("Red", "Blue")}
        for title in TITLES:
            add_session(self.event, title, "2026-03-01 10:00", room=self.rooms["Red"])
        self.seen = dict.fromkeys(EDITORS, talks(self.event))

    def look(self, editor: str) -> None:
        self.seen[editor] = talks(self.event)

    def move(self, editor: str, title: str, kind: str) -> None:
        seen, before = self.seen[editor][title], values(self.event)

        def move(now: Desk) -> Moves:
            made: Moves = KINDS[kind](now.talks[seen.pk])
            return made

        wanted = before[title] | KINDS[kind](talks(self.event)[title])[seen.pk]
        try:
            gather(self.event, move, seen={seen.pk: seen.version}, by=self.by)
        except MovedMeanwhile:
            assert seen.values != before[title] != wanted  # what the editor saw is not what there was
            wanted = before[title]
        assert values(self.event) == before | {title: wanted}

    def publish(self) -> None:
        before = values(self.event)
        if plan := gathered(self.event):
            publish(plan, by=self.by, fingerprint=propose(plan).fingerprint)
        assert values(self.event) == before
        assert not any(talk.changed for talk in talks(self.event).values())

    def form(self, title: str, room: str) -> None:
        """An edit of the row itself, in /admin/: it is shown at once, and asked about if a move waits."""
        before = values(self.event)
        session = talks(self.event)[title].session
        with recording([session.pk], by=self.by):
            Session.objects.filter(pk=session.pk).update(room=self.rooms[room])
        now = values(self.event)
        assert now[title]["room"] in (room, before[title]["room"])
        assert {**now, title: now[title] | {"room": ""}} == {**before, title: before[title] | {"room": ""}}


def truth(event: Event) -> None:
    """The history of each session leads from its first room to the present one, without a gap."""
    for session in event.sessions.all():
        room = "Red"
        for revision in SessionRevision.objects.filter(session=session, changes__has_key="room").order_by("pk"):
            old, new = revision.changes["room"]
            assert old == room
            room = new
        assert room == session.room.name


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(played=st.lists(steps, max_size=12))
def test_nothing_is_lost_whoever_moves(db: None, played: list[tuple[str, ...]]) -> None:
    with transaction.atomic():
        play = Play()
        for name, *arguments in played:
            getattr(play, name)(*arguments)
        play.publish()
        truth(play.event)
        transaction.set_rollback(True)
