"""Where limits are counted: nothing but time removes a count, and counts of many processes are exact."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import limits
from accounts.limits import HOUR, TooOften, count_mail, may_be_tried
from accounts.models import Counter
from tests.agenda.belongings import every_row
from tests.conftest import PASSWORD
from tests.threads import at_once

pytestmark = pytest.mark.django_db
START = 1_700_000_040  # seconds since 1970; a minute begins
OTHERS = 3_000  # more than Django's caches keep by themselves


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(START, tick=False)


def ways_to_use_it() -> list[object]:
    return [
        cache.get("one", "none"),
        cache.add("one", [1.5, 2.25], 60),
        cache.add("one", "later", 60),
        cache.get("one"),
        cache.set("one", 7, 60),
        cache.incr("one"),
        cache.incr("one", 3),
        cache.get("one"),
        cache.touch("one", 90),
        cache.delete("one"),
        cache.delete("one"),
        cache.touch("one", 90),
        cache.add("three", "short", 0.9),
        cache.get("three"),
        cache.delete("three"),
        cache.get_or_set("two", True, None),
        cache.get_many(["one", "two"]),
    ]


@pytest.mark.usefixtures("counters")
def test_does_what_every_cache_of_django_does(settings):
    ours = ways_to_use_it()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    assert ours == ways_to_use_it()


def test_entry_ends_with_its_time_and_not_before(time_machine):
    cache.set("short", 1, 60)
    cache.set("for ever", 1, None)

    time_machine.shift(59)
    before = cache.get("short")
    time_machine.shift(1)

    assert (before, cache.get("short"), cache.get("for ever")) == (1, None, 1)
    with pytest.raises(ValueError, match="no such key"):
        cache.incr("short")
    assert cache.add("short", 2, 60)


def test_locked_account_stays_locked_whatever_else_is_counted(alice, counters):
    def log_in(password: str) -> int:
        return Client().post("/accounts/login/", {"login": alice.email, "password": password}).status_code

    wrong = [log_in("wrong") for _ in range(6)]
    for number in range(OTHERS):
        count_mail(f"{number}@example.org")

    assert (wrong, Counter.objects.count() > OTHERS) == ([200] * 5 + [429], counters == "database")
    assert log_in(PASSWORD) == 429


def test_lock_ends_with_its_time(alice, client, time_machine):
    for _ in range(6):
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})

    time_machine.shift(5 * 60)

    assert client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}).status_code == 302


def test_no_address_and_no_network_is_kept(client, alice):
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.77")

    rows = [row for row in every_row() if row.startswith(Counter._meta.db_table)]
    assert len(rows) >= 3
    assert [row for row in rows if "203.0.113" in row or "alice" in row] == []


@pytest.mark.usefixtures("counters")
def test_counts_of_many_at_once_are_exact(shared_database, monkeypatch):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 10)

    def work() -> int:
        passed = 0
        for _ in range(5):
            try:
                count_mail("alice@example.org")
            except TooOften:
                continue
            passed += 1
        return passed

    assert sum(at_once(6, work)) == 10


@pytest.mark.usefixtures("counters")
def test_tries_of_many_at_once_are_exact(shared_database):
    assert sum(at_once(8, lambda: sum(may_be_tried("code", 3, HOUR) for _ in range(3)))) == 3


def test_tries_count_again_after_their_time(time_machine):
    def tried() -> list[bool]:
        return [may_be_tried("code", 2, 60) for _ in range(3)]

    assert tried() == [True, True, False]
    time_machine.shift(59)
    assert not may_be_tried("code", 2, 60)
    time_machine.shift(1)
    assert tried() == [True, True, False]


@pytest.mark.usefixtures("counters")
def test_one_of_many_adds(shared_database):
    assert sum(at_once(6, lambda: cache.add("lock", True, 10))) == 1


def test_counting_takes_one_write_and_refusing_none(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 2)

    for _ in range(2):
        with django_assert_num_queries(1):
            count_mail("alice@example.org")
    with django_assert_num_queries(0), pytest.raises(TooOften):
        count_mail("alice@example.org")
