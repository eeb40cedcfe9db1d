"""A connection that works is not asked before each request, and one that PostgreSQL ended is never used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import User
from database.postgresql import base
from database.prepared import Prepared

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL is not PostgreSQL's"),
    pytest.mark.django_db(transaction=True),
]
NEVER, ALWAYS = 3600.0, -1.0  # asked again, that is


@pytest.fixture
def worker() -> Iterator[BaseDatabaseWrapper]:
    """A connection as a thread of the server has one, that answered just now."""
    worker = connection.copy()
    pid_of(worker)
    pid_at_next_request(worker)
    yield worker
    worker.close()


def pid_of(worker: BaseDatabaseWrapper) -> int:
    """Of the process at the other end of the connection."""
    with worker.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def pid_at_next_request(worker: BaseDatabaseWrapper) -> int:
    worker.close_if_unusable_or_obsolete()
    return pid_of(worker)


def query(sql: str, pid: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql, [pid])
        return cursor.fetchone()[0]


def last_statement(pid: int) -> str:
    return query("SELECT query FROM pg_stat_activity WHERE pid = %s", pid)


def end(pid: int) -> None:
    """As a restart of the database does; comes back when it is gone."""
    assert query("SELECT pg_terminate_backend(%s, 10000)", pid)


@pytest.mark.parametrize(("trusted_for", "asked"), [(NEVER, False), (ALWAYS, True)])
def test_connection_that_answered_is_trusted_for_a_while(worker, monkeypatch, trusted_for, asked):
    monkeypatch.setattr(base, "TRUSTED_FOR", trusted_for)
    pid = pid_of(worker)

    worker.close_if_unusable_or_obsolete()
    worker.close_if_health_check_failed()

    assert (last_statement(pid) == "SELECT 1") is asked


def test_connection_that_the_server_ended_is_replaced_before_it_is_used(worker, monkeypatch):
    monkeypatch.setattr(base, "TRUSTED_FOR", NEVER)
    before = pid_of(worker)
    end(before)

    assert pid_at_next_request(worker) not in (None, before)


def test_connection_that_the_server_ended_is_replaced_before_a_prepared_query(worker, alice):
    by_email = Prepared(lambda email: User.objects.filter(email=email))
    before = pid_at_next_request(connection)
    with worker.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [before])
    connection.close_if_unusable_or_obsolete()

    assert by_email.objects(alice.email) == [alice]
    assert pid_of(connection) != before


def test_connection_is_asked_after_an_error_however_quiet(worker, monkeypatch):
    monkeypatch.setattr(base, "TRUSTED_FOR", NEVER)
    pid = pid_of(worker)
    worker.errors_occurred = True

    worker.close_if_unusable_or_obsolete()

    assert last_statement(pid) == "SELECT 1"
    assert not worker.errors_occurred


def test_server_that_is_gone_is_an_error_and_the_next_request_begins_anew(worker, monkeypatch):
    """It ended after the connection was looked at: that request is lost, and no other."""
    monkeypatch.setattr(base, "TRUSTED_FOR", NEVER)
    before = pid_of(worker)
    end(before)

    with pytest.raises(OperationalError):
        pid_of(worker)

    assert pid_at_next_request(worker) != before
