"""Django's migrate, one at a time, as two servers that start at once would make the same table twice.

It also gives way to readers: while it waits for a table that is in use, all who want that table wait behind it.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LOCK = 0x666F72756D  # any number, as long as nothing else in this database locks it
ASK_EVERY = 0.5  # seconds
WAIT, PAUSE = 2, 2  # seconds; who waits for a table is answered 503 after five: forum/settings.py
TRIES = 20
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code
TRIED_AGAIN = f"A table is in use. What is done so far is kept; the rest is tried again in {PAUSE} seconds."
GIVEN_UP = (
    f"A table was in use for {TRIES * (WAIT + PAUSE)} seconds, perhaps by a backup. What is done so far is kept, "
    "nothing is half done, and the site goes on. Run this again when the other has ended."
)


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--check-secrets",
            action="store_true",
            help="Then do what check_secrets does: a start waits for one process.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time(options["database"]), short_waits(options["database"]):
            for tries_left in reversed(range(TRIES)):
                try:
                    super().handle(*args, **options)
                    break
                except OperationalError as error:
                    if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                        raise
                    if not tries_left:
                        raise CommandError(GIVEN_UP) from error
                self.stderr.write(TRIED_AGAIN)
                time.sleep(PAUSE)
        if options["check_secrets"]:
            call_command("check_secrets")


@contextmanager
def short_waits(database: str) -> Iterator[None]:
    """In the block, PostgreSQL gives up what waits for a lock for longer than WAIT."""
    if connections[database].vendor != "postgresql":
        yield
        return
    with connections[database].cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{WAIT}s'")
    try:
        yield
    finally:
        with connections[database].cursor() as cursor:
            cursor.execute("RESET lock_timeout")


@contextmanager
def one_at_a_time(database: str) -> Iterator[None]:
    """Waits until no other process is in this block with the same database.

    PostgreSQL frees the lock if the process dies. It is asked again and again: waiting has an end after lock_timeout,
    and tables may well take longer. It is held by a transaction of its own, which keeps its connection, also behind
    PgBouncer: otherwise that might free it on another.
    """
    connection = connections[database]
    if connection.vendor != "postgresql":
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / "migrate.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with closing(connection.copy()) as own:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            while cursor.fetchone() != (True,):
                time.sleep(ASK_EVERY)
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            yield
