"""Who is mailed about which change, when, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Event, Notice, Room, Session, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of

PAGE = StarLog.Through.PAGE
GOOGLE = {"User-Agent": "Google-Calendar-Importer; google.com/calendar"}
START = datetime(2019, 10, 31, 13, 15, tzinfo=UTC)  # 14:15 in Lyon
MINUTES = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def virtio_fs(kvm_forum, alice) -> Session:
    """From START for half an hour; starred by Alice, who wants to be told an hour before."""
    session = session_of("virtio-fs")
    Session.objects.filter(pk=session.pk).update(title="virtio-fs", start=START, end=START + 30 * MINUTES)
    star(alice, [session.pk], through=PAGE)
    User.objects.filter(pk=alice.pk).update(notice_minutes=60)
    session.refresh_from_db()
    return session


@pytest.fixture
def work(client, alice, virtio_fs) -> str:
    """The address of her calendar, which Google fetched."""
    address = calendar(alice, "Work")
    client.get(address, headers=GOOGLE)
    return address


def calendar(user: User, name: str) -> str:
    _, text = CalendarKey.objects.issue(user, name=name, once=name)
    return f"/calendar/{text}.ics"


def edit(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None, note="The editor's reason."):
        Session.objects.filter(pk=session.pk).update(**fields)


def move_to(session: Session, start: datetime) -> None:
    session.refresh_from_db()
    edit(session, start=start, end=start + session.duration)


def run() -> list[str]:
    """What the command sends now: first lines."""
    mail.outbox.clear()
    call_command("send_notices", stdout=StringIO())
    return [str(message.body).splitlines()[0] for message in mail.outbox]


def test_move_that_no_calendar_fetched_is_mailed_in_plain_text(work, virtio_fs, time_machine):
    move_to(virtio_fs, START - 30 * MINUTES)
    time_machine.move_to(START - 90 * MINUTES, tick=False)

    run()

    (message,) = mail.outbox
    stop = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert (message.subject, message.to) == ("Moved to 13:45: virtio-fs", ["alice@example.org"])
    assert (
        message.body
        == f"""\
“virtio-fs” is now on Thursday 31 October, 13:45–14:15 CET, UTC+1, in Forum 3; it was at 14:15–14:45.
http://testserver{virtio_fs.get_absolute_url()}

What your calendars do not show yet:
- Work (Google Calendar) was last updated 1 day ago and still shows “virtio-fs” at 14:15.

My agenda: http://testserver/agenda/

You asked to be told an hour before a changed talk matters, if one of your calendars has not been updated.
Choose another time: http://testserver/agenda/notices/
No more of these mails: {stop}

Forum agenda, http://testserver/
"""
    )


@pytest.mark.parametrize(("earlier", "starts"), [(True, START - 2 * HOUR), (False, START)])
def test_it_is_time_by_the_earlier_of_old_and_new_start(work, virtio_fs, time_machine, earlier, starts):
    move_to(virtio_fs, START + (-2 if earlier else 2) * HOUR)
    time_machine.move_to(starts - HOUR - MINUTES, tick=False)
    before = run()
    time_machine.move_to(starts - HOUR, tick=False)

    assert (len(before), len(run())) == (0, 1)


def test_what_was_fetched_long_ago_makes_it_no_earlier(client, work, virtio_fs, time_machine):
    move_to(virtio_fs, START - 2 * HOUR)
    move_to(virtio_fs, START)
    client.get(work, headers=GOOGLE)
    edit(virtio_fs, status="cancelled")
    time_machine.move_to(START - 2 * HOUR, tick=False)
    before = run()
    time_machine.move_to(START - HOUR, tick=False)

    assert (len(before), len(run())) == (0, 1)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("minutes", [15, 1440])
def test_it_is_time_when_each_person_chose(alice, work, virtio_fs, time_machine, minutes):
    User.objects.filter(pk=alice.pk).update(notice_minutes=minutes)
    edit(virtio_fs, status="cancelled")
    time_machine.move_to(START - (minutes + 1) * MINUTES, tick=False)
    before = run()
    time_machine.shift(MINUTES)

    assert (len(before), len(run())) == (0, 1)


@pytest.mark.parametrize("hours", [-2, 2])
def test_it_is_too_late_once_both_ends_are_past(work, virtio_fs, time_machine, hours):
    move_to(virtio_fs, START + hours * HOUR)
    over = max(START, START + hours * HOUR) + 30 * MINUTES
    time_machine.move_to(over, tick=False)
    after = run()
    time_machine.move_to(over - MINUTES, tick=False)

    assert (len(after), len(run())) == (0, 1)


@pytest.fixture
def in_time(work, time_machine) -> str:
    """It is half an hour before START."""
    time_machine.move_to(START - 30 * MINUTES, tick=False)
    return work


def test_cancellation_and_reinstatement_are_mailed(client, in_time, virtio_fs):
    edit(virtio_fs, status="cancelled", note="The speaker is ill.")
    cancelled = run()
    body = str(mail.outbox[0].body).splitlines()
    client.get(in_time, headers=GOOGLE)
    edit(virtio_fs, status="confirmed")
    reinstated = run()

    assert cancelled == [
        "Cancelled: “virtio-fs”, which was to be on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3."
    ]
    assert body[1] == "The organisers say: The speaker is ill."
    assert reinstated == [
        "“virtio-fs” takes place after all: on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3."
    ]


def test_change_of_room_or_end_is_mailed(client, in_time, virtio_fs):
    edit(virtio_fs, room=Room.objects.create(event=virtio_fs.event, name="Hall", slug="hall"))
    room = [*run(), mail.outbox[0].subject]
    client.get(in_time, headers=GOOGLE)
    edit(virtio_fs, end=virtio_fs.end + HOUR)
    end = [*run(), mail.outbox[0].subject]

    assert room == [
        "“virtio-fs” is now on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Hall; it was in Forum 3.",
        "Now in Hall: virtio-fs",
    ]
    assert end == [
        "“virtio-fs” is now on Thursday 31 October, 14:15–15:45 CET, UTC+1, in Hall; it was at 14:15–14:45.",
        "Now ends at 15:45: virtio-fs",
    ]


def test_times_are_in_the_readers_own_zone(alice, in_time, virtio_fs):
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    move_to(virtio_fs, START + 2 * HOUR)

    assert run() == [
        "“virtio-fs” is now on Friday 1 November, 00:15–00:45 JST, UTC+9, in Forum 3; it was at Thu 22:15–22:45."
    ]
    assert mail.outbox[0].subject == "Moved to Fri 00:15: virtio-fs"


def test_several_changes_are_one_mail(alice, in_time, virtio_fs):
    other = add_session(virtio_fs.event, "BoF", "2019-10-31 14:00")
    star(alice, [other.pk], through=PAGE)
    edit(other, status="cancelled")
    move_to(virtio_fs, START + 10 * MINUTES)

    run()

    (message,) = mail.outbox
    assert message.subject == "2 talks you starred have changed"
    assert [line for line in str(message.body).splitlines() if line.startswith(("“", "Cancelled"))] == [
        "Cancelled: “BoF”, which was to be on Thursday 31 October, 14:00–14:30 CET, UTC+1.",
        "“virtio-fs” is now on Thursday 31 October, 14:25–14:55 CET, UTC+1, in Forum 3; it was at 14:15–14:45.",
    ]


@pytest.mark.parametrize("field", ["title", "abstract", "status"])
def test_other_changes_are_not_mailed(in_time, virtio_fs, field):
    edit(virtio_fs, **{field: "tentative"})

    assert run() == []


def test_change_is_mailed_once(in_time, virtio_fs, time_machine):
    edit(virtio_fs, status="cancelled")
    first = run()
    time_machine.shift(HOUR / 2)

    assert (len(first), run()) == (1, [])


def test_change_that_is_fetched_everywhere_is_never_mailed(client, alice, in_time, virtio_fs):
    phone = calendar(alice, "Phone")
    edit(virtio_fs, status="cancelled")
    client.get(phone)
    client.get(in_time, headers=GOOGLE)

    assert run() == []


def test_one_calendar_that_did_not_fetch_it_is_enough(client, alice, in_time, virtio_fs):
    phone = calendar(alice, "Phone")
    edit(virtio_fs, status="cancelled")
    client.get(phone)

    assert len(run()) == 1


def test_without_a_calendar_there_is_no_mail(in_time, virtio_fs):
    CalendarKey.objects.update(revoked=BEFORE)
    edit(virtio_fs, status="cancelled")

    assert run() == []


def test_calendar_that_was_never_fetched_does_not_know_what_changed_since(alice, in_time, virtio_fs):
    CalendarKey.objects.all().delete()
    edit(virtio_fs, status="cancelled")
    calendar(alice, "Added")
    knew = run()
    edit(virtio_fs, status="confirmed")

    assert knew == [
        "Cancelled: “virtio-fs”, which was to be on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3."
    ]
    assert len(run()) == 1


def test_calendar_that_was_added_after_the_change_makes_no_mail(alice, in_time, virtio_fs, time_machine):
    CalendarKey.objects.all().delete()
    edit(virtio_fs, status="cancelled")
    time_machine.shift(MINUTES)
    calendar(alice, "Added")

    assert run() == []


def test_new_choices_that_a_calendar_has_not_got_are_no_part_of_the_mail(client, alice, in_time, virtio_fs):
    phone = calendar(alice, "Phone")
    edit(virtio_fs, status="cancelled")
    client.get(phone)
    key = CalendarKey.objects.get(name="Phone")
    CalendarKey.objects.filter(pk=key.pk).update(served_options={})
    run()

    (message,) = mail.outbox
    assert ("- Work" in message.body, "- Phone" in message.body) == (True, False)


def test_talk_after_the_last_day_of_its_event_is_mailed(kvm_forum, in_time, virtio_fs):
    Event.objects.update(starts_on="2019-10-01", ends_on="2019-10-02")
    edit(virtio_fs, status="cancelled")

    assert len(run()) == 1


def test_calendar_that_does_not_show_the_event_makes_no_mail(in_time, virtio_fs):
    CalendarKey.objects.update(options={"events": []})
    edit(virtio_fs, status="cancelled")

    assert run() == []


def test_calendar_that_still_has_an_event_no_longer_chosen_makes_mail(client, in_time, virtio_fs):
    key = CalendarKey.objects.get()
    client.get(in_time, headers=GOOGLE)
    CalendarKey.objects.filter(pk=key.pk).update(options={"events": []}, served_options={})
    edit(virtio_fs, status="cancelled")

    assert len(run()) == 1


def test_what_was_starred_after_the_change_is_not_mailed(alice, in_time, virtio_fs, time_machine):
    unstar(alice, virtio_fs, through=PAGE)
    move_to(virtio_fs, START + 10 * MINUTES)
    time_machine.shift(MINUTES)
    star(alice, [virtio_fs.pk], through=PAGE)

    assert run() == []


def test_what_was_unstarred_or_withdrawn_is_not_mailed(alice, in_time, virtio_fs):
    move_to(virtio_fs, START + 10 * MINUTES)
    unstar(alice, virtio_fs, through=PAGE)
    unstarred = run()
    star(alice, [virtio_fs.pk], through=PAGE)
    edit(virtio_fs, is_published=False)

    assert (unstarred, run()) == ([], [])


def test_who_did_not_ask_or_is_not_there_gets_no_mail(alice, bob, client, in_time, virtio_fs):
    star(bob, [virtio_fs.pk], through=PAGE)
    client.get(calendar(bob, "Phone"))
    edit(virtio_fs, status="cancelled")
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert run() == []


def test_address_that_is_not_verified_gets_no_mail(in_time, virtio_fs):
    EmailAddress.objects.update(verified=False)
    edit(virtio_fs, status="cancelled")

    assert run() == []


def test_move_there_and_back_is_not_mailed(in_time, virtio_fs):
    move_to(virtio_fs, START + 10 * MINUTES)
    move_to(virtio_fs, START)

    assert run() == []


def test_move_back_is_mailed_where_the_move_was(in_time, virtio_fs):
    move_to(virtio_fs, START + 10 * MINUTES)
    there = run()
    move_to(virtio_fs, START)

    assert there == [
        "“virtio-fs” is now on Thursday 31 October, 14:25–14:55 CET, UTC+1, in Forum 3; it was at 14:15–14:45."
    ]
    assert run() == [
        "“virtio-fs” is now on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3; it was at 14:25–14:55."
    ]


def test_move_back_is_mailed_where_one_calendar_fetched_the_move(client, alice, in_time, virtio_fs):
    phone = calendar(alice, "Phone")
    move_to(virtio_fs, START + 10 * MINUTES)
    client.get(phone)
    move_to(virtio_fs, START)

    assert run() == [
        "“virtio-fs” is now on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3; it was at 14:25–14:55."
    ]
    assert Notice.objects.count() == 2


def test_two_moves_are_told_as_one(in_time, virtio_fs):
    move_to(virtio_fs, START + 10 * MINUTES)
    move_to(virtio_fs, START + 20 * MINUTES)

    assert run() == [
        "“virtio-fs” is now on Thursday 31 October, 14:35–15:05 CET, UTC+1, in Forum 3; it was at 14:15–14:45."
    ]
    assert (run(), Notice.objects.filter(sent_at=START - 30 * MINUTES).count()) == ([], 2)


def test_each_person_is_mailed_their_own(client, alice, bob, in_time, virtio_fs):
    other = add_session(add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31"), "Else", "2019-10-31 14:00")
    User.objects.filter(pk=bob.pk).update(notice_minutes=60)
    star(bob, [other.pk], through=PAGE)
    client.get(calendar(bob, "Phone"))
    edit(virtio_fs, status="cancelled")
    edit(other, status="cancelled")

    run()

    assert {message.to[0]: message.subject for message in mail.outbox} == {
        "alice@example.org": "Cancelled: virtio-fs",
        "bob@example.org": "Cancelled: Else",
    }


def test_line_break_in_a_title_makes_no_header(in_time, virtio_fs):
    edit(virtio_fs, title="virtio-fs\nBcc: everybody@example.org", status="cancelled")

    run()

    assert mail.outbox[0].subject == "Cancelled: virtio-fs Bcc: everybody@example.org"


def test_nothing_in_the_mail_is_escaped(in_time, virtio_fs):
    edit(virtio_fs, title="<b>R&D</b>", status="cancelled", note="It’s “off” & <over>.")

    run()

    assert str(mail.outbox[0].body).splitlines()[:2] == [
        "Cancelled: “<b>R&D</b>”, which was to be on Thursday 31 October, 14:15–14:45 CET, UTC+1, in Forum 3.",
        "The organisers say: It’s “off” & <over>.",
    ]
