"""The production server while strangers send a letter at a time, or nonsense: pages are served to everybody else.

A body that never comes holds a thread of the server for good: the web server in front must read it first.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection

import pytest
from django.conf import settings

from forum.bodies import MOST_READING

SLOW = 200  # connections; the server has four threads for Python
BEGUN = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
MALFORMED = [
    *(
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
    ),
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 600_000 + b"\r\n\r\n",
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The server as `make serve` runs it, with one worker and no programme."""
    folder = tmp_path_factory.mktemp("slow")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
    (folder / "static").mkdir()
    options = f"--host 127.0.0.1 --port {port} --http 1 --no-ws --workers 1 --blocking-threads 4".split()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", *options, "forum.wsgi:application"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log) as server,
    ):
        wait_for(port)
        yield port
        server.terminate()


def wait_for(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise TimeoutError("The server did not start.")


def answered(port: int) -> tuple[int, float]:
    """Status of the first page of health, and the seconds it took."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/health/live")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, time.monotonic() - began


def test_slow_requests_hold_nobody_up(port):
    slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(SLOW)]
    for each in slow:
        each.sendall(BEGUN)
    time.sleep(0.5)

    answers = [answered(port) for _ in range(10)]

    for each in slow:
        each.close()
    assert [status for status, _ in answers] == [200] * 10
    assert max(seconds for _, seconds in answers) < 2


HALF = b"POST /agenda/time-zone/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\ntime_zone="


def test_half_sent_bodies_leave_a_thread_for_pages(port):
    half = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(40)]
    for each in half:
        each.sendall(HALF)
    time.sleep(4)

    answers = [answered(port) for _ in range(10)]
    refused = [each for each in half if select.select([each], [], [], 0)[0]]

    assert [status for status, _ in answers] == [200] * 10
    assert max(seconds for _, seconds in answers) < 2
    assert [each.recv(12) for each in refused] == [b"HTTP/1.1 503"] * (40 - MOST_READING)
    for each in half:
        each.close()


def test_body_in_pieces_is_read_whole(port):
    body = b"time_zone=Europe%2FParis&next=%2F" + b"&x=1" * 20
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"PUT /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body))
        for piece in (body[:10], body[10:50], body[50:]):
            time.sleep(0.3)
            slow.sendall(piece)

        assert slow.recv(12) == b"HTTP/1.1 405"


@pytest.mark.parametrize("malformed", MALFORMED)
def test_malformed_request_is_refused_and_the_server_lives_on(port, malformed):
    with socket.create_connection(("127.0.0.1", port), timeout=2) as stranger:
        answer = b""
        with suppress(OSError):  # it may be cut off at once
            stranger.sendall(malformed)
            stranger.shutdown(socket.SHUT_WR)
            answer = stranger.recv(100)

    assert answer[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.1 404", b"HTTP/1.1 505")
    assert answered(port)[0] == 200
