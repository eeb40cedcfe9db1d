"""When which program fetched a calendar, and what it got: the least that says which of them are up to date.

A million calendars that come every quarter of an hour are a thousand writes a second. Few are written at once; when
they come in numbers, they are gathered and written together, so that they never keep a star waiting.
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

USED_EVERY = timedelta(minutes=10)  # how often at most a fetch that got nothing new is written down
SHORTEST_GAP = timedelta(minutes=1)  # between fetches; what comes sooner is the same visit
LONGEST_GAP = timedelta(days=2)  # after that the device was off, and its habit says nothing
GATHERED_FOR = 0.15  # seconds; what a crash can lose, and the key's next fetch says again
AT_ONCE = 4  # fetches at most that are written at once in that time, in each process

# Never back in time: another process may have written a later fetch of the key meanwhile.
NOTE = f"""\
UPDATE {CalendarKey._meta.db_table} SET last_used_at = %s, last_client = %s, served = %s, fetched_every = %s
WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s)"""  # noqa: S608 (a table of ours)

logger = logging.getLogger(__name__)


class Fetch(NamedTuple):
    """One fetch of a calendar, as its key's row remembers it."""

    at: datetime
    client: str
    served: str
    every: int | None  # seconds between fetches, usually


def note_fetch(opened: Opened, served: str, user_agent: str) -> None:
    """Remembers who fetched what and when; no write where it would say nothing new. No IP address.

    Once a program has come, a web browser is not noted: its owner looked at the address, their calendar got nothing.
    Written when this returns, unless many are fetched at this moment: then within GATHERED_FOR seconds or so.
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
    """Seconds between the key's fetches: a running average in which the newest gap counts for a quarter."""
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
        """Counts this fetch: whether there were few before it, and none of them waits to be written."""
        now = time.monotonic()
        with self._lock:
            if now - self._since > GATHERED_FOR:
                self._since, self._count = now, 0
            self._count += 1
            return self._thread is None and self._count <= AT_ONCE

    def _write_until_quiet(self) -> None:
        """Writes what was gathered, over and over, until nothing is; on a connection of its own."""
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
    """One short transaction; where it fails, the calendars were served all the same, and will be fetched again."""
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
    return at, fetch.client, fetch.served, fetch.every, key, at


_gathered = Gathered()
