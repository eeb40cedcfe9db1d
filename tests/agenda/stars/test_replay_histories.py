"""Whatever devices, calendars and pages do, and in whichever order it arrives: the last thing a person did holds."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import time_machine

from accounts.models import User
from agenda.models import Event, Session, Star, StarLog
from agenda.stars.replaying import read_taps, replay
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import add_session

pytestmark = pytest.mark.any_database

HISTORIES = int(os.environ.get("REPLAY_HISTORIES", "200"))  # 10,000 were run when the rule was written
NINE = datetime(2019, 10, 31, 9, tzinfo=UTC)
STEPS, DEVICES, TALKS = 14, 3, 2


class Model:
    """What should hold at the end: of each talk, what the person did last."""

    def __init__(self) -> None:
        self.last: dict[int, bool] = {}

    def act(self, talk: int, want: bool) -> None:
        self.last[talk] = want

    def starred(self) -> set[int]:
        return {talk for talk, want in self.last.items() if want}


@dataclass
class Device:
    """A phone: the stars and the log as it last knew them, and what waits; its clock is wrong by `skew`."""

    skew: timedelta
    stars: set[int] = field(default_factory=set)
    version: int = 0
    waiting: dict[int, tuple[bool, int, datetime]] = field(default_factory=dict)


class History:
    """One person's devices, page and calendar, a step each minute."""

    def __init__(self, seed: int, user: User, talks: list[Session]) -> None:
        self.random, self.user, self.talks, self.now = Random(seed), user, talks, NINE
        self.model = Model()
        self.devices = [Device(timedelta(hours=self.random.randint(-30, 30))) for _ in range(DEVICES)]

    def starred(self) -> set[int]:
        return {index for index, talk in enumerate(self.talks) if Star.objects.filter(session=talk).exists()}

    def run(self) -> None:
        for _ in range(STEPS):
            self.now += timedelta(minutes=1)
            with time_machine.travel(self.now, tick=False):
                step = self.random.choice((self.tap, self.tap, self.tap, self.page, self.calendar, self.sync))
                step(self.random.randrange(TALKS), self.random.choice(self.devices))
        for device in self.random.sample(self.devices, DEVICES):
            self.send(device)

    def tap(self, talk: int, device: Device) -> None:
        want = not (device.waiting[talk][0] if talk in device.waiting else talk in device.stars)
        device.waiting[talk] = (want, device.version, self.now + device.skew)
        self.model.act(talk, want)

    def page(self, talk: int, device: Device) -> None:
        self.change(talk, StarLog.Through.PAGE, talk not in self.starred())

    def calendar(self, talk: int, device: Device) -> None:
        if talk in self.starred():
            self.change(talk, StarLog.Through.CALDAV, False)

    def change(self, talk: int, through: StarLog.Through, want: bool) -> None:
        if want:
            star(self.user, [self.talks[talk].pk], through=through)
        else:
            unstar(self.user, self.talks[talk], through=through)
        self.model.act(talk, want)

    def sync(self, talk: int, device: Device) -> None:
        fate = self.random.choice(("arrives", "arrives", "the list alone", "the answer is lost"))
        if fate != "the list alone":
            self.send(device, is_answered=fate == "arrives")
        if fate != "the answer is lost":
            self.know(device)

    def send(self, device: Device, *, is_answered: bool = True) -> None:
        clock = self.now + device.skew
        rows = [
            {
                "guid": str(self.talks[talk].guid),
                "want": want,
                "base": base,
                "ago": (clock - at) // timedelta(milliseconds=1),
            }
            for talk, (want, base, at) in device.waiting.items()
        ]
        replay(self.user, read_taps(json.dumps(rows), self.now))
        if is_answered:
            device.waiting.clear()

    def know(self, device: Device) -> None:
        newest = StarLog.objects.order_by("pk").last()
        device.stars, device.version = self.starred(), newest.pk if newest else 0


@pytest.mark.parametrize("part", range(4))
def test_last_thing_a_person_did_holds(kvm_forum: Event, alice: User, part: int) -> None:
    talks = [add_session(kvm_forum, f"Talk {number}", "2019-10-31T10:00") for number in range(TALKS)]

    for seed in range(part, HISTORIES, 4):
        Star.objects.all().delete()
        StarLog.objects.all().delete()
        history = History(seed, alice, talks)
        history.run()
        newest = {line.session_id: line.starred for line in StarLog.objects.order_by("pk")}

        assert history.starred() == history.model.starred(), seed
        assert {index for index, talk in enumerate(talks) if newest.get(talk.pk)} == history.starred(), seed
