"""The log of stars without what no calendar needs: every calendar is told the same as before."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CalendarKey
from agenda.calendars import shortening, truth
from agenda.calendars.shortening import Line, needed
from agenda.models import StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import Dav, refusal, statuses, token_in
from tests.agenda.kvm_forum import BEFORE, session_of

PAGE = StarLog.Through.PAGE
logs = st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=30)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def phone(alice, clock) -> Dav:
    return Dav(alice)


@pytest.fixture
def ten_whole(monkeypatch):
    monkeypatch.setattr(shortening, "KEPT_WHOLE", 10)


def told(lines: list[Line], point: int) -> dict[int, tuple[bool, ...]]:
    """All that the log says of each session to a calendar that was served up to that line."""
    found = {}
    for session in {line.session for line in lines}:
        mine = [line for line in lines if line.session == session]
        before, since = ([line for line in mine if (line.pk > point) is later] for later in (False, True))
        was = before[-1].starred if before else not mine[0].starred
        found[session] = (was, mine[-1].starred, bool(since), all(line.starred for line in since))
    return found


@given(logs, st.sets(st.integers(0, 30), max_size=4))
def test_every_calendar_is_told_the_same(log, points):
    lines = [Line(pk, session, starred) for pk, (session, starred) in enumerate(log, start=1)]
    served = {point for point in points if point <= len(lines)}

    kept = [line for line in lines if line.pk in needed(lines, served)]

    assert [told(kept, point) for point in served] == [told(lines, point) for point in served]
    assert (served - {0}) | {line.pk for line in lines[-1:]} <= {line.pk for line in kept}


@given(logs.filter(bool), st.sets(st.integers(0, 30), max_size=4))
def test_what_is_kept_does_not_grow_with_the_taps(log, points):
    lines = [Line(pk, session, starred) for pk, (session, starred) in enumerate(log * 20, start=1)]

    assert len(needed(lines, points)) <= 3 * (1 + 2 * (len(points) + 1))


def toggled(user, session, times: int) -> None:
    for _ in range(times):
        unstar(user, session, through=PAGE)
        star(user, [session.pk], through=PAGE)


def shorten() -> tuple[int, int]:
    """How many lines there were, and are."""
    before = StarLog.objects.count()
    call_command("prune")
    return before, StarLog.objects.count()


def test_calendar_that_was_served_long_ago_goes_on_from_there(phone, alice, starred, ten_whole):
    token = token_in(phone.sync())
    unstar(alice, starred[0], through=PAGE)
    toggled(alice, starred[1], 20)
    full = statuses(phone.sync(""))
    phone.change_key(served=token.removeprefix("data:,"))

    assert shorten() == (44, 16)
    assert statuses(phone.sync(token)) == {phone.address_of(starred[0]): 404, phone.address_of(starred[1]): 200}
    assert statuses(phone.sync("")) == full


def test_token_that_no_calendar_has_is_too_old(phone, alice, starred, ten_whole):
    toggled(alice, starred[1], 2)
    token = token_in(phone.sync())
    toggled(alice, starred[1], 20)
    newer = token_in(phone.sync())

    shorten()

    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")
    assert statuses(phone.sync(newer)) == {}


def test_my_calendars_says_the_same_after_it(phone, alice, starred, ten_whole):
    served = token_in(phone.sync()).removeprefix("data:,")
    unstar(alice, starred[0], through=PAGE)
    star(alice, [session_of("Managing").pk], through=PAGE)
    toggled(alice, starred[1], 20)
    phone.change_key(served=served, last_used_at=timezone.now())
    before = [each.sentence for each in truth.of(alice, None)]

    shorten()

    assert [each.sentence for each in truth.of(alice, None)] == before


@pytest.mark.parametrize("revoked", [False, True])
def test_short_log_and_other_peoples_stay(phone, alice, bob, starred, ten_whole, revoked):
    star(bob, [starred[0].pk], through=PAGE)
    toggled(bob, starred[0], 4)
    CalendarKey.objects.update(revoked=BEFORE if revoked else None)

    assert shorten() == (12, 12)


def test_shortening_twice_changes_nothing_more(phone, alice, starred, ten_whole):
    toggled(alice, starred[1], 20)

    assert shorten()[1] == shorten()[1]
