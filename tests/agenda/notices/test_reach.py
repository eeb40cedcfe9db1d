"""Whom a plan reaches: people, clashes, calendars by their rhythm, mails; and no number by which one is recognised."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import CalendarKey, User
from agenda.editing.apply import publish
from agenda.editing.changes import recording
from agenda.editing.plan import propose
from agenda.models import Batch, Event, Notice, Plan, Session, Star
from agenda.notices.reach import Reach, fetches_by, in_words, reach, reached
from agenda.version_cache import TICK
from tests.agenda.kvm_forum import add_event, add_session
from tests.conftest import signed_up
from tests.pages import page

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
QUARTER, DAY = 900, 86_400  # seconds


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "UTC", "2026-03-01", "2026-03-02")


@pytest.fixture
def talks(event: Event) -> list[Session]:
    """One an hour from 10:00, of an hour each."""
    return [add_session(event, f"Talk {n}", f"2026-03-01T{10 + n}:00", minutes=60) for n in range(4)]


@pytest.fixture
def people(db: None) -> list[User]:
    return [signed_up(f"person{n}@example.org", notice_minutes=60) for n in range(6)]


def star(people: list[User], *sessions: Session) -> None:
    Star.objects.bulk_create(Star(user=user, session=session) for user in people for session in sessions)


def calendar(user: User, every: int | None, minutes_ago: int = 5, **more: object) -> CalendarKey:
    key, _ = CalendarKey.objects.issue(user, name="Phone", once=f"{user.pk} {every} {minutes_ago}")
    used = NOW - timedelta(minutes=minutes_ago) if every else None
    CalendarKey.objects.filter(pk=key.pk).update(fetched_every=every, last_used_at=used, **more)
    key.refresh_from_db()
    return key


def plan(event: Event, session: Session, **values: object) -> Plan:
    wanted = {"key": str(session.pk), "session": session.pk, "wanted": values}
    return Plan.objects.create(event=event, kind=Plan.Kind.EDIT, title="An edit", wanted={"sessions": [wanted]})


def moved(session: Session, *, hours: int) -> list[str]:
    by = timedelta(hours=hours)
    return [(session.start + by).isoformat(), (session.end + by).isoformat()]


def reaching(event: Event, session: Session, **values: object) -> Reach:
    return reach(propose(plan(event, session, **values)), NOW)


def test_people_who_starred_a_moved_talk_are_counted_once(event, talks, people):
    star(people, *talks[:2])

    found = reaching(event, talks[0], when=moved(talks[0], hours=5))

    assert (found.starred, found.people, found.stars) == (6, "6", {talks[0].pk: 6, talks[1].pk: 6})


@pytest.mark.parametrize(
    ("hours", "clashing"),
    [(1, 6), (2, 0), (5, 0)],  # onto the second talk; onto one that nobody starred; after all
)
def test_clash_is_one_that_was_not_there_before(event, talks, people, hours, clashing):
    star(people, *talks[:2])

    assert reaching(event, talks[0], when=moved(talks[0], hours=hours)).clashing == clashing


def test_conflict_says_who_gains_a_clash_by_the_other_time(event, talks, people):
    star(people, *talks[:2])
    edit = plan(event, talks[0], when=moved(talks[0], hours=1))
    edit.wanted["sessions"][0]["base"] = {"when": moved(talks[0], hours=7)}

    found = reach(propose(edit), NOW)

    assert (found.by_choice, found.starred) == ({f"value:{talks[0].pk}:when": "6"}, 0)


def test_talks_that_overlapped_before_are_no_new_clash(event, talks, people):
    twin = add_session(event, "Twin", "2026-03-01T10:30", minutes=120)
    star(people, talks[0], twin)

    found = reaching(event, talks[0], when=moved(talks[0], hours=1))

    assert found.clashing == 0


def test_cancelled_talk_clashes_with_none_and_a_reinstated_one_may(event, talks, people):
    twin = add_session(event, "Twin", "2026-03-01T10:30", minutes=30, status="cancelled")
    star(people, talks[0], twin)

    assert reaching(event, talks[0], status="cancelled").clashing == 0
    assert reaching(event, twin, status="confirmed").clashing == 6


@pytest.mark.parametrize(
    ("every", "minutes_ago", "knows"),
    [
        (QUARTER, 5, True),
        (3_600, 30, True),
        (DAY, 60 * 23 + 30, True),  # its next one is in half an hour
        (DAY, 60, False),
        (QUARTER, 60, False),  # it has missed several times: it has stopped
        (None, 0, False),  # never came
    ],
)
def test_calendar_is_expected_by_its_own_rhythm(alice, every, minutes_ago, knows):
    key = calendar(alice, every, minutes_ago)

    assert fetches_by(key, NOW + timedelta(hours=1), NOW) == knows


def test_calendars_are_those_of_people_who_starred_it_and_show_the_event(event, talks, people, alice):
    star(people, talks[0])
    for user in people:
        calendar(user, QUARTER)
    calendar(people[0], DAY)
    calendar(people[1], QUARTER, 6, options={"events": [event.pk + 1]})
    calendar(alice, QUARTER)

    found = reaching(event, talks[0], room="Hall")

    assert (found.calendars, found.within_an_hour) == (7, 6)


def test_mail_goes_to_those_of_whom_a_calendar_comes_too_late(event, talks, people):
    star(people, talks[0])
    for number, user in enumerate(people):  # the talk is in two hours, the mail is due an hour before
        calendar(user, [QUARTER, DAY, DAY, DAY, QUARTER, DAY][number])
    User.objects.filter(pk=people[1].pk).update(notice_minutes=None)
    User.objects.filter(pk=people[2].pk).update(refused_address=people[2].email)

    found = reaching(event, talks[0], status="cancelled")

    assert (found.mailed, found.people_mailed) == (2, "a few")


def test_texts_hidden_events_and_what_is_over_reach_nobody_by_mail(event, talks, people):
    star(people, *talks)
    for user in people:
        calendar(user, DAY)

    assert reaching(event, talks[0], title="New words").starred == 0
    assert reach(propose(plan(event, talks[0], status="cancelled")), NOW + timedelta(days=3)).mailed == 0
    event.state = Event.State.HIDDEN
    event.save()
    assert reaching(event, talks[0], status="cancelled").starred == 0


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "a few"), (4, "a few"), (5, "5"), (214, "214")])
def test_small_numbers_are_not_said(count, words):
    assert in_words(count) == words


def test_stars_of_few_people_are_not_shown(event, talks, people):
    star(people[:4], talks[0])

    assert reaching(event, talks[0], status="cancelled").stars == {}


def test_receipt_counts_calendars_that_have_it_and_people_who_were_mailed(event, talks, people, editor):
    star(people, talks[0])
    edit = plan(event, talks[0], status="cancelled")
    batch = publish(edit, by=editor, fingerprint=propose(edit).fingerprint)
    assert isinstance(batch, Batch)
    for number, user in enumerate(people):
        key = calendar(user, QUARTER)
        at = batch.at if number < 2 else batch.at - TICK
        microseconds = int(at.timestamp() * 1_000_000)
        CalendarKey.objects.filter(pk=key.pk).update(served=f'"1-1-{microseconds}"')
    Notice.objects.create(user=people[0], revision=batch.revisions.get(), sent_at=NOW)

    found = reached(batch, NOW)

    assert (found.calendars, found.have_it, found.missing, found.within_an_hour) == (6, 2, 4, 4)
    assert (found.is_said, found.people_mailed) == (True, "a few")


def test_page_of_a_session_says_to_editors_how_far_its_last_change_has_come(
    client, talks, people, editor, time_machine
):
    time_machine.move_to(NOW, tick=False)
    star(people, talks[0])
    for user in people:
        calendar(user, QUARTER)
    address = talks[0].get_absolute_url()
    client.force_login(editor)
    assert not page(client.get(address)).all("section", id="reached")
    with recording([talks[0].pk], by=editor) as edit:
        edit.change_all(status="cancelled")
    microseconds = int(edit.revisions[0].at.timestamp() * 1_000_000)
    CalendarKey.objects.filter(user__in=people[:2]).update(served=f'"1-1-{microseconds}"')

    said = page(client.get(address)).one("section", id="reached").all("p")[0].text

    whole = "6 people starred this. A few of 6 calendars have it."
    assert said == f"{whole} A few will by about 08:10, if they keep their rhythm."
    client.force_login(people[0])
    assert not page(client.get(address)).all("section", id="reached")


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_does_not_grow(event, talks, people, count, django_assert_num_queries):
    star(people[:count], *talks[:count])
    for user in people[:count]:
        calendar(user, DAY)
    proposal = propose(plan(event, talks[0], status="cancelled"))

    with django_assert_num_queries(5):
        reach(proposal, NOW)
