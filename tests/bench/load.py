"""A small load generator: a few processes, each with a few kept-alive connections, to this machine alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from itertools import chain

PROCESSES, CONNECTIONS = 2, 4  # of the generator; each connection of a process is a thread
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    seconds: float
    etag: str
    size: int  # bytes of the body as sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a number of requests, all of them answered."""

    elapsed: float  # seconds from the first to the last
    seconds: list[float]  # each
    statuses: Counter[int]
    size: int  # bytes of all bodies as sent


def ask(connection: HTTPConnection, request: Request) -> Answer:
    began = time.perf_counter()
    connection.request(request.method, request.path, body=request.body or None, headers=request.headers)
    response = connection.getresponse()
    size = len(response.read())
    return Answer(response.status, time.perf_counter() - began, response.getheader("ETag", ""), size)


def etags(executor: Executor, port: int, requests: Sequence[Request]) -> list[str]:
    """The ETag of each answer, in order."""
    return list(chain.from_iterable(executor.map(partial(_etags, port), _parts(requests, PROCESSES))))


def _etags(port: int, requests: Sequence[Request]) -> list[str]:
    connection = HTTPConnection(HOST, port, timeout=60)
    return [ask(connection, request).etag for request in requests]


def send(executor: Executor, port: int, requests: Sequence[Request], *, at_most: float) -> Sent:
    """Each request once, spread over all connections, until that many seconds are over."""
    return total(executor.map(partial(_process, port, at_most), _parts(requests, PROCESSES)))


def _parts(requests: Sequence[Request], number: int) -> list[Sequence[Request]]:
    """Runs of neighbours, as one user's requests come after each other; of even length, as they may be pairs."""
    length = -(-len(requests) // number // 2) * 2
    return [requests[start : start + length] for start in range(0, length * number, length)]


def _process(port: int, at_most: float, requests: Sequence[Request]) -> Sent:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        return total(threads.map(partial(_thread, port, at_most), _parts(requests, CONNECTIONS)))


def _thread(port: int, at_most: float, requests: Sequence[Request]) -> Sent:
    connection = HTTPConnection(HOST, port, timeout=60)
    began = time.perf_counter()
    answers = []
    for request in requests:
        answers.append(ask(connection, request))
        if len(answers) % 2 == 0 and time.perf_counter() - began > at_most:  # a star is followed by its unstar
            break
    connection.close()
    return Sent(
        time.perf_counter() - began,
        [answer.seconds for answer in answers],
        Counter(answer.status for answer in answers),
        sum(answer.size for answer in answers),
    )


def total(parts: Iterable[Sent]) -> Sent:
    """What came of all of them together."""
    parts = list(parts)
    return Sent(
        max(part.elapsed for part in parts),
        list(chain.from_iterable(part.seconds for part in parts)),
        sum((part.statuses for part in parts), Counter()),
        sum(part.size for part in parts),
    )
