"""Records which program fetched a calendar, when, and what it got: enough to say which calendars are up to date.

A million calendars that are fetched every quarter of an hour are a thousand writes a second. A few fetches are written
at once. Many are gathered and written together, so that they never keep a star waiting.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from threading import Lock, Thread, current_thread
from typing import Any, NamedTuple
from uuid import UUID

from django.db import Error, connection, transaction
from django.utils import timezone

from accounts.models import CalendarKey
from agenda.calendars.opened_key import Opened
from agenda.calendars.programs import BROWSER, program_of

USED_EVERY = timedelta(minutes=10)  # at most so often, a fetch that got nothing new is written
SHORTEST_GAP = timedelta(minutes=1)  # between fetches; a fetch after less belongs to the same visit
LONGEST_GAP = timedelta(days=2)  # between fetches; after more the device was off, which says nothing of its habit
GATHERED_FOR = 0.15  # seconds; a crash loses so much, which the key's next fetch says again
AT_ONCE = 4  # at most so many fetches are written at once in that time, in each process

# Never back in time: another process may have written a later fetch of the key meanwhile. Another version than the last
# is made with the options of now (SQL reads `served` as it was before).
NOTE = f"""\
UPDATE {CalendarKey._meta.db_table} SET last_used_at = %s, last_client = %s, served = %s,
served_options = CASE WHEN served = %s THEN served_options END, fetched_every = %s
WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s)"""  # noqa: S608 (a table of ours)

logger = logging.getLogger(__name__)


class Fetch(NamedTuple):
    """A fetch of a calendar, as its key's row has it."""

    at: datetime
    client: str
    served: str
    every: int | None  # seconds between fetches, usually


def note_fetch(opened: Opened, served: str, user_agent: str) -> None:
    """Records what was served to which program, and when; never its IP address. Writes nothing if nothing is new.

    Once a calendar program has fetched, web browsers are not recorded: in one, the owner only looks at the address.
    The row is written when this returns; within GATHERED_FOR seconds or so if many calendars are fetched just now.
    """
    moment, client = timezone.now(), user_agent[:120]
    is_of_program = program_of(opened.last_client) is not BROWSER
    before = opened.last_used_at if is_of_program else None  # when a program came
    looks = program_of(client) is BROWSER
    if looks and (before or (is_of_program and opened.last_client)):  # of a renewed key we know but which has it
        return
    seen = opened.last_used_at if looks else before  # the first program after a look is news
    if opened.served == served and seen and moment - seen < USED_EVERY:
        return
    every = _usually(opened.fetched_every, moment - before if before else None)
    _gathered.note(opened.pk, Fetch(moment, client, served, every))


def _usually(every: int | None, gap: timedelta | None) -> int | None:
    """The seconds between the key's fetches: a running average in which the newest gap counts for a quarter."""
    if gap is None or not SHORTEST_GAP <= gap <= LONGEST_GAP:
        return every or None
    seconds = int(gap.total_seconds())
    return (3 * every + seconds) // 4 if every else seconds


class Gathered:
    """The fetches that this process has yet to write, the last of each key, and the thread that will write them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[UUID, Fetch] = {}
        self._thread: Thread | None = None
        self._since = 0.0  # when the counting began, by the monotonic clock
        self._count = 0

    def note(self, pk: UUID, fetch: Fetch) -> None:
        if connection.in_atomic_block or self._is_quiet():  # in a transaction it shares the transaction's fate
            _write({pk: fetch})
            return
        with self._lock:
            self._waiting[pk] = fetch
            if self._thread is None:
                # Not a daemon, as threads of a server may be: a process that ends waits for it.
                thread = Thread(target=self._write_until_quiet, name="fetches", daemon=False)
                thread.start()
                self._thread = thread

    def _is_quiet(self) -> bool:
        """Counts this fetch. True if there were few before it, and none of them waits to be written."""
        now = time.monotonic()
        with self._lock:
            if now - self._since > GATHERED_FOR:
                self._since, self._count = now, 0
            self._count += 1
            return self._thread is None and self._count <= AT_ONCE

    def _write_until_quiet(self) -> None:
        """Writes the gathered fetches until there are no more; on a connection of its own."""
        try:
            while True:
                time.sleep(GATHERED_FOR)
                with self._lock:
                    fetches, self._waiting = self._waiting, {}
                    if not fetches:
                        self._thread = None
                        return
                _write(fetches)
                connection.close_if_unusable_or_obsolete()
        finally:
            with self._lock:
                if self._thread is current_thread():  # something unforeseen: the next fetch begins with another
                    self._thread = None
            connection.close()


def _write(fetches: dict[UUID, Fetch]) -> None:
    """Writes in one short transaction. If it fails, only a log line says so: the calendars were served."""
    # Two processes that lock the same rows do it in the same order: neither waits for the other for ever.
    rows = [_parameters(pk, fetches[pk]) for pk in sorted(fetches)]
    try:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.executemany(NOTE, rows)
    except Error as error:
        # Its class alone: what a database says may repeat the row.
        logger.warning("Fetches of calendars that could not be noted: %d (%s)", len(fetches), type(error).__name__)


def _parameters(pk: UUID, fetch: Fetch) -> tuple[Any, ...]:
    at = connection.ops.adapt_datetimefield_value(fetch.at)
    key = CalendarKey._meta.pk.get_db_prep_value(pk, connection)
    return at, fetch.client, fetch.served, fetch.served, fetch.every, key, at


_gathered = Gathered()
