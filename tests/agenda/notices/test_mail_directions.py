"""Mails are plain text: names that read from right to left stand between U+2068 and U+2069, all others as they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from agenda.models import Room, Session
from agenda.programme.history import changes_in_words
from agenda.programme.prose import in_isolates, quotes_in_isolates
from tests.agenda.kvm_forum import BEFORE
from tests.agenda.notices.test_due import GOOGLE, START, calendar, edit, move_to, run, virtio_fs
from tests.agenda.views.test_directions import NAME, OTHER, ROOM, TITLE

__all__ = ["virtio_fs"]
HALF_AN_HOUR = timedelta(minutes=30)


def apart(text):
    return f"\u2068{text}\u2069"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def hebrew(client, alice: User, virtio_fs: Session) -> Session:
    """The starred session with a Hebrew title and room, in a calendar with a Hebrew name; it was moved since."""
    Session.objects.filter(pk=virtio_fs.pk).update(title=TITLE, note=f"{OTHER}\nBring it.")
    Room.objects.update(name=ROOM)
    client.get(calendar(alice, NAME), headers=GOOGLE)
    move_to(virtio_fs, START - HALF_AN_HOUR)
    edit(virtio_fs, room=None)
    return virtio_fs


def test_hebrew_names_in_a_mail_leave_the_signs_around_them_in_place(hebrew, time_machine):
    time_machine.move_to(START - 2 * HALF_AN_HOUR, tick=False)

    run()

    (message,) = mail.outbox
    assert message.subject == f"Moved to 13:45: {apart(TITLE)}"
    lines = message.body.splitlines()
    assert lines[:3] == [
        f"“{apart(TITLE)}” is now on Thursday 31 October, 13:45–14:15 CET, UTC+1; "
        f"it was at 14:15–14:45 in {apart(ROOM)}.",
        f"The organisers say: {apart(OTHER)}",
        "Bring it.",
    ]
    assert f"- {apart(NAME)} (Google Calendar)" in message.body
    assert f"still shows “{apart(TITLE)}” at 14:15 in {apart(ROOM)}" in message.body


def test_hebrew_room_in_the_history_is_set_apart(hebrew):
    revision = hebrew.revisions.first()

    assert changes_in_words(revision, hebrew.event.zone) == f"room: {apart(ROOM)} → none"


@given(st.text(st.characters(max_codepoint=0x58F)))
def test_other_text_is_left_as_it_is(text):
    assert (in_isolates(text), quotes_in_isolates(f"“{text}” is")) == (text, f"“{text}” is")


@pytest.mark.parametrize("text", ["שלום", "مرحبا", "ܫܠܡܐ", "Room שלוש 3"])
def test_each_line_is_set_apart_by_itself(text):
    assert in_isolates(f"{text}\nplain\n{text}") == f"{apart(text)}\nplain\n{apart(text)}"
