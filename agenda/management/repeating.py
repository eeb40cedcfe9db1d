"""A command that does its work once, for a timer, or again and again, for a container."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from database.outages import is_outage


class RepeatingCommand(BaseCommand):
    """Exits with 1 if something failed. With --loop it goes on, and an outage of the database is only said."""

    every = 300  # seconds from the beginning of one run to that of the next

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="goes on until it is stopped")

    def run_once(self, *, is_loud: bool) -> bool:
        """Does the work, and returns False if something failed, which has been said."""
        raise NotImplementedError

    def handle(self, *args: Any, loop: bool, verbosity: int, **options: Any) -> None:
        if loop:
            self._repeat(is_loud=verbosity > 1)
        elif not self.run_once(is_loud=verbosity > 1):
            sys.exit(1)

    def _repeat(self, *, is_loud: bool) -> None:
        """Ends at SIGTERM or Ctrl+C, between two runs; as the first process of a container, by nothing else."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            began = time.monotonic()
            try:
                self.run_once(is_loud=is_loud)
            except Error as error:
                if not is_outage(error):
                    raise
                self.stderr.write(f"The database does not answer, or takes no writes: {type(error).__name__}.")
            close_old_connections()
            stopped.wait(max(self.every - (time.monotonic() - began), 0))
