"""Calendars that come for news: at a steady rate, whoever is still waiting, or as fast as they are answered."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

from tests.bench.load import HOST, Sent

CONNECTIONS = 24  # of each process at a steady rate: as many polls may be under way


class Line:
    """A kept-alive connection that reads as much of HTTP as these answers need: it shares the cores with the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._opened()

    def _opened(self) -> socket.socket:
        made = socket.create_connection((HOST, self._port), timeout=60)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self, request: bytes) -> tuple[int, int]:
        """Status, and bytes of the body."""
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._read()
        head, _, body = received.partition(b"\r\n\r\n")
        status, size = int(head[9:12]), len(body)
        if status != 304:
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            while size < length:
                size += len(self._read())
        return status, size

    def _read(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionError("The server hung up.")
        return part

    def close(self) -> None:
        self._socket.close()


def written(path: str, host: str, agent: str, etag: str = "") -> bytes:
    """The request of such a program, conditional if it has an ETag."""
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    about = f"Host: {host}\r\nUser-Agent: {agent}\r\nAccept-Encoding: gzip, deflate, br\r\n{condition}"
    return f"GET {path} HTTP/1.1\r\n{about}\r\n".encode()


def steadily(port: int, interval: float, begins: float, requests: Sequence[bytes]) -> Sent:
    """One request every `interval` seconds from `begins` (time.time()) on, each as late as those before it make it.

    The seconds of each count from when it was due: a server that falls behind is not spared.
    """
    return _all(port, CONNECTIONS, requests, lambda number: begins + number * interval)


def eagerly(port: int, connections: int, requests: Sequence[bytes]) -> Sent:
    """Each request as soon as a connection is free."""
    return _all(port, connections, requests, None)


def _all(port: int, connections: int, requests: Sequence[bytes], due: Callable[[int], float] | None) -> Sent:
    numbers = count()
    seconds: list[float] = []
    statuses: Counter[int] = Counter()
    sizes: list[int] = []
    began = due(0) if due else time.time()
    with ThreadPoolExecutor(connections) as threads:
        each = partial(_one_line, port, requests, numbers, due, seconds, sizes)
        for found in [threads.submit(each) for _ in range(connections)]:
            statuses += found.result()
    return Sent(time.time() - began, seconds, statuses, sum(sizes))


def _one_line(
    port: int,
    requests: Sequence[bytes],
    numbers: count[int],
    due: Callable[[int], float] | None,
    seconds: list[float],
    sizes: list[int],
) -> Counter[int]:
    line, statuses = Line(port), Counter[int]()
    while (number := next(numbers)) < len(requests):
        start = due(number) if due else time.time()
        time.sleep(max(0.0, start - time.time()))
        status, size = line.ask(requests[number])
        seconds.append(time.time() - start)
        sizes.append(size)
        statuses[status] += 1
    line.close()
    return statuses
