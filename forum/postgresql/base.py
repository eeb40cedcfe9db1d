"""Django's PostgreSQL, but a connection that works is not asked so before every request: it must answer once a second.

To ask costs as much as either of the two queries that a poll of a calendar takes.
"""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base

TRUSTED_FOR = 1.0  # seconds after it last answered


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's database backend, of which a settings' ENGINE names the package."""

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

    def _has_something_to_say(self) -> bool:
        """Whether bytes wait to be read, or the end of the stream: nothing was asked, so it is most likely that."""
        if self.connection is None or self.connection.closed:
            return True
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return bool(waiting.poll(0))
