"""A short form of `make bench-cluster`: one of two servers is killed under load, and nobody notices."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from tests.bench import crowd, event, load, million, polls
from tests.bench.cluster import machines, stages
from tests.deploy.behind import free_port

OPTIONS = "--interface wsgi --http 1 --no-ws --workers 1 --blocking-threads 4 --respawn-failed-workers --port 0"
POOL = 2 * 1 * 5  # two servers, a worker each
TOKEN = "of-the-tests-alone-0123456789"


def test_what_the_machine_lacks_is_said(monkeypatch):
    monkeypatch.setattr(machines, "nginx_program", lambda: None)

    assert "nginx is missing: two servers are measured behind it. Install it:" in machines.missing()[0]


@pytest.fixture
def cluster(transactional_db, settings, tmp_path, monkeypatch):
    if connection.vendor != "postgresql" or machines.missing():
        pytest.skip("PostgreSQL, nginx, PgBouncer and Redis are not all here")
    port = free_port()
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    monkeypatch.setenv("SITE_URL", f"http://{load.HOST}:{port}")
    command = [sys.executable, "-m", "granian", *OPTIONS.split(), "forum.wsgi:application"]
    with machines.running(command, port, tmp_path, pool=POOL) as cluster:
        yield cluster


def test_server_that_is_killed_loses_nothing(cluster):
    made = event.make(sessions=20, rooms=2)
    attendees = crowd.gather(users=20)
    million.gather(200, made.sessions.earliest("pk"))
    unchanged = stages.unchanged(range(100), polls.etags_of(cluster.port, range(100)))
    requests = stages.mixed(
        unchanged + [stages.poll(number) for number in range(100, 200)], stages.pages(made, attendees)
    )
    sessions = list(made.sessions.select_related("event"))
    with ThreadPoolExecutor(load.PROCESSES) as executor:
        send = partial(load.send, executor, cluster.port, requests, at_most=4)
        sent, stars = stages.killed(cluster, send, sessions, third=1)

    assert set(sent.statuses) == {200, 304}
    assert stars["acknowledged"] > 20
    assert {what: number for what, number in stars.items() if what != "acknowledged"} == {}
    limited = stages.limited(cluster.port, attendees[0], made)
    assert [statuses.total() - statuses[429] - most for _, most, statuses in limited] == [0, 0]
    assert stages.differing(cluster, made, attendees) == (20 + len(stages.FILES), [])
    assert stages.answers(cluster.sites[0]) > 20
    assert cluster.connections() <= POOL
