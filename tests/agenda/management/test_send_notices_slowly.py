"""Notices while the mail server hangs, refuses or is slow: nobody waits for another's mailbox, or hears old news."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connections

from accounts.models import User
from agenda.editing.changes import recording
from agenda.management.commands import send_notices
from agenda.models import Notice, Session
from agenda.notices import sending
from tests.agenda.management.test_send_notices import clock, due, run
from tests.mail_server import LONGEST, MailServer, running_mail_server

__all__ = ["clock", "due"]  # fixtures

ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"


@pytest.fixture
def server(settings, monkeypatch):
    monkeypatch.setattr(sending, "SOON", LONGEST)  # so that on a busy machine, too, one mail comes after the other
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server


def move(minutes: int) -> None:
    """An editor moves the first session, while another thread sends mails."""
    opening = Session.objects.earliest("start")
    with recording([opening.pk], by=None):
        by = timedelta(minutes=minutes)
        Session.objects.filter(pk=opening.pk).update(status="confirmed", start=opening.start + by, end=opening.end + by)
    connections.close_all()


def subjects(server: MailServer) -> list[tuple[str, str]]:
    return [(address, message["Subject"].split()[0].strip(":")) for address, message in server.taken]


def test_what_is_told_is_looked_up_when_each_mail_is_sent(shared_database, due, server):
    server.before[ALICE] = lambda: move(30)

    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert subjects(server) == [(ALICE, "Cancelled"), (BOB, "Moved"), (CAROL, "Moved")]


def test_change_that_is_undone_during_a_run_is_not_told(shared_database, due, server):
    server.before[BOB] = lambda: move(0)

    assert run() == ("2 sent, 0 failed.\n", "", 0)
    assert subjects(server) == [(ALICE, "Cancelled"), (BOB, "Cancelled")]


def test_mailbox_that_hangs_keeps_nobody_from_the_latest_news(shared_database, due, server, monkeypatch):
    monkeypatch.setattr(sending, "SOON", 0.01)
    monkeypatch.setattr(send_notices, "MOST_ON_THEIR_WAY", 2)  # Alice's hangs: Carol's waits for Bob's
    server.hangs = {ALICE}
    server.before = {BOB: lambda: move(30), CAROL: server.go_on.set}

    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert subjects(server) == [(BOB, "Cancelled"), (CAROL, "Moved"), (ALICE, "Cancelled")]


def test_mailbox_that_hangs_for_too_long_is_tried_again_after_all_others(due, server, monkeypatch, time_machine):
    User.objects.filter(pk=due[2].pk).update(notice_minutes=None)
    server.hangs = {ALICE}
    with monkeypatch.context() as impatient:
        impatient.setattr(sending, "SOON", 0.01)
        impatient.setattr(sending, "PATIENCE", 2)
        first = run()
    server.hangs = set()
    User.objects.filter(pk=due[2].pk).update(notice_minutes=60)
    time_machine.shift(600)

    assert first in [  # on a busy machine, the server may hang up before the wait is over
        ("1 sent, 1 failed.\n", f"The mail to user {due[0].pk} failed: {why}.\n", 1)
        for why in ("TimeoutError", "SMTPServerDisconnected")
    ]
    assert run() == ("2 sent, 0 failed.\n", "", 0)
    assert subjects(server) == [(BOB, "Cancelled"), (CAROL, "Cancelled"), (ALICE, "Cancelled")]


def test_domain_that_is_slow_comes_last(due, server, monkeypatch):
    monkeypatch.setattr(sending, "SOON", 0.01)
    monkeypatch.setattr(send_notices, "MOST_ON_THEIR_WAY", 2)  # Alice's hangs: Bob's waits for Carol's
    EmailAddress.objects.filter(email=CAROL).update(email="carol@example.com")
    server.hangs = {ALICE}
    server.before = {BOB: server.go_on.set}

    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert [address for address, _ in server.taken] == ["carol@example.com", BOB, ALICE]


def test_server_that_hangs_for_all_ends_with_the_run(due, server, monkeypatch):
    monkeypatch.setattr(sending, "SOON", 0.01)
    monkeypatch.setattr(sending, "PATIENCE", 0.1)
    monkeypatch.setattr(send_notices, "LONGEST_RUN", -1)
    server.hangs = {ALICE, BOB, CAROL}

    assert run() == ("0 sent, 0 failed.\n", "The mail server is slow. The next run sends what is left.\n", 0)
    assert not Notice.objects.exists()


def test_mails_share_a_connection(due, server):
    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert server.connections == 1
