"""What a mail says when one before it was claimed and perhaps never sent, or said something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Mailbox
from django.core.management import call_command
from django.test import Client

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Notice, Room, Session, StarLog
from agenda.notices.due import claim, tellings
from agenda.stars.starring import star
from tests.agenda.kvm_forum import BEFORE, session_of

PAGE = StarLog.Through.PAGE
START = datetime(2019, 10, 31, 10, 0, tzinfo=UTC)  # of the opening, 11:00 in Lyon
TEN_MINUTES = timedelta(minutes=10)
HALF_AN_HOUR = timedelta(minutes=30)


class Refusing(Mailbox):
    """A mail server that is out of order."""

    def send_messages(self, messages):
        raise OSError("451 try again later")


@pytest.fixture
def due(alice, opening, time_machine) -> Session:
    """The opening, which Alice starred; her calendar fetched it, and she is to hear of changes now."""
    time_machine.move_to(BEFORE, tick=False)
    star(alice, [opening.pk], through=PAGE)
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="phone")
    Client().get(f"/calendar/{key}.ics")
    User.objects.filter(pk=alice.pk).update(notice_minutes=60)
    time_machine.move_to(START - HALF_AN_HOUR, tick=False)
    return opening


def edit(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def move_by(session: Session, minutes: int) -> None:
    start = START + timedelta(minutes=minutes)
    edit(session, start=start, end=start + HALF_AN_HOUR)


def to_hall(session: Session) -> None:
    edit(session, room=Room.objects.create(event=session.event, name="Hall", slug="hall"))


def run() -> list[str]:
    """What the command sends now: first lines, after the title."""
    mail.outbox.clear()
    call_command("send_notices", stdout=StringIO(), stderr=StringIO())
    return [str(message.body).splitlines()[0].partition("” ")[2] for message in mail.outbox]


@pytest.fixture
def refused(due, settings) -> Session:
    """It was moved to 11:10, and the mail server would not have the mail."""
    move_by(due, 10)
    standard, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.agenda.notices.test_due_again.Refusing"
    with pytest.raises(SystemExit):
        run()
    settings.EMAIL_BACKEND = standard
    return due


def unsent() -> int:
    return Notice.objects.filter(sent_at=None).count()


def test_what_was_never_sent_is_told_with_what_changed_since(refused, time_machine):
    to_hall(refused)
    early = run()
    time_machine.shift(TEN_MINUTES)

    assert (early, run(), run()) == (
        [],
        ["is now on Thursday 31 October, 11:10–11:40 CET, UTC+1, in Hall; it was at 11:00–11:30 in Forum 3."],
        [],
    )
    assert (unsent(), Notice.objects.count()) == (0, 2)


def test_second_move_is_told_from_where_they_knew_it(refused, time_machine):
    move_by(refused, 20)
    told = run()
    time_machine.shift(TEN_MINUTES)

    assert [*told, *run()] == [
        "is now on Thursday 31 October, 11:20–11:50 CET, UTC+1, in Forum 3; it was at 11:00–11:30."
    ]
    assert unsent() == 0


def test_move_back_is_told_where_the_move_may_have_been(due, time_machine):
    move_by(due, 10)
    run()
    Notice.objects.update(sent_at=None)  # as after a crash between the two
    move_by(due, 0)
    time_machine.shift(TEN_MINUTES)

    assert run() == ["is now on Thursday 31 October, 11:00–11:30 CET, UTC+1, in Forum 3; it was at 11:10–11:40."]


def test_mail_in_doubt_told_of_the_last_of_its_moves(due, time_machine):
    move_by(due, 10)
    move_by(due, 20)
    run()
    Notice.objects.update(sent_at=None)
    move_by(due, 0)
    time_machine.shift(TEN_MINUTES)

    assert run() == ["is now on Thursday 31 October, 11:00–11:30 CET, UTC+1, in Forum 3; it was at 11:20–11:50."]


def test_what_is_hidden_when_its_mail_is_tried_again_is_told_once_it_is_back(alice, refused, time_machine):
    other = session_of("Nesting&testing")
    star(alice, [other.pk], through=PAGE)
    edit(other, status="cancelled", start=START, end=START + HALF_AN_HOUR)
    Notice.objects.create(user=alice, revision=other.revisions.get(), claimed_at=Notice.objects.get().claimed_at)
    edit(refused, is_published=False)
    time_machine.shift(TEN_MINUTES)
    run()
    told = [message.subject for message in mail.outbox]
    edit(refused, is_published=True)
    time_machine.shift(TEN_MINUTES)

    assert told == [f"Cancelled: {other.title}"]
    assert run() == ["is now on Thursday 31 October, 11:10–11:40 CET, UTC+1, in Forum 3; it was at 11:00–11:30."]
    assert unsent() == 0


def test_mail_that_says_more_is_another_mail(due, time_machine):
    move_by(due, 10)
    run()
    (first,) = mail.outbox
    Notice.objects.update(sent_at=None)
    to_hall(due)
    time_machine.shift(TEN_MINUTES)
    run()

    assert mail.outbox[0].extra_headers["Message-ID"] != first.extra_headers["Message-ID"]


def test_what_was_sent_is_not_told_again(due):
    move_by(due, 10)
    first = run()
    to_hall(due)

    assert (len(first), run()) == (
        1,
        ["is now on Thursday 31 October, 11:10–11:40 CET, UTC+1, in Hall; it was in Forum 3."],
    )


def test_other_talks_are_told_while_one_is_in_doubt(alice, refused):
    other = session_of("Nesting&testing")
    star(alice, [other.pk], through=PAGE)
    edit(other, status="cancelled", start=START, end=START + HALF_AN_HOUR)

    run()

    assert [message.subject for message in mail.outbox] == [f"Cancelled: {other.title}"]


def test_mail_that_says_more_is_claimed_by_one(refused, time_machine):
    to_hall(refused)
    later = START - HALF_AN_HOUR + TEN_MINUTES
    (first,), (same,) = list(tellings(later)), list(tellings(later))

    assert (claim(first, later), claim(same, later)) == (True, False)
    assert set(Notice.objects.values_list("claimed_at", "sent_at")) == {(later, None)}


def test_note_is_said_until_it_is_withdrawn(due):
    edit(due, note="Bring a laptop.")
    written_alone = run()
    edit(due, status="cancelled")
    edit(due, status="confirmed", abstract="Another one.")
    move_by(due, 10)
    run()
    moved = mail.outbox[0].body
    edit(due, note="")
    move_by(due, 20)
    run()

    assert written_alone == []
    assert "The organisers say: Bring a laptop.\n" in moved
    assert "The organisers" not in mail.outbox[0].body
