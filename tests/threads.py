"""Work that several threads do at once, as a server's do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(count: int, work: Callable[[], T]) -> list[T]:
    """What `work` returns in each of them, which all begin at once; the test needs the fixture shared_database."""
    ready = Barrier(count)

    def run() -> T:
        ready.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def all_at_once(*jobs: Callable[[], T]) -> list[T]:
    """What each of these jobs returns, in their order; one thread each, which all begin at once."""
    numbered = iter(enumerate(jobs))

    def work() -> tuple[int, T]:
        number, job = next(numbered)
        return number, job()

    return [result for _, result in sorted(at_once(len(jobs), work), key=lambda done: done[0])]
