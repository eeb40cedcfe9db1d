"""The clean-up: what nobody needs goes, what anybody needs stays, and a second run finds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session as CookieSession
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.models import CalendarKey, Counter
from agenda.editing.apply import publish
from agenda.editing.batches import undoing
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.editing.wanted import digest_of, wanted_of
from agenda.management.commands import prune
from agenda.models import Notice, Plan, SessionRevision, Source
from agenda.programme.records import programme_record
from tests.accounts.steps import user_of
from tests.agenda.belongings import log_in
from tests.agenda.calendar_keys import key_of
from tests.agenda.kvm_forum import BEFORE, session_of

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def pruned(verbosity: int = 2) -> list[str]:
    """What the command says."""
    said = StringIO()
    call_command("prune", verbosity=verbosity, stdout=said)
    return said.getvalue().splitlines()


def visitor_with_star() -> Client:
    client = Client()
    client.post(f"{session_of('Managing').get_absolute_url()}star")
    return client


def test_ended_sessions_go_with_their_devices(alice, time_machine):
    ended = log_in(Client(), alice)
    time_machine.shift(170 * A_DAY)
    other = log_in(Client(), alice)
    time_machine.shift(20 * A_DAY)

    *said, counters = pruned()

    assert (said, counters) == (["1 ended cookie session", "1 device without a session"], "5 counters of limits")
    assert (user_of(ended), user_of(other)) == (None, alice)
    assert (CookieSession.objects.count(), UserSession.objects.count()) == (1, 1)


@pytest.mark.parametrize(("days", "kept"), [(31, 1), (32, 0)])
def test_visitors_stars_stay_for_a_month_after_the_event(kvm_forum, time_machine, days, kept):
    visitor = visitor_with_star()
    time_machine.move_to(BEFORE.replace(day=31) + days * A_DAY)

    pruned()

    assert CookieSession.objects.count() == kept
    assert len(visitor.session.get("stars", [])) == kept


def test_visitor_who_came_lately_and_who_has_chosen_a_zone_alone_stay(kvm_forum, time_machine):
    Client().post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})
    time_machine.move_to(BEFORE + 60 * A_DAY)
    visitor_with_star()
    time_machine.shift(29 * A_DAY)

    assert pruned() == ["3 counters of limits"]
    assert CookieSession.objects.count() == 2


@pytest.mark.parametrize(("days", "left"), [(29, ["Laptop", "Phone"]), (31, ["Laptop"])])
def test_revoked_calendars_go_after_a_month(alice, days, left):
    key_of(alice, "Phone", revoked=BEFORE - days * A_DAY)
    key_of(alice, "Laptop")

    pruned()

    assert sorted(CalendarKey.objects.values_list("name", flat=True)) == left


def test_form_of_a_calendar_that_is_forgotten_opens_another(client, alice, time_machine):
    client.force_login(alice)
    form = {"place": "other", "once": f"{int(BEFORE.timestamp())}-random"}
    first = client.post("/agenda/calendars/add", form)
    again = client.post("/agenda/calendars/add", form)
    CalendarKey.objects.update(revoked=BEFORE)
    lookup = CalendarKey.objects.get().lookup
    time_machine.shift(31 * A_DAY)
    pruned()

    client.post("/agenda/calendars/add", form)

    assert (first.status_code, again.status_code) == (200, 200)
    assert CalendarKey.objects.get().lookup != lookup


@pytest.mark.parametrize(("days", "left"), [(31, 1), (33, 0)])
def test_notices_go_a_month_after_their_event(kvm_forum, alice, time_machine, days, left):
    revision = SessionRevision.objects.create(session=session_of("Managing"), sequence=1, changes={})
    Notice.objects.create(user=alice, revision=revision)
    time_machine.move_to(BEFORE + days * A_DAY)

    pruned()

    assert Notice.objects.count() == left


def test_plans_that_are_over_forget_what_they_wanted_and_are_undone_as_before(kvm_forum, time_machine):
    source = Source.objects.create(event=kvm_forum, name="schedule.xml")
    file = programme_record(kvm_forum, kvm_forum.sessions.all())
    renamed = replace(file, sessions=(replace(file.sessions[0], title="Other"), *file.sessions[1:]))
    done, waiting = (plan_for(renamed, source, by=None) for _ in range(2))
    Plan.objects.filter(pk=done.pk).update(state="waiting")
    batch = publish(done, by=None, fingerprint=propose(done).fingerprint)

    said = pruned()
    done.refresh_from_db()
    assert (said, done.wanted["sessions"], Plan.objects.get(pk=waiting.pk).wanted == waiting.wanted) == (
        ["1 emptied plan of the past"],
        [],
        True,
    )
    assert digest_of(done.wanted) == digest_of(wanted_of(renamed))
    assert [change.new for each in propose(undoing(batch, by=None)).sessions for change in each.changes] == [
        file.sessions[0].title
    ]
    time_machine.shift(60 * A_DAY)
    assert pruned()[-2:] == ["2 plans long after the event", "2 emptied plans of the past"]


def test_only_counters_that_are_over_go(time_machine):
    for seconds in (60, 120, None):
        cache.set(f"{seconds}", 1, seconds)
    time_machine.shift(90)

    assert (pruned(), Counter.objects.count(), cache.get("120"), cache.get("None")) == (
        ["1 counter of limits"],
        2,
        1,
        1,
    )


def test_more_than_one_portion_goes(monkeypatch, time_machine, django_assert_max_num_queries):
    monkeypatch.setattr(prune, "AT_ONCE", 3)
    for number in range(7):
        cache.set(f"{number}", 1, 60)
    time_machine.shift(90)

    assert (pruned(), Counter.objects.count()) == (["7 counters of limits"], 0)


def test_second_run_finds_nothing_and_the_first_is_silent_unless_asked(kvm_forum, alice, time_machine):
    log_in(Client(), alice)
    visitor_with_star()
    time_machine.shift(365 * A_DAY)

    assert (pruned(verbosity=1), pruned(), CookieSession.objects.count()) == ([], [], 0)
