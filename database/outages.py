"""Tells an outage from a mistake of ours: a full disk, or a database or a Redis that does not answer."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, InterfaceError, OperationalError

try:
    from redis.exceptions import RedisError
except ModuleNotFoundError:  # an extra: no REDIS_URL, no Redis

    class RedisError(Exception):  # type: ignore[no-redef]
        """What nothing raises."""


logger = logging.getLogger(__name__)
NO_DISK = {errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EROFS}
# Result codes of SQLite. "No such table", SQLITE_ERROR, is a mistake of ours, though it is an OperationalError, too.
NO_SQLITE = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_LOCKED),
    *(sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY),
}
PRIMARY = 0xFF  # the bits of a result code that are not a detail
READ_ONLY = "25006"  # PostgreSQL's SQLSTATE of a server that takes no writes


def is_outage(error: BaseException | None) -> bool:
    """True if the same request would have been answered with the disk, the database and Redis in order."""
    if isinstance(error, OSError):
        return error.errno in NO_DISK
    if not isinstance(error, Error):
        return isinstance(error, RedisError)
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    if code is not None:
        return code & PRIMARY in NO_SQLITE
    is_refused = getattr(error.__cause__, "sqlstate", None) == READ_ONLY
    return is_refused or isinstance(error, (InterfaceError, OperationalError))


@contextmanager
def going_on(without: str) -> Iterator[None]:
    """Leaves the block at an outage, and logs a warning. For what a page can do without."""
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise
        # Its class alone: what a database says may repeat the row.
        logger.warning("Answered without %s: %s", without, type(error).__name__)
