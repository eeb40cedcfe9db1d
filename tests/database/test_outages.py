"""An outage is told from a mistake of ours, by the errors that SQLite, the disk and Redis really raise."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.utils import DatabaseErrorWrapper

from accounts.counters import RedisCounters
from database.outages import going_on, is_outage


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", timeout=0)) as own:
        own.execute("CREATE TABLE pieces (piece)")
        own.commit()
        yield own


def raised(connection: sqlite3.Connection, sql: str) -> Exception:
    """The error with which Django answers the statement."""

    class Wrapper:
        Database = sqlite3
        errors_occurred = False

    with pytest.raises(Exception, match=r".") as caught, DatabaseErrorWrapper(Wrapper()):
        connection.execute(sql)
    return caught.value


def test_full_database_is_an_outage(database):
    database.execute("PRAGMA max_page_count = 10")

    error = raised(database, "INSERT INTO pieces VALUES (zeroblob(1000000))")

    assert (str(error), is_outage(error)) == ("database or disk is full", True)


def test_read_only_database_is_an_outage(database):
    database.execute("PRAGMA query_only = ON")

    error = raised(database, "INSERT INTO pieces VALUES (1)")

    assert (str(error), is_outage(error)) == ("attempt to write a readonly database", True)


def test_locked_database_is_an_outage(database, tmp_path):
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = raised(database, "SELECT * FROM pieces")

    assert (str(error), is_outage(error)) == ("database is locked", True)


@pytest.mark.parametrize("sql", ["SELECT * FROM no_such_table", "SELECT no_such_column FROM pieces", "SELEKT"])
def test_mistake_in_a_query_is_no_outage(database, sql):
    error = raised(database, sql)

    assert (type(error), is_outage(error)) == (OperationalError, False)


def test_redis_that_is_gone_is_an_outage():
    with pytest.raises(Exception, match="refused") as caught:
        RedisCounters("redis://127.0.0.1:1/0", {}).get("key")

    assert is_outage(caught.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
        (OperationalError("the connection is lost"), True),
        (InterfaceError("connection already closed"), True),
        (IntegrityError("UNIQUE constraint failed"), False),
        (DataError("a value too long"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_other_errors(error, expected):
    assert is_outage(error) == expected


def test_page_goes_on_without_what_an_outage_prevents(logged):
    with going_on(without="a count"):
        raise OperationalError("a row that nobody may read")

    assert logged.getvalue().endswith("WARNING database.outages: Answered without a count: OperationalError\n")


def test_page_does_not_go_on_after_a_mistake():
    with pytest.raises(ValueError, match="ours"), going_on(without="a count"):
        raise ValueError("ours")
