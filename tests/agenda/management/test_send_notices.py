"""The command that mails notices: each once, whatever fails, is killed, or runs at the same time."""

from __future__ import annotations

import email
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Mailbox
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Notice, Session, StarLog
from agenda.notices.due import LEFT_BEHIND, claim, tellings
from agenda.stars.starring import star
from tests.agenda.kvm_forum import BEFORE, session_of
from tests.conftest import signed_up
from tests.threads import at_once

PAGE = StarLog.Through.PAGE
NOW = datetime(2019, 10, 31, 9, 30, tzinfo=UTC)  # half an hour before the first session
NAMES = ("alice", "bob", "carol")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def wants_mail(user: User, session: Session) -> None:
    """They star it, their calendar fetches it, and they want to hear of changes an hour before."""
    star(user, [session.pk], through=PAGE)
    _, key = CalendarKey.objects.issue(user, name="Phone", once=user.email)
    assert Client().get(f"/calendar/{key}.ics").status_code == 200
    User.objects.filter(pk=user.pk).update(notice_minutes=60)


def cancel(session: Session) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(status="cancelled")


@pytest.fixture
def due(kvm_forum, time_machine) -> list[User]:
    """People who are to hear now that the first session is cancelled."""
    opening = Session.objects.earliest("start")
    people = [signed_up(f"{name}@example.org") for name in NAMES]
    for user in people:
        wants_mail(user, opening)
    cancel(opening)
    time_machine.move_to(NOW, tick=False)
    return people


def run(verbosity: int = 2) -> tuple[str, str, int]:
    """What the command prints, what it complains of, and its exit status."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("send_notices", stdout=out, stderr=err, verbosity=verbosity)
    except SystemExit as end:
        status = int(end.code or 0)
    return out.getvalue(), err.getvalue(), status


def sent_to() -> list[str]:
    return [message.to[0] for message in mail.outbox]


class WithoutBob(Mailbox):
    """A mail server that does not know Bob."""

    def send_messages(self, messages):
        if messages[0].to == ["bob@example.org"]:
            raise OSError("550 <bob@example.org>: no such user")
        return super().send_messages(messages)


class Unreachable(Mailbox):
    """No mail server at all."""

    def open(self):
        raise ConnectionRefusedError


class Writing(Mailbox):
    """A mail server during whose answer somebody else stars a talk."""

    def send_messages(self, messages):
        def work():
            return star(User.objects.get(email="bob@example.org"), [session_of("KubeVirt").pk], through=PAGE)

        (starred,) = at_once(1, work)
        messages[0].subject += f" ({starred} starred meanwhile)"
        return super().send_messages(messages)


def test_counts_are_printed(due):
    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert run() == ("0 sent, 0 failed.\n", "", 0)
    assert sent_to() == [f"{name}@example.org" for name in NAMES]


def test_mail_goes_to_the_primary_address_alone(due):
    EmailAddress.objects.filter(user=due[0]).update(primary=False)
    EmailAddress.objects.create(user=due[0], email="alice@example.com", verified=True, primary=True)

    run()

    assert sent_to() == ["alice@example.com", "bob@example.org", "carol@example.org"]


def test_another_change_is_another_mail(due):
    run()
    with recording([Session.objects.earliest("start").pk], by=None):
        Session.objects.filter(pk=Session.objects.earliest("start").pk).update(status="confirmed")
    run()

    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 6


def test_nothing_to_do_is_no_failure(db):
    assert run() == ("0 sent, 0 failed.\n", "", 0)


def test_sent_mail_is_noted(due):
    run()

    assert set(Notice.objects.values_list("claimed_at", "sent_at")) == {(NOW, NOW)}
    assert Notice.objects.count() == 3


def test_refused_mail_keeps_nobody_else_from_theirs(due, settings):
    settings.EMAIL_BACKEND = "tests.agenda.management.test_send_notices.WithoutBob"

    assert run() == ("2 sent, 1 failed.\n", f"The mail to user {due[1].pk} failed: OSError.\n", 1)
    assert sent_to() == ["alice@example.org", "carol@example.org"]
    assert Notice.objects.get(sent_at=None).user == due[1]


def test_refused_mail_is_tried_again_after_ten_minutes(due, settings, time_machine):
    standard = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.agenda.management.test_send_notices.WithoutBob"
    run()
    settings.EMAIL_BACKEND = standard
    time_machine.shift(599)
    early = run()
    time_machine.shift(1)

    assert early == ("0 sent, 0 failed.\n", "", 0)
    assert run() == ("1 sent, 0 failed.\n", "", 0)
    assert run() == ("0 sent, 0 failed.\n", "", 0)
    assert sent_to() == ["alice@example.org", "carol@example.org", "bob@example.org"]


def test_mail_is_the_same_mail_when_it_is_tried_again(due, time_machine):
    run()
    Notice.objects.update(sent_at=None)  # as after a crash between the two
    time_machine.shift(600)
    run()

    identities = Counter(message.extra_headers["Message-ID"] for message in mail.outbox)
    assert sorted(identities.values()) == [2, 2, 2]


def test_new_change_does_not_alter_the_mail_that_is_tried_again(due, time_machine, settings):
    run()
    Notice.objects.update(sent_at=None)
    other = session_of("Nesting&testing")
    star(due[0], [other.pk], through=PAGE)
    cancel(other)
    time_machine.shift(600)
    run()
    run()

    first, *_, again, new = [message for message in mail.outbox if message.to == ["alice@example.org"]]
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    assert new.subject == f"Cancelled: {other.title}"


def test_mail_that_was_left_behind_is_not_sent_once_everything_is_fetched(due, settings, time_machine):
    settings.EMAIL_BACKEND = "tests.agenda.management.test_send_notices.Unreachable"
    assert run()[0] == "0 sent, 3 failed.\n"
    CalendarKey.objects.exclude(user=due[0]).update(revoked=NOW)
    time_machine.shift(600)

    assert run()[0] == "0 sent, 1 failed.\n"


def test_what_was_fetched_while_others_were_mailed_is_not_mailed(due):
    first, second, _ = found = list(tellings(NOW))
    CalendarKey.objects.filter(user=due[0]).update(served="newer")
    User.objects.filter(pk=due[1].pk).update(notice_minutes=None)

    assert [claim(telling, NOW) for telling in found] == [False, False, True]
    assert {first.person.user, second.person.user} == set(due[:2])


def test_claimed_mail_is_not_claimed_again(due):
    (first, *_), (same, *_) = list(tellings(NOW)), list(tellings(NOW))

    assert (claim(first, NOW), claim(same, NOW)) == (True, False)


def test_mail_left_behind_is_claimed_by_one(due, time_machine):
    for telling in tellings(NOW):
        claim(telling, NOW)
    later = NOW + LEFT_BEHIND
    (first, *_), (same, *_) = list(tellings(later)), list(tellings(later))

    assert (claim(first, later), claim(same, later)) == (True, False)


def test_headers_let_the_mail_program_end_it(due):
    run()

    written = email.message_from_bytes(mail.outbox[0].message().as_bytes())
    address = written["List-Unsubscribe"].strip()  # folded, being long
    assert address.startswith(f"<http://testserver/agenda/notices/stop?token={due[0].pk}.")
    assert re.fullmatch(r"<\S+>", address)
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written["Auto-Submitted"] == "auto-generated"
    assert written.get_content_type() == "text/plain"
    assert written["Message-ID"].startswith("<notice.")
    assert written["Message-ID"].endswith("@testserver>")


def test_many_people_are_read_in_batches(due, monkeypatch):
    monkeypatch.setattr("agenda.notices.due.PEOPLE_AT_ONCE", 2)

    run()

    assert sent_to() == [f"{name}@example.org" for name in NAMES]


@pytest.mark.parametrize("count", [1, 3])
def test_people_who_need_no_mail_take_as_many_queries_for_1_and_3(due, django_assert_num_queries, count):
    run()
    User.objects.filter(pk__in=[user.pk for user in due[count:]]).update(notice_minutes=None)

    # Revisions; people, keys, stars, notices, log of stars; and that there are no more people.
    with django_assert_num_queries(7):
        assert list(tellings(NOW)) == []


def test_programme_without_changes_takes_one_query(kvm_forum, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert list(tellings(NOW)) == []


@pytest.fixture
def database(shared_database, due) -> dict[str, str]:
    """Where other processes find the three and what is due to them."""
    return {name: str(connection.settings_dict[name]) for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


def test_two_runs_at_once_send_each_mail_once(shared_database, due):
    printed = [out for out, _, _ in at_once(2, run)]

    assert sorted(sent_to()) == [f"{name}@example.org" for name in NAMES]
    assert sum(int(line.split()[0]) for line in printed) == 3


def test_nobody_waits_while_the_mail_server_talks(shared_database, due, settings):
    settings.EMAIL_BACKEND = "tests.agenda.management.test_send_notices.Writing"

    assert at_once(1, run) == [("3 sent, 0 failed.\n", "", 0)]
    assert [message.subject[-22:] for message in mail.outbox] == [
        " (1 starred meanwhile)",
        " (0 starred meanwhile)",
        " (0 starred meanwhile)",
    ]


def in_a_process(database: dict[str, str], folder: Path, moment: datetime, kill: str = "") -> int:
    """The exit status of the command in a process of its own, killed before or after the second mail."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "forum.settings", "MAILBOX": str(folder), "KILL": kill}
    command = [sys.executable, "-m", "tests.agenda.killed", json.dumps(database), moment.isoformat()]
    return subprocess.run(command, env=environment, cwd=site.BASE_DIR, check=False).returncode


@pytest.mark.parametrize(("kill", "delivered"), [("before", 3), ("after", 4)])
def test_run_that_is_killed_midway_leaves_everybody_with_one_mail(database, tmp_path, kill, delivered):
    folder = tmp_path / "mailbox"
    folder.mkdir()

    killed = in_a_process(database, folder, NOW, kill)
    then = [in_a_process(database, folder, NOW + timedelta(minutes=minutes)) for minutes in (5, 11)]

    mails = [email.message_from_bytes(file.read_bytes()) for file in folder.iterdir()]
    assert (killed, then, len(mails)) == (-signal.SIGKILL, [0, 0], delivered)
    # A mailbox keeps one of those that have the same Message-ID.
    kept = {(message["To"], message["Message-ID"]) for message in mails}
    assert sorted(address for address, _ in kept) == [f"{name}@example.org" for name in NAMES]
