"""The doctor: a line for each thing, a cure for each fault, and an exit status for a script."""

from __future__ import annotations

import os
from datetime import timedelta
from io import StringIO

import pytest
import requests
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from agenda.models import Notice, Session, SessionRevision
from forum import health
from tests.agenda.management.test_send_notices import cancel
from tests.forum.test_checks import STRONG

pytestmark = pytest.mark.any_database

REFUSING = "tests.agenda.management.test_send_notices.WithoutBob"


@pytest.fixture
def site(live_server, settings, tmp_path, db):
    """A site that lacks nothing, asked by way of no web server in front."""
    settings.SITE_URL, settings.SECRET_KEY, settings.VAR_DIR = live_server.url, STRONG, tmp_path
    settings.BACKUP_DIR = settings.MEDIA_ROOT = tmp_path
    (tmp_path / "agenda-20191030T034000Z.tar.gz").write_text("")
    return settings


def doctor(*arguments: str) -> tuple[str, int]:
    said, status = StringIO(), 0
    try:
        call_command("doctor", *arguments, stdout=said)
    except SystemExit as end:
        status = int(end.code or 0)
    return said.getvalue(), status


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
def test_nothing_is_wrong_with_a_site_that_is_well(site):
    said, status = doctor("--mail", "me@example.org")

    assert status == 0, said
    assert {line[:7] for line in said.splitlines()} == {"well   "}
    assert len(said.splitlines()) == 9
    assert mail.outbox[0].to == ["me@example.org"]


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        ({"SITE_URL": "http://127.0.0.1:1"}, "See the web server in front."),
        ({"TRUSTED_PROXY_COUNT": 1}, "X-Forwarded-For came with 0 addresses, and TRUSTED_PROXY_COUNT is 1."),
        ({"HTTPS": True}, "it does not set X-Forwarded-Proto to https."),
        ({"IS_PUBLIC": True, "DEBUG": True}, "DEBUG is on"),
        ({"EMAIL_BACKEND": REFUSING}, "Mail: the server refuses (OSError). See EMAIL_URL"),
        ({"BACKUP_DIR": "nowhere"}, "Backup: there is none in "),
    ],
)
def test_fault_has_its_cure(site, fault, cure, tmp_path):
    for name, value in fault.items():
        setattr(site, name, tmp_path / value if name == "BACKUP_DIR" else value)

    said, status = doctor("--mail", "bob@example.org")

    assert status == 1
    assert any(line.startswith("NOT SO ") and cure in line for line in said.splitlines()), said


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_late_or_old_is_said(site, alice, kvm_forum, tmp_path, monkeypatch):
    session = Session.objects.earliest("start")
    cancel(session)
    long_ago = timezone.now() - timedelta(hours=2)
    Notice.objects.create(user=alice, revision=SessionRevision.objects.get(), claimed_at=long_ago)
    day_before = timezone.now().timestamp() - 48 * 60 * 60
    os.utime(tmp_path / "agenda-20191030T034000Z.tar.gz", (day_before, day_before))
    monkeypatch.setattr(health, "is_migrated", False)
    monkeypatch.setattr(health, "_migrations", lambda: {("agenda", "9999_next")})

    said, _ = doctor()

    for words in ("the oldest waits for 120 minutes", "the newest is 48 hours old", "Run migrate."):
        assert words in said


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
def test_database_and_answer_that_are_odd_are_said(site, monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr(health, "lacks_migrations", fail)
    other = requests.models.Response()
    other.status_code = 404
    monkeypatch.setattr(requests, "get", lambda *args, **kwargs: other)

    said, _ = doctor()

    assert "Database: it does not answer (OperationalError)." in said
    assert f"{site.SITE_URL}: 404. Does it pass on the name as Host" in said


@pytest.mark.parametrize("shown", ["", "x", "doctor:x:y"])
def test_what_is_seen_is_told_to_the_doctor_alone(client, shown):
    assert client.get("/health/seen", headers={health.SEEN: shown}).status_code == 404
