"""The site's cache, in its database or in Redis: what limits count is forgotten when its time is over, never before."""

from __future__ import annotations

import json
import time
from math import ceil
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.models import Counter

FOREVER = 100 * 365 * 24 * 60 * 60  # seconds
TABLE = Counter._meta.db_table
WRITE = f"""\
INSERT INTO {TABLE} (key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires"""  # noqa: S608 (a table of ours)
# Of two at the same moment, the database lets one write, and the other sees what it wrote.
ADD = f"{WRITE} WHERE {TABLE}.expires <= %s RETURNING 1"
INCREASE = f"""\
UPDATE {TABLE} SET value = CAST(CAST(value AS bigint) + %s AS text)
WHERE key = %s AND expires > %s RETURNING value"""  # noqa: S608 (a table of ours)
COUNT_UP = f"""\
INSERT INTO {TABLE} (key, value, expires) VALUES (%s, '1', %s) ON CONFLICT (key) DO UPDATE SET
value = CASE WHEN {TABLE}.expires > %s THEN CAST(CAST({TABLE}.value AS bigint) + 1 AS text) ELSE excluded.value END,
expires = CASE WHEN {TABLE}.expires > %s THEN {TABLE}.expires ELSE excluded.expires END
RETURNING value"""  # noqa: S608 (a table of ours)
COUNT_UP_IN_REDIS = """\
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count"""


class DatabaseCache(BaseCache):
    """Django's own drops entries at random beyond a number of them: a stranger could wash a limit out.

    Values are what JSON can hold. Keys are kept as an HMAC, as they name people and their IP addresses.
    Each call is one statement, and those that write decide and write at once: limits are exact in any number of
    processes.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        row = self._row(key, value, timeout, version)
        return bool(_returned(ADD, [*row, time.time()]))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = _alive(self._key(key, version)).values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _returned(f"{WRITE} RETURNING 1", self._row(key, value, timeout, version))

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(_alive(self._key(key, version)).update(expires=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(Counter.objects.filter(key=self._key(key, version)).delete()[0])

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        found = _returned(INCREASE, [delta, self._key(key, version), time.time()])
        if not found:
            raise ValueError("there is no such key")
        return int(found[0][0])

    def count_up(self, key: str, timeout: float) -> int:
        """Adds one to a number that is forgotten `timeout` seconds after the first; `add` and `incr` in one."""
        now = time.time()
        ((value,),) = _returned(COUNT_UP, [self._key(key, None), self._end(timeout), now, now])
        return int(value)

    def clear(self) -> None:
        Counter.objects.all().delete()

    def _row(self, key: str, value: Any, timeout: float | None, version: int | None) -> list[Any]:
        return [self._key(key, version), json.dumps(value), self._end(timeout)]

    def _key(self, key: str, version: int | None) -> str:
        return _kept_as(self.make_key(key, version=version))

    def _end(self, timeout: float | None) -> float:
        """When an entry expires, in seconds since 1970."""
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return time.time() + (FOREVER if seconds is None else seconds)


class RedisCounters(RedisCache):
    """Django's cache in Redis, which keeps names and values as DatabaseCache does, and counts as exactly.

    Django's own `add` and `incr` are two commands: a counter that ends between them is an error or, a moment later, one
    that never ends. Its values are pickles, which run whatever code somebody has written into that Redis.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(location, params)
        self._options: dict[str, Any] = {**params.get("OPTIONS", {}), "serializer": json}

    def count_up(self, key: str, timeout: float) -> int:
        """Adds one to a number that is forgotten `timeout` seconds after the first, in one command."""
        kept = self.make_and_validate_key(key)
        client = self._cache.get_client(kept, write=True)
        return int(client.eval(COUNT_UP_IN_REDIS, 1, kept, ceil(timeout)))

    def make_and_validate_key(self, key: str, version: int | None = None) -> str:
        return _kept_as(self.make_key(key, version=version))

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        """The timeout in whole seconds. Part of a second is a second; Django makes none of it."""
        return super().get_backend_timeout(ceil(timeout) if isinstance(timeout, float) else timeout)


def _kept_as(key: str) -> str:
    return salted_hmac("accounts.counters", key, algorithm="sha256").hexdigest()


def _alive(key: str) -> Any:
    return Counter.objects.filter(key=key, expires__gt=time.time()).order_by()


def _returned(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
