"""PgBouncer in front of PostgreSQL: a mode that mixes up prepared statements is found at the start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections

from database import pooling
from tests import pgbouncer


@pytest.fixture
def through_pgbouncer(transactional_db, monkeypatch) -> Iterator[object]:
    """Gives a function that sends the site's connections through a PgBouncer of that mode."""
    if connection.vendor != "postgresql" or not pgbouncer.program():
        pytest.skip("PostgreSQL and PgBouncer are not both here")

    @contextmanager
    def through(mode: str) -> Iterator[None]:
        with pgbouncer.running(mode) as (own, _):
            monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
            monkeypatch.setitem(connection.settings_dict, "PORT", str(own))
            connection.close()
            try:
                yield
            finally:
                connection.close()
                monkeypatch.undo()

    yield through
    connections.close_all()


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_mode_that_mixes_up_statements_is_refused_in_words(through_pgbouncer, mode):
    if mode == "transaction" and pgbouncer.version() >= pgbouncer.PREPARES:
        pytest.skip("this PgBouncer can hold prepared statements")

    with through_pgbouncer(mode):
        connection.ensure_connection()
        if mode == "session":
            assert pooling.check_pooler() is None
        else:
            with pytest.raises(ImproperlyConfigured, match="Set pool_mode = session"):
                pooling.check_pooler()


@pytest.mark.django_db(transaction=True)
def test_database_itself_is_no_pooler():
    assert pooling.check_pooler() is None


@pytest.mark.parametrize(
    ("pids", "answers", "is_kept"),
    [
        ((1, 1), [], True),  # one connection: nothing wanders
        ((1, 2), [("one", "1"), ("one", "2"), ("other", "3")] * 3, True),
        ((1, 2), [("one", "1"), ("other", "2")], False),
        ((1, 2), [OperationalError], False),
    ],
)
def test_answers_decide(monkeypatch, pids, answers, is_kept):
    """Without a pooler: what each way of mixing up statements looks like."""

    class Silent:
        Database = SimpleNamespace(Error=OperationalError)

        def cursor(self) -> Silent:
            return self

        def execute(self, sql: str) -> None:
            pass

        def close(self) -> None:
            pass

    asked, given = iter(pids), iter(answers)

    def prepared(of: object, sql: str, value: int) -> object:
        answer = next(given)
        if answer is OperationalError:
            raise OperationalError
        return answer

    monkeypatch.setattr(pooling, "_ask", lambda of, sql: next(asked))
    monkeypatch.setattr(pooling, "_prepared", prepared)

    one = other = Silent()
    assert (not pooling._wanders(one, other) or pooling._keeps_statements(one, other)) is is_kept
