"""Makes as many calendars as KEYS says, starts the server that follows on the command line, polls it: make bench-polls.

The database is SQLite's, in a temporary folder, or the one that DATABASE_URL names on PostgreSQL; it must be new.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING, Self

import django
from django.core.management import call_command

from tests.bench import load, polling
from tests.bench.__main__ import say
from tests.bench.server import Server, running

if TYPE_CHECKING:
    from agenda.models import Session

RATE = 1111  # polls a second: a million calendars every quarter of an hour
AIM_P99, AIM_MULTIPLE = 0.1, 1.8  # seconds of a poll; of the yardstick's CPU, for a 304
BROWSER = "Mozilla/5.0"
UNCONDITIONAL = 20  # one poll in so many brings no ETag
LONGEST, STEADY, EAGER, UNCHANGED = 30, 0.6, 0.3, 0.1  # seconds at RATE; and what share of the keys each part polls
TAPS_EVERY = 0.1  # seconds, by somebody who stars meanwhile
ROUNDS = 8  # of 304s and yardsticks in turn
CONDITIONS = """\
Every key is polled once at most, 15 minutes after its last time: each poll is one that must be noted.
ETags are worked out before by the site's own function. The polls are made on the same machine as the answers."""


@dataclass(frozen=True, slots=True)
class Polls:
    """The requests of each part, all of different keys."""

    unchanged: list[bytes]
    steady: list[bytes]
    eager: list[bytes]


def main(command: list[str], port: int, people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{name}/db.sqlite3"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "SITE_URL": f"http://{load.HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        logging.disable(logging.INFO)  # of this process; that the server logs is part of what it needs
        from tests.bench import editing  # noqa: PLC0415 (models are there only now)

        create_database()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        starring, crowded = make(people)
        with (
            ProcessPoolExecutor(load.PROCESSES, get_context("spawn"), django.setup) as executor,
            running(command, port, Path(name) / "server.log") as server,
        ):
            measure(server, port, drawn(executor, port, people), starring, executor)
        seconds, written = editing.edited(crowded)
        say(
            f"An edit of a session with {crowded.stars.count()} stars: {seconds:.2f} s"
            f"{held(seconds, editing.AIM)}, {len(written)} statements that write"
        )


def create_database() -> None:
    """Raises where it is there already: this is nothing to be done to anybody's data."""
    from django.db import connection  # noqa: PLC0415 (as above)

    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{connection.settings_dict["NAME"]}"')


def make(people: int) -> tuple[list[load.Request], Session]:
    """The event and its people; the taps of one of them, and the session that most have starred."""
    from tests.bench import cases, crowd, event, million  # noqa: PLC0415 (as above)

    began = time.perf_counter()
    made = event.make()
    (person,) = crowd.gather(users=1)
    crowded = made.sessions.order_by("pk")[0]
    million.gather(people, crowded)
    million.settle()
    seconds = time.perf_counter() - began
    say(
        f"{made.sessions.count()} sessions, {people} calendars with {million.STARS} stars each: made in {seconds:.0f} s"
    )
    say(f"Database: {database_size() / 2**20:.0f} MB\n{CONDITIONS}\n")
    return cases.taps(person, made.get_absolute_url()), crowded


def database_size() -> int:
    """Bytes."""
    from django.db import connection  # noqa: PLC0415 (as above)

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return sum(file.stat().st_size for file in Path(connection.settings_dict["NAME"]).parent.glob("db.sqlite3*"))


def drawn(executor: Executor, port: int, people: int) -> Polls:
    """Keys drawn from all, none twice."""
    unchanged, eager = int(min(people * UNCHANGED, 16_000)), int(min(people * EAGER, 20_000))
    steady = int(min(people * STEADY, RATE * LONGEST))
    numbers = Random(17).sample(range(people), k=unchanged + eager + steady)
    size = 500
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    pairs = [pair for part in executor.map(partial(requests_of, port), parts) for pair in part]
    mixed = [plain if each % UNCONDITIONAL == 0 else conditional for each, (conditional, plain) in enumerate(pairs)]
    return Polls(
        [conditional for conditional, _ in pairs[:unchanged]],
        mixed[unchanged : unchanged + steady],
        mixed[unchanged + steady :],
    )


def requests_of(port: int, numbers: Sequence[int]) -> list[tuple[bytes, bytes]]:
    """For each person the poll that brings the right ETag, and the one that brings none."""
    from tests.bench import million  # noqa: PLC0415 (as above)

    pairs, host = [], f"{load.HOST}:{port}"
    for number, etag in zip(numbers, etags_of(port, numbers), strict=True):
        write = partial(polling.written, million.feed_of(number), host, million.AGENT)
        pairs.append((write(etag), write()))
    return pairs


def etags_of(port: int, numbers: Sequence[int]) -> list[str]:
    """The ETag of each person's calendar, by the site's own function: nothing is fetched."""
    from accounts.models import CalendarKey  # noqa: PLC0415 (as above)
    from agenda.calendars.opened_key import opened_by  # noqa: PLC0415
    from agenda.calendars.personal import personal_calendar  # noqa: PLC0415
    from tests.bench import million  # noqa: PLC0415

    etags = []
    for number in numbers:
        opened = opened_by(million.key_of(number), CalendarKey.Kind.FEED)
        assert opened, "a key that was made opens"
        etags.append(personal_calendar(opened, f"http://{load.HOST}:{port}").etag)
    return etags


def measure(server: Server, port: int, polls: Polls, taps: list[load.Request], executor: Executor) -> None:
    host = f"{load.HOST}:{port}"
    yardstick = polling.written("/bench/yardstick", host, BROWSER)
    eagerly(executor, port, [yardstick] * len(polls.unchanged))  # warms up
    each, multiple = in_turn(server, partial(eagerly, executor, port), polls.unchanged, yardstick)
    say(f"304, noted: {1000 * each:.2f} ms of CPU, {multiple:.2f} × yardstick{held(multiple, AIM_MULTIPLE)}\n")
    say(f"{'':44}{'requests/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}")
    for title, send, requests in (
        (f"polls, {RATE}/s asked for", steadily, polls.steady),
        ("polls, as fast as they are answered", eagerly, polls.eager),
    ):
        with Tapping(port, taps) as tapping:
            each, sent = cost(server, partial(send, executor, port, requests))
        assert set(sent.statuses) <= {200, 304}, sent.statuses
        line(title, sent, f"{1000 * each:9.2f}{held(p99(sent), AIM_P99) if send is steadily else ''}")
        line(f"  meanwhile a star or unstar every {1000 * TAPS_EVERY:.0f} ms", tapping.sent)
    say(f"\nMemory of the server: {server.memory() / 2**20:.0f} MB; database: {database_size() / 2**20:.0f} MB")


def in_turn(
    server: Server, send: Callable[[list[bytes]], load.Sent], unchanged: list[bytes], yardstick: bytes
) -> tuple[float, float]:
    """CPU of a 304, in seconds and as a multiple of the yardstick: medians, as the machine's speed comes and goes."""
    seconds, multiples = [], []
    for start in range(ROUNDS):
        polls = unchanged[start::ROUNDS]
        unit, _ = cost(server, partial(send, [yardstick] * len(polls)))
        each, sent = cost(server, partial(send, polls))
        assert set(sent.statuses) == {304}, sent.statuses
        seconds.append(each)
        multiples.append(each / unit)
    return median(seconds), median(multiples)


def cost(server: Server, send: Callable[[], load.Sent]) -> tuple[float, load.Sent]:
    """The server's CPU for each request, in seconds, and what came of them."""
    before = server.cpu()
    sent = send()
    return (server.cpu() - before) / len(sent.seconds), sent


def eagerly(executor: Executor, port: int, requests: list[bytes]) -> load.Sent:
    parts = (requests[part :: load.PROCESSES] for part in range(load.PROCESSES))
    return load.total(executor.map(partial(polling.eagerly, port, load.CONNECTIONS), parts))


def steadily(executor: Executor, port: int, requests: list[bytes]) -> load.Sent:
    """RATE of them a second, from all processes together."""
    parts = [requests[part :: load.PROCESSES] for part in range(load.PROCESSES)]
    begins = [time.time() + 0.5 + part / RATE for part in range(load.PROCESSES)]
    return load.total(executor.map(partial(polling.steadily, port, load.PROCESSES / RATE), begins, parts))


class Tapping:
    """Somebody who stars and unstars a session as long as the block lasts."""

    def __init__(self, port: int, taps: list[load.Request]) -> None:
        self._port, self._taps, self._ends = port, cycle(taps), Signal()
        self._thread = Thread(target=self._tap)
        self._answers: list[load.Answer] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ends.set()
        self._thread.join()

    def _tap(self) -> None:
        connection = HTTPConnection(load.HOST, self._port, timeout=60)
        while not self._ends.wait(TAPS_EVERY):
            self._answers.append(load.ask(connection, next(self._taps)))

    @property
    def sent(self) -> load.Sent:
        assert {answer.status for answer in self._answers} == {200}, self._answers
        seconds = [answer.seconds for answer in self._answers]
        return load.Sent(TAPS_EVERY * len(seconds) + sum(seconds), seconds, Counter([200] * len(seconds)), 0)


def p99(sent: load.Sent) -> float:
    return quantiles(sent.seconds, n=100)[98]


def line(title: str, sent: load.Sent, more: str = "") -> None:
    rate, half, most = len(sent.seconds) / sent.elapsed, 1000 * median(sent.seconds), 1000 * p99(sent)
    say(f"{title:44}{rate:10.0f}{half:9.1f}{most:9.1f}{more}")


def held(value: float, aim: float) -> str:
    """The aim, and whether it was missed."""
    return f"  (at most {aim:g}{': MISSED' if value > aim else ''})"


if __name__ == "__main__":
    main(sys.argv[1:], int(os.environ["PORT"]), int(os.environ["KEYS"]))
