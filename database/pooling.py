"""Finds out at the start whether a pooler between the site and PostgreSQL can hold prepared statements."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = (
    "The pooler in front of PostgreSQL gives each transaction another connection, and mixes up prepared statements: "
    "one person could get another's rows. Set pool_mode = session, or, in PgBouncer 1.21 or newer, "
    "max_prepared_statements to 100 or more."
)


def check_pooler() -> None:
    """Raises ImproperlyConfigured if prepared statements would reach a connection that has others of that name.

    Two connections are opened. While one is in a transaction, the other gets what is left: where that is not the
    connection that it had before, statements wander, and are tried. A database that does not answer is no fault here.
    """
    if connection.vendor != "postgresql":
        return
    try:
        with closing(connection.copy()) as one, closing(connection.copy()) as other:
            if _wanders(one, other) and not _keeps_statements(one, other):
                raise ImproperlyConfigured(REFUSAL)
    except DatabaseError:
        return


def _wanders(one: BaseDatabaseWrapper, other: BaseDatabaseWrapper) -> bool:
    """True if a connection of ours is not always the same one of the server's."""
    before = _ask(one, "SELECT pg_backend_pid()")
    with closing(other.cursor()) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_backend_pid()")
        after = _ask(one, "SELECT pg_backend_pid()")
        cursor.execute("ROLLBACK")
    return bool(before != after)


def _keeps_statements(one: BaseDatabaseWrapper, other: BaseDatabaseWrapper) -> bool:
    """True if each of two connections gets the values of its own statement, wherever it is sent."""
    database: Any = one
    try:
        for _ in range(3):
            if _prepared(one, "SELECT 'one', %s", 1) != ("one", "1"):
                return False
            with closing(other.cursor()) as cursor:  # takes the server's connection that the other has used
                cursor.execute("BEGIN")
                cursor.execute("SELECT pg_backend_pid()")
                wandered = _prepared(one, "SELECT 'one', %s", 2)
                cursor.execute("ROLLBACK")
            if wandered != ("one", "2") or _prepared(other, "SELECT 'other', %s", 3) != ("other", "3"):
                return False
    except (DatabaseError, database.Database.Error):  # there is no such statement, or another one of that name
        return False
    return True


def _ask(of: BaseDatabaseWrapper, sql: str) -> Any:
    with closing(of.cursor()) as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _prepared(of: BaseDatabaseWrapper, sql: str, value: int) -> Any:
    """The row of a statement that is prepared, as database/prepared.py sends it."""
    of.ensure_connection()
    database: Any = of
    with closing(database.Database.Cursor(database.connection)) as cursor:
        return cursor.execute(f"{sql}::text", [str(value)], prepare=True).fetchone()
