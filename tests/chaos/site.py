"""The server that is killed. It is started as `make serve` does, with tests.chaos.settings. Needs Linux's /proc."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HOST = "127.0.0.1"
WITHIN = 60  # seconds that a start or a stop may take


class Site:
    def __init__(self, command: Sequence[str], port: int, log: Path, folder: Path | None = None) -> None:
        self.command, self.port, self.log, self.folder = command, port, log, folder
        self.variables: dict[str, str] = {}  # of its environment, at each start

    def start(self, **variables: str) -> None:
        """Starts it with these environment variables, too, and waits for it."""
        chaos = {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings"}
        environment = {**os.environ, **chaos, **self.variables, **variables}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Returns once the server answers. Raises RuntimeError with what it printed if it does not."""
        deadline = time.monotonic() + WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server does not answer:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kills all processes of the server at once, with kill -9."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_worker(self) -> None:
        """Kills the oldest worker with kill -9. The server takes a worker that dies twice in a row for a fault."""
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(min(workers, key=_started)), signal.SIGKILL)

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def wait_until_ready(self, words: str) -> None:
        """Returns once the site says that of what it needs. Raises RuntimeError if it does not."""
        deadline = time.monotonic() + WITHIN
        while (said := self._said("/health/ready")) != words:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The site says {said!r} instead of {words!r}.")
            time.sleep(0.05)

    def _answers(self) -> bool:
        return self._said("/health/live") == "ok"

    def _said(self, path: str) -> str:
        """The words of the answer; none if there is no answer."""
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode().strip()
        except (OSError, HTTPException):
            return ""
        finally:
            connection.close()


def _started(pid: str) -> int:
    """When that process was started, in the kernel's ticks. Its number does not tell: numbers begin again."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
