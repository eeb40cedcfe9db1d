"""A short form of `make chaos`: the server is killed a few times while people are at it, and nothing is lost."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from agenda.models import Session, Star
from tests.chaos import people, stages
from tests.chaos.__main__ import HELD
from tests.chaos.people import Tally
from tests.chaos.site import HOST, Site

OPTIONS = "--interface wsgi --http 1 --no-ws --workers 2 --blocking-threads 4 --respawn-failed-workers"
# A worker that is told to stop in the middle of a request may wait for itself for ever; make serve kills it, too.
OPTIONS += " --workers-kill-timeout 3"


@pytest.fixture
def chaos(shared_database, kvm_forum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[stages.Chaos]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("DATABASE_URL", stages.url_of(str(connection.settings_dict["NAME"])))
    monkeypatch.setenv("SITE_URL", f"http://{HOST}:{port}")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    command = [sys.executable, "-m", "granian", *OPTIONS.split(), "--port", str(port), "forum.wsgi:application"]
    chaos = stages.Chaos(Site(command, port, tmp_path / "server.log"), tmp_path)
    chaos.site.start()
    with chaos.traffic:
        yield chaos
    chaos.site.stop()


def test_nothing_acknowledged_is_lost(chaos):
    stages.kills(chaos, 4)
    stages.two_tabs(chaos, 2)
    stages.deletions(chaos, 2)
    stages.clocks(chaos, 2)

    counts = chaos.tally.counts
    assert {what: counts[what] for what in HELD} == dict.fromkeys(HELD, 0)
    assert counts["acknowledged"] > 80


def test_redis_gone_and_back_loses_nothing(chaos):
    if missing := stages.redis_gone(chaos, 1):
        pytest.skip(missing)

    counts = chaos.tally.counts
    assert {what: counts[what] for what in HELD} == dict.fromkeys(HELD, 0)
    assert counts["acknowledged"] > 80


def test_what_is_lost_or_comes_back_is_counted_once(kvm_forum):
    tally = Tally()
    (attendee,) = people.gather(0, tally, 1)
    lost, other = next(iter(attendee.kept)), Session.objects.exclude(pk__in=attendee.kept)[0]
    attendee.kept[other.pk] = False
    Star.objects.filter(session=lost).delete()
    Star.objects.create(user=attendee.user, session=other)

    attendee.check()
    attendee.check()

    assert tally.counts == {"lost": 1, "resurrected": 1}
