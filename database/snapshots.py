"""Copies of the whole database: taken while it is written to, and put back where there is none."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

Query = Callable[[str], list[tuple[Any, ...]]]
# What SQLite keeps beside its file. Found there by another file of that name, it would be taken for that one's.
BESIDE = ("", "-wal", "-shm", "-journal")
PATIENCE = 5  # seconds for a request that is still being answered while the site stops
NO_TOOL = "{} is missing. It comes with PostgreSQL; on Debian or Ubuntu: sudo apt-get install postgresql-client"


class SnapshotError(Exception):
    """A copy that could not be taken or put back; its text is a sentence for the operator."""


@contextmanager
def taken(file: Path) -> Iterator[Query]:
    """Writes a copy of the database to the file. In the block, the function asks the state that was copied."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:

            def query(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                return rows

            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            ((snapshot,),) = query("SELECT pg_export_snapshot()")
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}")
            yield query
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file; the site's connections set WAL again
            _refuse_damage(copy)
            yield lambda sql: copy.execute(sql).fetchall()
    except sqlite3.Error as error:
        raise SnapshotError(f"The database could not be copied: {error}.") from error


def occupied() -> str:
    """Says in a sentence why no copy can be put back here; "" for a place that is empty. Creates nothing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
            others = cursor.fetchone()[0]
        if others:
            return f"Something else is connected to the database ({others}). Stop the site first."
        name = connection.settings_dict["NAME"]
        return f"The database {name} is not empty." if connection.introspection.table_names() else ""
    file = str(connection.settings_dict["NAME"])
    return next((f"{file}{end} is there already." for end in BESIDE if os.path.lexists(f"{file}{end}")), "")


def put_back(file: Path) -> None:
    """Makes the copy in the file this site's database, where occupied() has nothing to say. All or nothing."""
    if connection.vendor == "postgresql":
        connection.close()
        _run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        return
    try:
        with closing(sqlite3.connect(file)) as copy:
            _refuse_damage(copy)
    except sqlite3.Error as error:
        raise SnapshotError(f"The database in the backup cannot be read: {error}.") from error
    shutil.move(file, connection.settings_dict["NAME"])


def checkpoint() -> None:
    """Moves into SQLite's file what was written ahead of it (-wal), so that the file alone is the whole database."""
    file = Path(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and file.is_file():
        # A connection of its own: others belong to their threads. If it fails, the next start or stop does it.
        with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=PATIENCE)) as own:
            own.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _refuse_damage(copy: sqlite3.Connection) -> None:
    ((found,),) = copy.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise SnapshotError(f"The database is damaged: {found}.")


def _run(tool: str, *arguments: str) -> None:
    """Runs a program of PostgreSQL on the site's database. Its arguments are public: the password is none of them."""
    if not shutil.which(tool):
        raise SnapshotError(NO_TOOL.format(tool))
    (_, *database), environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, ["-d"])
    done = subprocess.run(  # noqa: S603 (a program of PostgreSQL, with no word of a stranger's)
        [tool, *database, *arguments],
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason, *_ = done.stderr.strip().splitlines() or ["nothing"]  # what follows may repeat rows
        raise SnapshotError(f"{tool} failed. It said: {reason}")
