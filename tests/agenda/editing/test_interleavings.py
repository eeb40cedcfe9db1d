"""Three people edit two talks by moves, forms of /admin/ and a file, in any order: nothing is lost without being asked.

Each step is a request, made from what its editor saw last. INTERLEAVINGS is how many plays there are.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from agenda.editing.desk import Talk, desk, gathered
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.editing.wanted import when
from agenda.formats.records import ProgrammeRecord, SessionRecord
from agenda.models import Plan, Room, Session, SessionRevision, Source
from tests.agenda.admin.editing import address, filled
from tests.agenda.kvm_forum import add_event
from tests.conftest import signed_up

pytestmark = pytest.mark.any_database

PLAYS, STEPS = int(os.environ.get("INTERLEAVINGS", "25")), 7
EDITORS, TITLES, ROOMS = ("ada", "bob", "eve"), ("Ants", "Bees"), ("Red", "Blue", "Green")
TEN = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
FIELDS = ("when", "room", "status", "note", "title")
DONE = {  # what a move does to the values of a talk, by its name in the form
    "room": lambda values, form: {"room": form["room"]},
    "cancel": lambda values, form: {"status": "cancelled"},
    "reinstate": lambda values, form: {"status": "confirmed"},
    "note": lambda values, form: {"note": form["note"]},
    "later": lambda values, form: {"when": [shifted(each, int(form["minutes"])) for each in values["when"]]},
}


def shifted(moment: str, minutes: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(minutes=minutes)).isoformat()


class Morning:
    """An event with two talks from a file, the three editors' browsers, and what each of them saw last."""

    def __init__(self, random: Random, browsers: dict[str, Client], told: Counter[str]) -> None:
        self.random, self.browsers, self.told = random, browsers, told  # `told`: how often somebody was, by step
        self.event = add_event("spring", "UTC", "2026-03-01", "2026-03-02")
        self.rooms = {name: Room.objects.create(event=self.event, name=name, slug=name.lower()) for name in ROOMS}
        self.source = Source.objects.create(event=self.event, name="schedule.xml")
        self.came = {title: {"room": "Red", "when": when(TEN, TEN + timedelta(minutes=30))} for title in TITLES}
        self.import_(self.came)
        self.first = {session.pk: dict(self.came[session.title]) for session in self.event.sessions.all()}
        self.seen = dict.fromkeys(EDITORS, self.talks())
        self.forms: dict[str, tuple[Session, dict[str, str]]] = {}

    def talks(self) -> dict[str, Talk]:
        return {talk.session.title: talk for talk in desk(self.event).talks.values()}

    def now(self, *, planned: bool) -> dict[str, dict[str, Any]]:
        """As the talks are; or as they will be once the gathered plan is published."""
        found = {title: talk.values if planned else talk.now for title, talk in self.talks().items()}
        return {title: {name: values[name] for name in FIELDS} for title, values in found.items()}

    def send(self, editor: str, path: str, form: dict[str, Any]) -> Any:
        answer = self.browsers[editor].post(f"/spring/edit/{path}", form)
        assert answer.status_code == 302
        return answer

    def look(self, editor: str) -> None:
        self.seen[editor] = self.talks()

    def move(self, editor: str) -> None:
        """It is made, or the editor is told that the talk has changed since they looked."""
        title, kind, before = self.random.choice(TITLES), self.random.choice(sorted(DONE)), self.now(planned=True)
        form = {
            "do": kind,
            "room": self.random.choice(ROOMS),
            "note": "Rain" if kind == "note" else "",
            "minutes": "15",
        }
        seen = self.seen[editor][title]
        self.send(editor, "move", {**form, "talk": seen.tick})
        after, wanted = self.now(planned=True), before[title] | DONE[kind](before[title], form)
        if after[title] != wanted:
            assert seen.values != self.talks()[title].values
            self.told["move"] += 1
            wanted = before[title]
        assert after == before | {title: wanted}

    def publish(self, editor: str) -> None:
        before = self.now(planned=True)
        if plan := gathered(self.event):
            self.published(editor, plan)
        assert self.now(planned=False) == self.now(planned=True) == before

    def published(self, editor: str, plan: Plan) -> None:
        self.send(editor, f"plans/{plan.pk}/", {"do": "publish", "fingerprint": propose(plan).fingerprint})

    def open(self, editor: str) -> None:
        """Two editors have the form of one talk open."""
        session = self.event.sessions.get(title=self.random.choice(TITLES))
        for each in {editor, self.random.choice(EDITORS)}:
            self.forms[each] = session, filled(self.browsers[each], address(session))

    def save(self, editor: str) -> None:
        """The room that the form has is saved, and nothing else; or the page asks, and nothing is."""
        if editor not in self.forms:
            return
        session, form = self.forms.pop(editor)
        room, before, title = self.random.choice(ROOMS), self.now(planned=False), session.title
        shown = next(name for name, row in self.rooms.items() if str(row.pk) == form["room"])
        answer = self.browsers[editor].post(address(session), form | {"room": str(self.rooms[room].pk)})
        asked = room != shown and before[title]["room"] not in (shown, room)
        assert answer.status_code == (409 if asked else 302)
        self.told["form"] += asked
        saved = before[title]["room"] if asked or room == shown else room
        assert self.now(planned=False) == before | {title: before[title] | {"room": saved}}

    def file(self, editor: str) -> None:
        """A value that editors changed stays; one that they left as it came follows the file."""
        start = TEN + timedelta(minutes=15 * self.random.randrange(3))
        title, before = self.random.choice(TITLES), self.now(planned=False)
        new = self.came | {
            title: {"room": self.random.choice(ROOMS), "when": when(start, start + timedelta(minutes=30))}
        }
        self.import_(new, editor)
        for each, values in before.items():
            self.told["file"] += any(values[name] != came for name, came in self.came[each].items())
            untouched = {name: new[each][name] for name, came in self.came[each].items() if values[name] == came}
            assert self.now(planned=False)[each] == values | untouched
        self.came = new

    def import_(self, values: dict[str, dict[str, Any]], editor: str = "ada") -> None:
        records = [
            SessionRecord(external_id=title, title=title, room=each["room"], start=start, end=end)
            for title, each in values.items()
            for start, end in [map(datetime.fromisoformat, each["when"])]
        ]
        plan = plan_for(ProgrammeRecord(format="a file", sessions=tuple(records)), self.source, by=None)
        self.published(editor, plan)

    def check_history(self) -> None:
        """It leads from the first values of each session to the present ones, without a gap."""
        for session in self.event.sessions.all():
            first = self.first[session.pk]
            values = {"room": first["room"], "start": first["when"][0], "status": "confirmed", "note": ""}
            for revision in SessionRevision.objects.filter(session=session).order_by("pk")[1:]:  # after it was added
                for name in values.keys() & revision.changes.keys():
                    assert values[name] == revision.changes[name][0]
                    values[name] = revision.changes[name][1]
            present = {"room": session.room.name, "start": session.start.isoformat(), "status": session.status}
            assert values == present | {"note": session.note}


@pytest.fixture
def browsers(db: None) -> dict[str, Client]:
    found = {name: Client() for name in EDITORS}
    for name, client in found.items():
        client.force_login(signed_up(f"{name}@example.org", is_staff=True, is_superuser=True))
    return found


def test_nothing_is_lost_whatever_comes_first(browsers: dict[str, Client]) -> None:
    told: Counter[str] = Counter()
    for seed in range(PLAYS):
        random = Random(seed)
        with transaction.atomic():
            morning = Morning(random, browsers, told)
            for _ in range(STEPS):
                step = random.choice(
                    ("look", "look", "move", "move", "move", "publish", "open", "save", "save", "save", "file")
                )
                getattr(morning, step)(random.choice(EDITORS))
            morning.publish("ada")
            morning.check_history()
            transaction.set_rollback(True)
    assert told.keys() == {"move", "form", "file"}  # each of them came about
    assert min(told.values()) > 0
