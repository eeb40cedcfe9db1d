"""A Redis of a test's own, which can be killed and started again; it keeps nothing on the disk."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
WITHIN = 20  # seconds that a start may take
OPTIONS = ("--bind", HOST, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")


class RedisServer:
    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder, self.port = program, folder, _free_port()
        self.url = f"redis://{HOST}:{self.port}/0"

    @property
    def caches(self) -> dict[str, Any]:
        """CACHES as forum/settings.py makes it of REDIS_URL."""
        return {"default": {"BACKEND": "accounts.counters.RedisCounters", "LOCATION": self.url}}

    def start(self) -> None:
        """Starts it empty, and waits until it answers. If another program has its port, that is waited for, too."""
        deadline = time.monotonic() + WITHIN
        command = [self.program, "--port", str(self.port), "--dir", self.folder, *OPTIONS]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not self._answers():
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("Redis does not answer.")
            if self.process.poll() is not None:
                self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as asking:
                asking.sendall(b"PING\r\n")
                return asking.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(program: Path) -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(program, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
