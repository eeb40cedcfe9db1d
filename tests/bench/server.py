"""The server under measurement: started, watched and stopped. Reads /proc, so Linux it is."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # of /proc/…/stat, a second
STARTS_WITHIN = 30  # seconds


class Server:
    """A running server: all processes of its process group."""

    def __init__(self, group: int) -> None:
        self.group = group

    def cpu(self) -> float:
        """Seconds of processor that the server has used so far, in user and in kernel mode."""
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self._processes()) / TICKS

    def memory(self) -> int:
        """Bytes in use by all its processes, what they share counted once."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid, _ in self._processes()]
        lines = [line.split() for rollup in rollups for line in rollup.splitlines()]
        return sum(1024 * int(words[1]) for words in lines if words[0] == "Pss:")

    def _processes(self) -> Iterator[tuple[int, list[str]]]:
        """(pid, the fields of proc(5)'s stat from the third on) of each."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # The second field is a name in brackets, which may itself hold blanks and brackets.
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == self.group:
                yield int(stat.parent.name), fields


def cpu_of(pid: int) -> float:
    """Seconds of processor that the process has used so far, with all that it began, alive or ended."""
    used, below = {}, defaultdict[int, list[int]](list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = stat.read_text().rpartition(")")[2].split()
            below[int(fields[1])].append(number := int(stat.parent.name))
            used[number] = sum(map(int, fields[11:15])) / TICKS  # its own, and that of its ended children
    family = [pid]
    for each in family:
        family += below[each]
    return sum(used.get(each, 0.0) for each in family)


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[Server]:
    """The server once it answers; its output goes to `log`. Raises RuntimeError with that if it does not start."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            deadline = time.monotonic() + STARTS_WITHIN
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
                time.sleep(0.1)
            yield Server(process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _answers(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
