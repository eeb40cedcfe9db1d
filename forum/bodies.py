"""Reads the bodies of requests before Django does, so that half-sent ones cannot hold every thread of the server.

The server hands a request to a thread as soon as its headers are there. To read a body that never comes would hold that
thread for good, and there is no way to stop reading: so a second, cheap thread reads, and the first stops waiting.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import BoundedSemaphore, Event, Thread
from typing import IO, Any

# In bytes. Only editors upload: photos and slides.
LARGEST_BODY = 1_000_000
LARGEST_UPLOAD = 50_000_000
AT_ONCE = 0.1  # seconds; what a browser sends is there by then, on most networks
PATIENCE = 10  # seconds
SLOWEST = 20_000  # bytes a second, for each second beyond that
MOST_SLOW = 2  # requests that wait longer than AT_ONCE: half of the threads of a worker (Makefile)
CHUNK = 65_536
IN_MEMORY = 1_000_000  # bytes; only editors' uploads are longer, and go to the disk
REFUSALS = {
    408: ("408 Request Timeout", b"The rest of the request did not come in time. Send it again.\n"),
    503: ("503 Service Unavailable", b"Too many requests come slowly at the moment. Send it again in ten seconds.\n"),
}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

slow = BoundedSemaphore(MOST_SLOW)


def largest_body(path: str) -> int:
    """The bytes that a request to this path may have; no form of ours sends more."""
    return LARGEST_UPLOAD if path.startswith("/admin/") else LARGEST_BODY


class Reading:
    """A body that is being read, by a thread of its own, into a file."""

    def __init__(self, source: Any, length: int) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed with the request, which reads it)
        self.done = Event()
        self._source, self._length = source, length
        self.came = 0
        Thread(target=self._read, daemon=True, name="body").start()

    def _read(self) -> None:
        with suppress(OSError):  # where the client has gone, what came is a malformed request
            while chunk := self._source.read(min(CHUNK, self._length - self.came)):
                self.file.write(chunk)
                self.came += len(chunk)
        self.file.seek(0)
        self.done.set()

    def is_done_in_time(self) -> bool:
        """Waits until all is there; False if it comes too slowly."""
        began = time.monotonic()
        while not self.done.wait(0.5):
            if time.monotonic() - began > PATIENCE + self.came / SLOWEST:
                return False
        return True


class PatientApplication:
    """A WSGI application that gets each body whole. Answers 408 to one that comes too slowly, or 503 if many do."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and 0 < int(length) <= largest_body(environ.get("PATH_INFO", "")):
            reading = Reading(environ["wsgi.input"], int(length))
            if refusal := self._wait(reading):
                status, text = REFUSALS[refusal]
                headers = [("Content-Type", "text/plain"), ("Connection", "close"), ("Retry-After", str(PATIENCE))]
                start_response(status, headers)
                return [text]
            environ["wsgi.input"] = reading.file
        return self.application(environ, start_response)

    def _wait(self, reading: Reading) -> int:
        """Waits for the body; 0 if it is there, else the status of the refusal."""
        if reading.done.wait(AT_ONCE):
            return 0
        if not slow.acquire(blocking=False):
            return 503
        try:
            return 0 if reading.is_done_in_time() else 408
        finally:
            slow.release()
