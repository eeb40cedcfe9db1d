"""Django's migrate, one at a time: two servers that start at once would make the same table twice."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x666F72756D  # any number, as long as nothing else in this database locks it
ASK_EVERY = 0.5  # seconds


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time(options["database"]):
            super().handle(*args, **options)


@contextmanager
def one_at_a_time(database: str) -> Iterator[None]:
    """Waits until no other process is in this block with the same database.

    PostgreSQL frees the lock if the process dies. It is asked again and again: waiting has an end after lock_timeout,
    and tables may well take longer.
    """
    connection = connections[database]
    if connection.vendor != "postgresql":
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / "migrate.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        while cursor.fetchone() != (True,):
            time.sleep(ASK_EVERY)
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
