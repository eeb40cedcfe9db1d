"""Two servers like the one that follows on the command line, one of which is killed under load: make bench-cluster.

DATABASE_URL names a database that is yet to be made, on a PostgreSQL of this machine.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from tests.bench import load
from tests.bench.__main__ import say
from tests.bench.cluster import machines
from tests.bench.polls import create_database
from tests.deploy.behind import free_port

if TYPE_CHECKING:
    from agenda.models import Event
    from tests.bench import crowd

KEYS = 12_000  # calendars
SESSIONS, ROOMS = 300, 10  # of two days
PEOPLE = 300  # who open pages, and star
EACH = 4.0  # seconds of each kind of requests alone
THIRD = 5.0  # seconds until a server is killed, until it is started, and from then on
THREADS = 4  # of each worker, as make serve has them; each has a connection to the database
SPARE = 1  # more connections of each worker: over it, fetches of calendars are written
PROGRAMS = ("site", "nginx", "PgBouncer", "PostgreSQL", "Redis")
CONDITIONS = f"""\
{load.PROCESSES * load.CONNECTIONS} requests at a time, made on the same machine: what compares is the programs' CPU.
"""


@dataclass(slots=True)
class Held:
    """What may not be, and how much of it there was."""

    bad: int = 0

    def say(self, words: str, number: int) -> None:
        self.bad += number
        say(f"{words}{': MISSED' if number else ''}")


def main(command: list[str]) -> int:
    """The exit status: 1 if anything was lost, or not the same, or one too many."""
    if lacking := machines.missing():
        sys.exit("\n".join(lacking))
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "LOG_LEVEL": "WARNING",
            "METRICS_TOKEN": "of-the-bench-alone-0123456789",
            "SITE_URL": f"http://{load.HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        logging.disable(logging.INFO)
        create_database()
        call_command("migrate", verbosity=0)
        event, attendees = make()
        workers = int(command[command.index("--workers") + 1])
        pool = 2 * workers * (THREADS + SPARE)  # docs/operations.md says so
        with (
            ProcessPoolExecutor(load.PROCESSES, get_context("spawn"), django.setup) as executor,
            machines.running(command, port, Path(name), pool=pool) as cluster,
        ):
            return measure(cluster, executor, event, attendees, pool)


def make() -> tuple[Event, list[crowd.Attendee]]:
    from tests.bench import crowd, event, million  # noqa: PLC0415 (models are there only now)

    made = event.make(sessions=SESSIONS, rooms=ROOMS)
    attendees = crowd.gather(users=PEOPLE)
    million.gather(KEYS, made.sessions.order_by("pk")[0])
    million.settle()
    say(f"{made.sessions.count()} sessions, {KEYS} calendars with {million.STARS} stars each, {PEOPLE} people at pages")
    return made, attendees


def measure(
    cluster: machines.Cluster, executor: Executor, event: Event, attendees: list[crowd.Attendee], pool: int
) -> int:
    from tests.bench.cluster import stages  # noqa: PLC0415 (as above)

    say(CONDITIONS)
    held, send = Held(), partial(load.send, executor, cluster.port)
    numbers = range(KEYS // 2)
    unchanged = stages.unchanged(numbers, stages.etags(executor, cluster.port, numbers))
    whole = [stages.poll(number) for number in range(KEYS // 2, KEYS)]
    shown = stages.pages(event, attendees[::2])
    send(shown, at_most=EACH)  # warms up
    say(f"{'':34}{'requests/s':>10}{'p50 ms':>8}{'p99 ms':>8}   CPU ms each: {'  '.join(PROGRAMS)}")
    third = KEYS // 6
    for title, requests, status in (
        ("polls, unchanged (304)", unchanged[:third], 304),
        ("polls, whole (200)", whole[:third], 200),
        ("pages", shown, 200),
        ("stars", stages.stars(event, attendees[1::2]), 200),
    ):
        sent = line(cluster, title, partial(send, requests, at_most=EACH))
        if set(sent.statuses) != {status}:
            held.say(f"  should all be {status}, but: {dict(sent.statuses)}", 1)
    killed(
        cluster, held, partial(send, stages.mixed(unchanged[third:] + whole[third:], shown), at_most=3 * THIRD), event
    )
    compare(cluster, held, event, attendees)
    say(f"Connections to PostgreSQL: {cluster.connections()} (the pool has {pool})")
    return min(held.bad, 1)


def killed(cluster: machines.Cluster, held: Held, send: Callable[[], load.Sent], event: Event) -> None:
    """The server that is killed in the middle of everything, and what came of the requests and the stars."""
    from tests.bench.cluster import stages  # noqa: PLC0415 (as above)

    sessions = list(event.sessions.select_related("event").order_by("pk"))
    came: Counter[str] = Counter()

    def all_at_once() -> load.Sent:
        sent, counts = stages.killed(cluster, send, sessions, third=THIRD)
        came.update(counts)
        return sent

    sent = line(cluster, "all at once, one killed and back", all_at_once)
    statuses = dict(sorted(sent.statuses.items()))
    errors = sum(number for status, number in statuses.items() if status >= 500) + came["503"] + came["other 5xx"]
    held.say(f"\nAnswers: {statuses}; 5xx: {errors} (at most 0)", errors)
    lost = came["lost"] + came["resurrected"] + came["unanswered"]
    held.say(f"Stars: {came['acknowledged']} acknowledged meanwhile, {lost} lost (at most 0)", lost)


def compare(cluster: machines.Cluster, held: Held, event: Event, attendees: list[crowd.Attendee]) -> None:
    """Both servers count as one, and answer with the same bytes."""
    from tests.bench.cluster import stages  # noqa: PLC0415 (as above)

    for title, most, statuses in stages.limited(cluster.port, attendees[0], event):
        answered = statuses.total() - statuses[429]
        held.say(f"Limit “{title}”: {answered} over both (at most {most}); {dict(statuses)}", abs(answered - most))
    number, differ = stages.differing(cluster, event, attendees[:30])
    held.say(f"Bytes and ETags of {number} addresses, from both: {len(differ)} differ (at most 0)", len(differ))
    back, other = map(stages.answers, cluster.sites)
    held.say(f"Answered by the server that was killed, since it is back: {back}; by the other: {other}", back == 0)


def line(cluster: machines.Cluster, title: str, send: Callable[[], load.Sent]) -> load.Sent:
    before = cluster.cpu()
    sent = send()
    count, after = len(sent.seconds), cluster.cpu()
    rate, half, most = count / sent.elapsed, 1000 * median(sent.seconds), 1000 * quantiles(sent.seconds, n=100)[98]
    each = "  ".join(f"{1000 * (after[name] - before[name]) / count:>{len(name)}.2f}" for name in PROGRAMS)
    say(f"{title:34}{rate:10.0f}{half:8.1f}{most:8.1f}                {each}")
    return sent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
