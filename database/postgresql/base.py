"""Django's PostgreSQL, for very many short requests: what Django does around a query takes longer than the query.

Statements can be planned once, and a connection that stays quiet is asked once a second at most whether it works.
"""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor, adapters
from psycopg.pq import Format

TRUSTED_FOR = 1.0  # seconds after it last answered
TIMES: Any = adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)  # in C, unlike Django's


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's database backend: a setting's ENGINE names the package of a class of this name."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._answered_at = 0.0  # by the monotonic clock

    def is_usable(self) -> bool:
        """Whether the connection works; a server that ended it has said so, which is heard without asking."""
        if self.errors_occurred or time.monotonic() - self._answered_at > TRUSTED_FOR or self._has_something_to_say():
            usable = super().is_usable()
            self._answered_at = time.monotonic() if usable else 0.0
            return usable
        return True

    def planning_cursor(self) -> CursorWrapper:
        """Django's, but PostgreSQL plans each of its statements once, which takes it longer than to run them.

        Times are in UTC, as Django has set the connection.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: Any = Cursor(self.connection)
            cursor.adapters.register_loader("timestamptz", TIMES)
            return self.make_cursor(cursor)

    def _has_something_to_say(self) -> bool:
        """Whether bytes wait to be read, or the end of the stream: nothing was asked, so it is most likely that."""
        if self.connection is None or self.connection.closed:
            return True
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return bool(waiting.poll(0))
