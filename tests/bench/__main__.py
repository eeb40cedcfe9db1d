"""Starts the server that follows on the command line and measures what a request costs it: make bench."""

from __future__ import annotations

import os
import sys
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

from tests.bench import load
from tests.bench.server import Server, running

if TYPE_CHECKING:
    from agenda.models import Event
    from tests.bench.cases import Case

ROUNDS = 4  # of all cases in turn, after one to warm up: what disturbs the machine disturbs all of them alike
AT_MOST = 1.2  # seconds for a case in a round


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
    with tempfile.TemporaryDirectory(prefix="bench-") as name, _generators() as executor:
        folder = Path(name)
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "SITE_URL": f"http://{load.HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        from tests.bench import event  # noqa: PLC0415 (models can be imported only now)

        say(f"Server: {' '.join(command)}")
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("loaddata", "kvm-forum-2019", verbosity=0)
        measure(command, port, folder, executor)
        call_command("flush", interactive=False, verbosity=0)
        event.make()
        measure(command, port, folder, executor)


def _generators() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(load.PROCESSES, get_context("spawn"))


def measure(command: list[str], port: int, folder: Path, executor: Executor) -> None:
    """Fills the only event with people, starts the server, and prints the table."""
    from agenda.models import Event  # noqa: PLC0415 (as above)
    from tests.bench import cases, crowd  # noqa: PLC0415

    event = Event.objects.get()
    people = crowd.gather()
    say(f"\n{event}: {event.sessions.count()} sessions, {len(people)} users")
    with running(command, port, folder / "server.log") as server:
        feeds = load.etags(executor, port, [cases.feed(person) for person in people])
        table(run(server, port, cases.cases(event, people, feeds), executor))
        say(f"Memory of the server: {server.memory() / 2**20:.0f} MB.")


def run(server: Server, port: int, chosen: list[Case], executor: Executor) -> list[tuple[Case, Measured]]:
    measured = [Measured() for _ in chosen]
    for number in range(1 + ROUNDS):
        for case, sums in zip(chosen, measured, strict=True):
            before = server.cpu()
            sent = load.send(executor, port, case.requests, at_most=AT_MOST)
            if set(sent.statuses) != {case.status}:
                sys.exit(f"{case.name}: expected {case.status} only, got {dict(sent.statuses)}")
            if number:
                sums.add(sent, server.cpu() - before)
    return list(zip(chosen, measured, strict=True))


def table(rows: list[tuple[Case, Measured]]) -> None:
    say(f"{'':32}{'requests/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'KB':>8}{'CPU ms':>9}{'× yardstick':>13}")
    yardstick = rows[0][1].cpu_each
    for case, sums in rows:
        centiles = quantiles(sums.seconds, n=100)
        multiple = sums.cpu_each / yardstick
        say(
            f"{case.name:32}{len(sums.seconds) / sums.elapsed:10.0f}{1000 * centiles[49]:9.1f}{1000 * centiles[98]:9.1f}"
            f"{sums.size / len(sums.seconds) / 1024:8.1f}{1000 * sums.cpu_each:9.2f}{multiple:13.1f}"
            + (f"  of {case.target}{' MISSED' if multiple > case.target else ''}" if case.target else "")
        )


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (it speaks by printing)


if __name__ == "__main__":
    main(sys.argv[1:], int(os.environ["PORT"]))
