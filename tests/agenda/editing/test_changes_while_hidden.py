"""What is done to a session while it is unpublished: hidden then, and told once it is shown again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CalendarKey, User
from agenda.calendars import truth
from agenda.editing.changes import recording
from agenda.models import Room, Session, SessionRevision, Star, StarLog
from agenda.stars.starring import star
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

pytestmark = pytest.mark.any_database

PAGE = StarLog.Through.PAGE
GOOGLE = {"User-Agent": "Google-Calendar-Importer"}
START = datetime(2019, 10, 31, 10, 0, tzinfo=UTC)  # of the opening, 11:00 in Lyon
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def edit(session: Session, **fields: object) -> SessionRevision | None:
    with recording([session.pk], by=None) as recorded:
        Session.objects.filter(pk=session.pk).update(**fields)
    session.refresh_from_db()
    return recorded.revisions[0] if recorded.revisions else None


def move_to(session: Session, start: datetime, note: str = "") -> SessionRevision | None:
    return edit(session, note=note, start=start, end=start + timedelta(minutes=30))


@pytest.fixture
def work(client, alice, opening) -> str:
    """The address of Alice's calendar, which Google fetched with the opening in it; mail comes an hour before."""
    star(alice, [opening.pk], through=PAGE)
    User.objects.filter(pk=alice.pk).update(notice_minutes=60)
    _, text = CalendarKey.objects.issue(alice, name="Work", once="work")
    client.get(f"/calendar/{text}.ics", headers=GOOGLE)
    return f"/calendar/{text}.ics"


@pytest.fixture
def hidden(work, opening) -> Session:
    edit(opening, is_published=False)
    return opening


def mails() -> list[str]:
    """What each mail of now says: the first lines."""
    mail.outbox.clear()
    call_command("send_notices", stdout=StringIO())
    return [str(message.body).partition("\nhttp")[0] for message in mail.outbox]


def test_each_edit_of_a_session_that_was_published_is_a_revision(hidden):
    moved = move_to(hidden, START + 5 * HOUR, "The train is late.")
    published = edit(hidden, is_published=True)

    assert (moved.changes["start"], moved.changes["note"]) == (
        ["2019-10-31T10:00:00+00:00", "2019-10-31T15:00:00+00:00"],
        ["", "The train is late."],
    )
    assert published.changes == {"is_published": [False, True]}
    assert (moved.sequence, published.sequence, hidden.sequence) == (1, 1, 1)


def test_draft_that_nobody_saw_has_no_revision_before_it_is_published(opening):
    Session.objects.filter(pk=opening.pk).update(is_published=False)

    assert move_to(opening, START + HOUR) is None
    assert edit(opening, is_published=True).changes == {"is_published": [False, True]}


def test_move_is_said_once_it_is_shown_again(client, alice, hidden):
    move_to(hidden, START + 5 * HOUR, "The train is late.")
    edit(hidden, is_published=True)

    shown = page(client.get(hidden.get_absolute_url()))
    (work,) = truth.of(alice, None)
    assert [badge.text for badge in shown.all("span.badge")] == ["moved from 11:00"]
    assert [note.text for note in shown.all("p.notice")] == ["The train is late."]
    assert work.sentence == f"Work (Google Calendar) was last updated just now and still shows “{hidden}” at 11:00."


def test_move_is_mailed_once_it_is_shown_again(hidden, time_machine):
    time_machine.move_to(START - HOUR, tick=False)
    move_to(hidden, START + 5 * HOUR, "The train is late.")
    while_hidden = mails()
    edit(hidden, is_published=True)

    assert (while_hidden, mails()) == (
        [],
        [
            f"“{hidden}” is now on Thursday 31 October, 16:00–16:30 CET, UTC+1, in Forum 3; it was at 11:00–11:30.\n"
            "The organisers say: The train is late."
        ],
    )


def test_cancellation_is_mailed_once_it_is_shown_again(hidden, time_machine):
    time_machine.move_to(START - HOUR, tick=False)
    edit(hidden, status="cancelled")
    edit(hidden, note="The speaker is ill.", is_published=True)

    assert mails() == [
        f"Cancelled: “{hidden}”, which was to be on Thursday 31 October, 11:00–11:30 CET, UTC+1, in Forum 3.\n"
        "The organisers say: The speaker is ill."
    ]


def test_times_that_were_only_tried_are_told_to_nobody(client, alice, work, hidden, time_machine):
    time_machine.move_to(START - HOUR, tick=False)
    move_to(hidden, START + 3 * HOUR)
    client.get(work, headers=GOOGLE)  # without it, that is
    move_to(hidden, START + 5 * HOUR)
    edit(hidden, is_published=True)

    badge = page(client.get(hidden.get_absolute_url())).one("span.badge").text
    (key,) = truth.of(alice, None)
    assert badge == "moved from 11:00"
    assert key.sentence == f"Work (Google Calendar) was last updated just now and does not have “{hidden}” yet."
    assert mails() == [
        f"“{hidden}” is now on Thursday 31 October, 16:00–16:30 CET, UTC+1, in Forum 3; it was at 11:00–11:30."
    ]


def test_session_that_stands_where_it_was_did_not_move(client, hidden, time_machine):
    time_machine.move_to(START - HOUR, tick=False)
    move_to(hidden, START + 5 * HOUR)
    move_to(hidden, START)
    edit(hidden, is_published=True)

    assert page(client.get(hidden.get_absolute_url())).all("span.badge") == []
    assert mails() == []


@pytest.mark.parametrize("tried", [-5, 5])
def test_time_that_was_only_tried_makes_a_mail_neither_early_nor_late(hidden, time_machine, tried):
    move_to(hidden, START + tried * HOUR)
    move_to(hidden, START + timedelta(minutes=30))
    edit(hidden, is_published=True)
    time_machine.move_to(START - timedelta(minutes=61), tick=False)
    early = mails()
    time_machine.move_to(START + HOUR, tick=False)
    late = mails()
    time_machine.shift(timedelta(minutes=-1))

    assert (early, late, len(mails())) == ([], [], 1)


def test_why_it_was_unpublished_is_not_said_of_it_once_it_is_back(client, work, opening):
    with recording([opening.pk], by=None, note="The speaker is ill."):
        Session.objects.filter(pk=opening.pk).update(is_published=False)
    edit(opening, is_published=True)

    assert page(client.get(opening.get_absolute_url())).all("p.notice") == []


@pytest.mark.parametrize("people", [1, 3])
def test_edit_of_a_hidden_session_takes_as_many_queries_for_1_and_3_stars(hidden, people):
    Star.objects.bulk_create(
        Star(session=hidden, user=User.objects.create_user(f"{number}@example.org")) for number in range(people)
    )
    hall = Room.objects.create(event=hidden.event, name="Hall", slug="hall")

    with CaptureQueriesContext(connection) as queries:
        edit(hidden, room=hall)

    assert len(queries) == 17
