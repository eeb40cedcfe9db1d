"""Starring: once is as good as twice, the log tells the truth, and two at a time do no harm."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.starring import star, unstar
from tests.agenda.programme import BEFORE, session_of
from tests.conftest import signed_up

PAGE, MERGE = StarLog.Through.PAGE, StarLog.Through.MERGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def stars_of(user: User) -> list[int]:
    return list(Star.objects.filter(user=user).order_by("pk").values_list("session_id", flat=True))


def log_of(user: User) -> list[tuple[int, bool, str]]:
    return list(StarLog.objects.filter(user=user).order_by("pk").values_list("session_id", "starred", "through"))


def test_star_is_kept_and_logged(opening, alice):
    assert star(alice, [opening.pk], through=PAGE) == 1

    assert stars_of(alice) == [opening.pk]
    assert log_of(alice) == [(opening.pk, True, "page")]
    assert set(StarLog.objects.values_list("at", flat=True)) == {BEFORE}


def test_star_repeated_changes_nothing(opening, alice):
    star(alice, [opening.pk], through=PAGE)

    assert star(alice, [opening.pk], through=MERGE) == 0
    assert stars_of(alice) == [opening.pk]
    assert log_of(alice) == [(opening.pk, True, "page")]


def test_several_stars_are_counted_without_those_there(opening, alice):
    other = session_of("Nesting&testing")
    star(alice, [opening.pk], through=PAGE)

    assert star(alice, [opening.pk, other.pk], through=MERGE) == 1
    assert log_of(alice) == [(opening.pk, True, "page"), (other.pk, True, "merge")]


def test_unstar_takes_the_star_and_logs_it(opening, alice):
    star(alice, [opening.pk], through=PAGE)

    unstar(alice, opening, through=PAGE)

    assert stars_of(alice) == []
    assert log_of(alice) == [(opening.pk, True, "page"), (opening.pk, False, "page")]


def test_unstar_of_what_is_not_starred_changes_nothing(opening, alice):
    unstar(alice, opening, through=PAGE)

    assert log_of(alice) == []


def test_log_only_grows(opening, alice):
    for _ in range(2):
        star(alice, [opening.pk], through=PAGE)
        unstar(alice, opening, through=PAGE)

    assert [starred for _, starred, _ in log_of(alice)] == [True, False, True, False]


def test_bob_keeps_his_stars_when_alice_unstars(opening, alice, bob):
    star(bob, [opening.pk], through=PAGE)

    star(alice, [opening.pk], through=PAGE)
    unstar(alice, opening, through=PAGE)

    assert (stars_of(alice), stars_of(bob)) == ([], [opening.pk])


def test_starring_takes_as_many_queries_for_1_and_3(kvm_forum, alice, django_assert_num_queries):
    one, *three = Session.objects.values_list("pk", flat=True)[:4]

    for pks in ([one], three):
        with django_assert_num_queries(6):  # savepoint, lock, what is there, stars, log, release
            star(alice, pks, through=PAGE)


@pytest.fixture
def many_connections(transactional_db, tmp_path):
    """A database that each thread opens for itself; SQLite's in memory is copied to a file for that."""
    call_command("loaddata", "kvm-forum-2019", verbosity=0)
    signed_up("alice@example.org")
    if connection.vendor != "sqlite":
        yield
        return
    file = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")  # as the file is before anybody opens it
    with patch.dict(connections.settings["default"], NAME=str(file)):
        yield


def in_two_threads(work):
    """What `work` returns in each; both begin at once, with connections of their own."""
    both_ready = Barrier(2)

    def run():
        both_ready.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(run), pool.submit(run)]]


def test_star_from_two_devices_at_once_is_one_star(many_connections):
    def work():
        alice, opening = User.objects.get(), Session.objects.earliest("start")
        return star(alice, [opening.pk], through=PAGE), stars_of(alice), log_of(alice)

    new, stars, logs = zip(*in_two_threads(work), strict=True)

    assert sorted(new) == [0, 1]
    assert len(set(map(tuple, stars))) == len(stars[0]) == 1
    assert len(set(map(tuple, logs))) == len(logs[0]) == 1


def test_star_and_unstar_at_once_leave_a_log_that_ends_as_it_is(many_connections):
    def work():
        alice, opening = User.objects.get(), Session.objects.earliest("start")
        for _ in range(5):
            star(alice, [opening.pk], through=PAGE)
            unstar(alice, opening, through=PAGE)

    def look():
        alice = User.objects.get()
        return stars_of(alice), [starred for _, starred, _ in log_of(alice)]

    in_two_threads(work)

    stars, log = in_two_threads(look)[0]
    assert stars == []
    assert log == [True, False] * (len(log) // 2)
