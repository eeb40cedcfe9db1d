"""/metrics: for those who have the token, in a form that Prometheus' own parser reads, with nobody's name in it."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from unittest.mock import MagicMock

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import CalendarKey, User
from agenda.models import Notice, Session, SessionRevision
from forum import health, metrics
from forum.logs import JsonFormatter, new_request_id, request_id
from tests.agenda.kvm_forum import BEFORE
from tests.agenda.management.test_send_notices import NOW, cancel, wants_mail
from tests.conftest import signed_up

TOKEN = "a-token-of-the-tests-only"


@pytest.fixture(autouse=True)
def token(settings, tmp_path):
    settings.METRICS_TOKEN, settings.BACKUP_DIR = TOKEN, tmp_path


def asked(client, token: str = TOKEN) -> dict[str, float]:
    """The samples of all metrics, each by its name and labels."""
    response = client.get("/metrics", headers={"authorization": f"Bearer {token}", "host": "127.0.0.1:9000"})
    assert response.status_code == 200
    # Not before the answer: forum.metrics must be the first to import the library.
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    return {
        " ".join([sample.name.removeprefix("agenda_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "ü"])
def test_without_the_token_there_is_no_such_page(client, db, settings, token):
    for settings.METRICS_TOKEN in (TOKEN, ""):
        response = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
        assert response.status_code == 404


def test_numbers_are_those_of_the_site(client, starred, alice_feed, kvm_forum, tmp_path, time_machine):
    time_machine.move_to("2019-10-30 10:00+00:00", tick=False)
    (tmp_path / "agenda-20191030T034000Z.tar.gz").write_text("")
    session = Session.objects.earliest("start")
    cancel(session)
    revision = SessionRevision.objects.get()
    ago = timezone.now() - timedelta(minutes=7)
    Notice.objects.create(user=User.objects.get(), revision=revision, claimed_at=ago)

    said = asked(client)

    assert (said["sessions"], said["stars"], said["people"]) == (20, 3, 1)
    assert (said["calendar_keys feed"], said["calendars never fetched"]) == (1, 1)
    assert (said["mails_unsent"], said["mails_unsent_seconds"], said["plans_waiting"]) == (1, 420, 0)
    assert "backup_seconds" in said
    assert "alice" not in client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()


def test_calendar_is_behind_until_it_fetches(client, starred, alice_feed, time_machine):
    time_machine.move_to("2019-10-30 10:00+00:00", tick=False)
    states = []
    for used in (None, Session.objects.earliest("updated").updated - timedelta(days=1), timezone.now()):
        CalendarKey.objects.update(last_used_at=used)
        said = asked(client)
        states.append([said[f"calendars {kind}"] for kind in ("never fetched", "behind", "up to date")])

    assert states == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_answers_are_counted_by_view_and_status(client, kvm_forum):
    before = asked(client)
    for path in ("/kvm-forum-2019/", "/kvm-forum-2019/", "/nothing/", "/health/live"):
        client.get(path)
    after = asked(client)

    grown = {name: after[name] - before.get(name, 0) for name in after if name.startswith("answers")}
    assert grown["answers_total 200 agenda:programme"] == 2
    assert grown["answers_total 404 agenda:programme"] == 1
    assert grown["answers_total 200 none"] == 2  # the health page, and these numbers themselves


@pytest.fixture
def due(kvm_forum, time_machine) -> None:
    """Half an hour before the first session, two people should have heard for half an hour that it is cancelled."""
    time_machine.move_to(BEFORE, tick=False)
    opening = Session.objects.earliest("start")
    for name in ("bob", "carol"):
        wants_mail(signed_up(f"{name}@example.org"), opening)
    cancel(opening)
    time_machine.move_to(NOW, tick=False)


def test_mails_are_due_though_nothing_sends_them(client, due):
    both = asked(client)
    User.objects.filter(email__startswith="bob").update(notice_minutes=15)
    carol = asked(client)

    assert (both["notices_due"], both["notices_due_seconds"], both["mails_unsent"]) == (2, 30 * 60, 0)
    assert carol["notices_due"] == 1


def test_counting_of_very_many_mails_ends(client, due, monkeypatch):
    monkeypatch.setattr("agenda.notices.waiting.PATIENCE", 0)

    assert asked(client)["notices_due"] == 1


def test_counts_of_servers_that_have_ended_are_deleted(settings, tmp_path, monkeypatch):
    metrics.answers()  # imports the library with the folder that the other tests count in
    settings.VAR_DIR = tmp_path
    here, ended, running = socket.gethostname(), subprocess.Popen(["true"]), os.getpid()
    ended.wait()
    for server in (f"{here}-{ended.pid}", f"{here}-{running}", f"{here}-1", "notes", "other-1", "gone-1"):
        (tmp_path / f"metrics-{server}").mkdir()
    os.utime(tmp_path / "metrics-gone-1", (0, 0))
    os.utime(tmp_path / "metrics-notes", (0, 0))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "kept for the tests that follow")
    monkeypatch.setattr("prometheus_client.Counter", lambda *about: about)

    metrics._counter.__wrapped__()

    kept = [f"{here}-{os.getppid()}", f"{here}-{running}", f"{here}-1", "other-1"]
    assert {path.name for path in tmp_path.iterdir()} == {f"metrics-{server}" for server in kept}


def test_number_of_queries_does_not_grow(client, kvm_forum, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        asked(client)


def test_site_is_not_ready_before_its_tables_are(client, db, monkeypatch):
    monkeypatch.setattr(health, "is_migrated", False)
    monkeypatch.setattr(health, "_migrations", lambda: {("agenda", "9999_next")})

    response = client.get("/health/ready")

    assert (response.status_code, response.content) == (503, b"the database is older than the site: run migrate\n")


def test_lines_of_json_have_the_id_of_their_request(client, db, settings):
    settings.LOG_FORMAT = "json"
    given = "0a1b2c3d-in-front"

    for sent, kept in ((given, True), ("a b", False), ("x" * 65, False), ("abcdefgh" + "9" * 12, False), ("", False)):
        answer = client.get("/events/", headers={"x-request-id": sent})["X-Request-ID"]
        assert (answer == sent) is kept
        assert answer == request_id.get() == new_request_id(answer)


def test_line_of_json_is_as_discreet_as_any(caplog):
    key = "abcdefghijkmnopqrstuvwxyz23456789ABCDEFG"
    try:
        raise ValueError(f"nothing at /calendar/{key}.ics\n")
    except ValueError:
        logging.getLogger("any").exception("Not Found: %s", f"/calendar/{key}.ics")

    line = JsonFormatter().format(caplog.records[-1])

    said = json.loads(line)
    assert "\n" not in line
    assert (said["level"], said["logger"], said["message"]) == ("ERROR", "any", "Not Found: /calendar/abcdefgh…")
    assert "nothing at /calendar/abcdefgh…" in said["error"]


def test_dashboard_and_alerts_ask_for_numbers_that_there_are(client, db, tmp_path):
    (tmp_path / "agenda-20191030T034000Z.tar.gz").write_text("")
    deploy = Path(settings.BASE_DIR) / "deploy"
    asked_for = set(
        re.findall(r"agenda_\w+", (deploy / "grafana.json").read_text() + (deploy / "alerts.yaml").read_text())
    )

    client.get("/health/live")
    there = {f"agenda_{name.split()[0]}" for name in asked(client)}

    assert json.loads((deploy / "grafana.json").read_text())["panels"]
    assert asked_for - there == set()


def test_first_answers_at_once_make_one_counter(settings, rf, monkeypatch):
    settings.METRICS_TOKEN, together, made = "a-token", Barrier(2), []

    @cache
    def counter():
        with suppress(BrokenBarrierError):
            together.wait(0.2)  # for a second thread that makes one, too
        made.append(MagicMock())
        return made[-1]

    monkeypatch.setattr(metrics, "_counter", counter)
    request = rf.get("/")
    request.resolver_match = None
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: metrics.count(request, 200), range(2)))

    assert len(made) == 1
