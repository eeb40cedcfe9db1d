"""Reads the bodies of requests before Django does, so that half-sent ones hold some threads of the server, never all.

The server hands a request to a thread as soon as its headers are there. It has no time limit for the body, and nothing
can stop reading one: docs/security.md says why, and that the web server in front must read requests whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import IO, Any

# In bytes. Only editors upload large files: photos, slides and programmes.
LARGEST_BODY = 1_000_000
LARGEST_UPLOAD = 50_000_000

MOST_READING = 3  # threads that read a body at one time: one fewer than a worker has (Makefile)
WAIT = 0.05  # seconds; most bodies are there with their headers, and are read in less than one
RETRY_AFTER = "10"  # seconds
CHUNK = 65_536
REFUSAL = b"Too many requests come slowly at the moment. Send it again in ten seconds.\n"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def largest_body(path: str) -> int:
    """The bytes that a request to this path may have; no form of ours sends more."""
    return LARGEST_UPLOAD if path.startswith("/admin/") or path.endswith("/edit/import/") else LARGEST_BODY


class PatientApplication:
    """A WSGI application that gets each body whole. Answers 503, unread, while too many others come slowly."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._reading = BoundedSemaphore(MOST_READING)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and 0 < int(length) <= largest_body(environ.get("PATH_INFO", "")):
            if not self._reading.acquire(timeout=WAIT):
                start_response(
                    "503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", RETRY_AFTER)]
                )
                return [REFUSAL]
            try:
                environ["wsgi.input"] = whole(environ["wsgi.input"], int(length))
            finally:
                self._reading.release()
        return self.application(environ, start_response)


def whole(source: Any, length: int) -> IO[bytes]:
    """A file with so many bytes of the source, or with those that came before the client went."""
    body: IO[bytes] = tempfile.SpooledTemporaryFile(LARGEST_BODY)  # noqa: SIM115 (read and closed with the request)
    while (missing := length - body.tell()) > 0 and (chunk := source.read(min(CHUNK, missing))):
        body.write(chunk)
    body.seek(0)
    return body
