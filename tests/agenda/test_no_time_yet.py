"""A session that has no time yet: where it is shown, where it is not, and what happens when a time comes or goes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError

from accounts.models import User
from agenda.calendars import truth
from agenda.editing.shifting import shift_sessions
from agenda.models import Announcement, Session, StarLog
from agenda.models.session import timed
from agenda.programme import selection
from agenda.programme.linting import lint
from agenda.programme.records import whole_record
from agenda.stars.ranking import CannotRank, rank
from agenda.stars.starring import star
from tests.agenda.admin.editing import change
from tests.agenda.caldav.dav import Dav, statuses, token_in
from tests.agenda.kvm_forum import BEFORE, KVM, session_of
from tests.agenda.programme_edits import edit
from tests.pages import page

pytestmark = pytest.mark.any_database

TEN = datetime(2019, 11, 1, 9, 0, tzinfo=UTC)  # Friday, 10:00 in Lyon
NO_TIME = {"start": None, "end": None}
A_TIME = {"start": TEN, "end": TEN + timedelta(minutes=30)}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE)
    return time_machine


@pytest.fixture
def talk(kvm_forum, alice) -> Session:
    """Starred by Alice, and without a time since then."""
    session = session_of("KubeVirt")
    star(alice, [session.pk], through=StarLog.Through.PAGE)
    edit(session, **NO_TIME)
    return session


def headings(found) -> list[str]:
    return found.texts("h2.day")


def test_a_session_has_both_times_or_none(talk):
    with pytest.raises(IntegrityError):
        edit(talk, start=TEN)


def test_it_is_listed_last_under_no_time_yet(client, talk):
    found = page(client.get(KVM))
    (section,) = [each for each in found.all("section") if each.texts("h2.day") == ["No time yet"]]

    assert (headings(found)[-1], section.texts("h4.title")) == ("No time yet", [talk.title])
    assert "was Fri 13:45" in section.text
    for narrowed in ("?q=kubevirt", f"?room={talk.room.slug}"):
        assert "No time yet" in headings(page(client.get(KVM + narrowed)))
    for day in ("?day=2019-11-01", "?from=2019-10-31T09:00"):
        assert "No time yet" not in headings(page(client.get(KVM + day)))


def test_views_that_have_no_place_for_it_lead_to_it(client, alice, talk, opening, monkeypatch):
    client.force_login(alice)
    pages = [page(client.get(f"{KVM}?view=grid{narrowed}")) for narrowed in ("", "&starred=1")]
    client.get(f"{KVM}?view=full")
    monkeypatch.setattr(selection, "LONG_PROGRAMME", 3)
    pages.append(page(client.get(KVM)))

    for found in pages:
        there = client.get(KVM + found.link("1 talk has no time yet"))
        assert talk.title in page(there).one("section", aria_labelledby="d-none").text
        assert not found.texts("div.empty")
    assert "These 19 talks as a calendar file" in pages[0].text
    assert "no time yet" not in page(client.get(f"{KVM}?view=grid&day=2019-10-31")).text


def test_its_own_page_and_its_speakers_say_so(client, talk):
    address = talk.get_absolute_url()
    speaker = talk.speakers.first()

    assert "No time yet" in page(client.get(address)).one("article").text
    assert client.get(f"{address[:-1]}.ics").status_code == 404
    assert headings(page(client.get(speaker.get_absolute_url()))) == ["No time yet"]
    assert talk.title not in page(client.get(f"{KVM}now/")).text


def test_my_agenda_lists_it_after_the_days(client, alice, talk, opening):
    star(alice, [opening.pk], through=StarLog.Through.PAGE)
    client.force_login(alice)

    found = page(client.get("/agenda/"))

    assert headings(found)[:2] == ["Thursday, 31 October", "No time yet"]
    assert "2 talks · 30 min · next: Managing" in found.one("div.page-head").text
    with pytest.raises(CannotRank):
        rank(alice, talk, in_case_of=opening, through=StarLog.Through.PAGE)


def test_no_calendar_has_it_until_it_has_a_time(client, alice, alice_feed, talk):
    feeds = (alice_feed, f"{KVM}schedule.ics", f"{KVM}schedule.xcal", f"{KVM}schedule.xml", f"{KVM}schedule.json")

    assert [talk.title in client.get(feed).content.decode() for feed in feeds] == [False] * 5
    edit(talk, **A_TIME)
    assert [talk.title in client.get(feed).content.decode() for feed in feeds] == [True] * 5


def test_tables_keep_it_with_empty_times(client, talk):
    rows = list(csv.DictReader(io.StringIO(client.get(f"{KVM}schedule.csv").content.decode("utf-8-sig"))))

    assert (rows[-1]["Title"], rows[-1]["Start"], rows[-1]["End"]) == (talk.title, "", "")
    assert client.get(f"{KVM}schedule.xlsx").status_code == 200


@pytest.mark.on_postgresql
def test_caldav_loses_it_with_its_time_and_gets_it_with_one(kvm_forum, alice):
    talk, phone = session_of("KubeVirt"), Dav(alice)
    star(alice, [talk.pk], through=StarLog.Through.PAGE)
    address, token = f"{phone.agenda}{talk.guid}.ics", token_in(phone.sync())
    past = '<C:time-range start="20190101T000000Z" end="20191001T000000Z"/>'

    edit(talk, **NO_TIME)
    lost = phone.sync(token)
    edit(talk, **A_TIME)

    assert statuses(lost) == {address: 404}
    assert statuses(phone.sync(token_in(lost))) == {address: 200}
    edit(talk, **NO_TIME)
    in_the_past = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{past}</C:comp-filter></C:comp-filter>'
    assert statuses(phone.query(in_the_past)) == {}
    phone.key.refresh_from_db()
    assert phone.key.served  # that of the last sync: where it may still be shown was not asked for


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (A_TIME, NO_TIME, "still shows “{}” from Fri 10:00 to 10:30."),
        (NO_TIME, A_TIME, "does not have “{}” yet."),
        (NO_TIME, {"abstract": "New."}, "is up to date."),
    ],
)
def test_my_calendars_say_what_a_calendar_lacks(client, alice, alice_feed, talk, before, after, said):
    edit(talk, **before)
    client.get(alice_feed, headers={"User-Agent": "iOS/17.5 (21F79) dataaccessd/1.0"})
    edit(talk, **after)

    (found,) = truth.of(alice, None)

    assert found.sentence.endswith(said.format(talk.title))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (NO_TIME, A_TIME, ["has a time now: Fri 10:00"]),
        (A_TIME, NO_TIME, ["has no time for now"]),
        (A_TIME, {"start": TEN, "end": None} | NO_TIME, ["has no time for now"]),
    ],
)
def test_changes_say_that_a_time_came_or_went(client, kvm_forum, clock, before, after, said):
    talk = session_of("KubeVirt")
    edit(talk, **before)
    clock.shift(60)
    edit(talk, **after)

    rows = page(client.get(f"{KVM}changes/")).all("li.session")

    assert rows[0].texts("span.badge") == said
    assert said[0] in client.get(f"{KVM}changes.atom").content.decode()


@pytest.mark.parametrize(
    ("before", "after", "subject", "line"),
    [
        (
            *(NO_TIME, A_TIME, "Has a time now, Fri 10:00: "),
            "” has a time now: Friday 1 November, 10:00–10:30 CET, UTC+1, in Forum 3.",
        ),
        (
            *(A_TIME, NO_TIME, "Has no time for now: "),
            "” has no time for now; it was on Friday 1 November, 10:00–10:30 CET, UTC+1, in Forum 3.",
        ),
        (
            *(A_TIME, NO_TIME | {"status": "cancelled"}, "Cancelled: "),
            "”, which was to be on Friday 1 November, 10:00–10:30 CET, UTC+1, in Forum 3.",
        ),
        (
            *(A_TIME | {"status": "cancelled"}, NO_TIME | {"status": "confirmed"}, "Takes place after all: "),
            "” takes place after all: at a time that is not known yet.",
        ),
    ],
)
def test_mail_says_that_a_time_came_or_went(alice, alice_feed, client, talk, clock, before, after, subject, line):
    edit(talk, **before)
    User.objects.filter(pk=alice.pk).update(notice_minutes=120)
    client.get(alice_feed)
    clock.move_to(TEN - timedelta(minutes=90))
    edit(talk, **after)

    call_command("send_notices")

    (sent,) = mail.outbox
    assert sent.subject.startswith(subject)
    assert line in " ".join(sent.body.split())


def test_it_is_looked_at_for_its_texts_and_moves_with_no_day(talk, opening):
    event = talk.event
    edit(talk, title=f"{opening.title}s")

    found = [finding.text for finding in lint(whole_record(event, event.sessions.with_details().in_order()))]

    assert f"“{opening.title}” and “{talk.title}” differ by a letter. Are they one session?" in found
    event.starts_on += timedelta(days=1)
    event.ends_on += timedelta(days=1)
    event.save()
    before = event.sessions.exclude(pk=talk.pk).count()
    assert shift_sessions(event, first_day=event.starts_on - timedelta(days=1), zone=event.zone, by=None) == before
    talk.refresh_from_db()
    assert talk.start is None


def test_editors_take_its_time_away_in_the_form_and_see_it_in_the_list(opening, editor, client):
    client.force_login(editor)

    change(client, opening, start_0="", start_1="", end_0="", end_1="")

    opening.refresh_from_db()
    assert (opening.start, opening.end) == (None, None)
    assert "no time yet" in client.get("/admin/agenda/session/").content.decode()
    change(client, opening, start_0="31/10/2019", start_1="15:00")
    opening.refresh_from_db()
    assert (f"{opening.start:%H:%M}", opening.duration) == ("14:00", timedelta(minutes=30))


def test_it_does_not_count_where_hours_do(talk):
    event = talk.event
    about = Announcement(event=event, room=talk.room, day=event.starts_on)

    assert not about.is_about(talk)
    assert not Session.objects.at_the_same_time_as(talk)
    assert talk not in timed(event.sessions.all())
    assert talk.duration == timedelta(0)
