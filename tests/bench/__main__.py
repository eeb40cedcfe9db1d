"""Starts the server that follows on the command line and measures what a request costs it: make bench."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from tests.bench import load
from tests.bench.first_visit import first_visit
from tests.bench.server import Server, running

if TYPE_CHECKING:
    from tests.bench.cases import Case

WARM_UP = 3.0  # seconds at most for a case
ROUNDS = 4  # of all cases in turn: what disturbs the machine disturbs all of them alike
AT_MOST = 1.2  # seconds for a case in a round
MANY_STARS = 40  # at a first synchronisation
CONDITIONS = f"""\
{load.PROCESSES * load.CONNECTIONS} requests at a time, made on the same machine: what compares is the server's CPU.
Pages are compressed, as browsers ask for them, and so is the yardstick; calendars are never compressed."""


@dataclass(slots=True)
class Measured:
    """What all rounds of a case came to."""

    cpu: float = 0.0  # seconds, of the server
    elapsed: float = 0.0
    size: int = 0  # bytes
    seconds: list[float] = field(default_factory=list)  # of each request

    def add(self, sent: load.Sent, cpu: float) -> None:
        self.cpu += cpu
        self.elapsed += sent.elapsed
        self.size += sent.size
        self.seconds += sent.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu / len(self.seconds)


def main(command: list[str], port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{name}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "SITE_URL": f"http://{load.HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        logging.disable(logging.INFO)  # of this process; that the server logs is part of what it needs
        from tests.bench import event  # noqa: PLC0415 (models are there only now)

        say(f"{' '.join(command)}\n{CONDITIONS}")
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("loaddata", "kvm-forum-2019", verbosity=0)
        measure(command, port, Path(name))
        today = datetime.now(UTC).date()
        # Both events run, the first from 07:00 to 17:25 UTC.
        for make in (lambda: event.make(first_day=today), lambda: call_command("demo", verbosity=0)):
            call_command("flush", interactive=False, verbosity=0)
            make()
            measure(command, port, Path(name))


def measure(command: list[str], port: int, folder: Path) -> None:
    """Fills the only event with people, starts the server and prints what it needed."""
    from agenda.models import Event  # noqa: PLC0415 (as above)
    from tests.bench import cases, crowd, dav  # noqa: PLC0415

    event = Event.objects.get()
    people, stars = crowd.gather(), min(MANY_STARS, event.sessions.count() - 1)
    many = crowd.gather(users=100, stars=stars, name="eager")
    phones = crowd.gather(users=100, stars=0, name="phone")
    next_syncs = [dav.next_sync(person.first_sync, port) for person in people[len(people) // 2 :]]
    say(f"\n{event}: {event.sessions.count()} sessions, {len(people)} users with {crowd.STARS} stars each\n")
    with (
        ProcessPoolExecutor(load.PROCESSES, get_context("spawn")) as executor,
        running(command, port, folder / "server.log") as server,
    ):
        etags = load.etags(executor, port, [cases.feed(person) for person in people])
        chosen = [
            *cases.cases(event, people, etags, next_syncs),
            cases.agendas(many, stars),
            cases.first_syncs(many, stars),
            cases.day_board(event, crowd.editor()),
            cases.replays(event, phones),
        ]
        yardstick, *others = chosen
        only = [case for case in others if os.environ.get("ONLY", "") in case.name]
        table(run(server, port, [yardstick, *only], executor))
        say(f"\nMemory of the server: {server.memory() / 2**20:.0f} MB")
        say(visited(*first_visit(port, event.get_absolute_url())))


def run(server: Server, port: int, chosen: list[Case], executor: Executor) -> list[tuple[Case, Measured]]:
    for case in chosen:
        load.send(executor, port, case.requests, at_most=WARM_UP)
    measured = [Measured() for _ in chosen]
    for _ in range(ROUNDS):
        for case, sums in zip(chosen, measured, strict=True):
            before = server.cpu()
            sent = load.send(executor, port, case.requests, at_most=AT_MOST)
            if set(sent.statuses) != {case.status}:
                sys.exit(f"{case.name}: every answer should be {case.status}, but: {dict(sent.statuses)}")
            sums.add(sent, server.cpu() - before)
    return list(zip(chosen, measured, strict=True))


def table(rows: list[tuple[Case, Measured]]) -> None:
    yardstick = rows[0][1].cpu_each
    say(f"{'':32}{'requests/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'KB':>8}{'CPU ms':>9}{'× yardstick':>13}")
    for case, sums in rows:
        count, centiles = len(sums.seconds), quantiles(sums.seconds, n=100)
        multiple, size = sums.cpu_each / yardstick, sums.size / count / 1024
        aim = f"  (at most {case.target}{': MISSED' if multiple > case.target else ''})" if case.target else ""
        aim += f"  (at most {case.largest} KB{': MISSED' if size > case.largest else ''})" if case.largest else ""
        say(
            f"{case.name:32}{count / sums.elapsed:10.0f}{1000 * centiles[49]:9.1f}{1000 * centiles[98]:9.1f}"
            f"{size:8.1f}{1000 * sums.cpu_each:9.2f}{multiple:13.1f}{aim}"
        )


def visited(sizes: dict[str, int], elsewhere: list[str]) -> str:
    total = sum(sizes.values()) / 1024
    hosts = f"also asks {', '.join(elsewhere)}" if elsewhere else "no request to another host"
    return f"First visit to the programme: {total:.1f} KB in {len(sizes)} requests (at most 60); {hosts}"


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (it speaks by printing)


if __name__ == "__main__":
    main(sys.argv[1:], int(os.environ["PORT"]))
