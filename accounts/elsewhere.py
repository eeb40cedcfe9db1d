"""Requests to the other sites that people log in with: bounded in time and in number, whatever those sites do."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Condition
from typing import Any

import requests
from allauth.socialaccount import app_settings
from django.http import HttpRequest
from requests.adapters import HTTPAdapter

from accounts.threads import in_a_thread

MOST_CALLS = 2  # at one time: half of the threads that a worker has (Makefile)
SOON = 0.3  # seconds; a site that has not answered by then is slow


class Lines:
    """MOST_CALLS lines to other sites. A call that finds all taken waits for one, but not for a site that is slow."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._taken: list[float] = []  # since when

    def take(self) -> float:
        """Takes a line, to be given back with what this returns. Raises requests.Timeout if there is none soon."""
        with self._changed:
            waits = self._taken[0] + SOON - time.monotonic() if self._taken else 0
            if not self._changed.wait_for(lambda: len(self._taken) < MOST_CALLS, max(waits, 0)):
                raise requests.Timeout("Other sites are slow, and enough people wait for them")
            self._taken.append(now := time.monotonic())
            return now

    def give_back(self, taken: float) -> None:
        with self._changed:
            self._taken.remove(taken)
            self._changed.notify()


lines = Lines()


class BoundedSession(requests.Session):
    """Requests that end at a time of the monotonic clock, even if the other site sends a byte now and then."""

    def __init__(self, ends: float) -> None:
        super().__init__()
        self._ends = ends
        self._sockets: list[socket.socket] = []
        self._is_over = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, _TellingAdapter(self._opened))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer. Raises requests.Timeout if there is none in time.

        The request runs in a thread of its own: no time limit of a socket covers looking up a name, or many answers of
        one byte each.
        """
        remaining = self._ends - time.monotonic()
        if remaining <= 0:
            raise requests.Timeout("Earlier requests took all the time")
        call = in_a_thread(partial(self._request, lines.take(), *args, timeout=remaining, **kwargs))
        try:
            return call.result(remaining)
        except TimeoutError as late:
            self._end()
            raise requests.Timeout("The other site was too slow") from late

    def _request(self, line: float, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(*args, **kwargs)
        finally:
            lines.give_back(line)

    def _opened(self, opened: socket.socket) -> None:
        self._sockets.append(opened)
        if self._is_over:
            _hang_up(opened)

    def _end(self) -> None:
        self._is_over = True  # first: what the thread opens from now on, it ends itself
        for opened in self._sockets:
            _hang_up(opened)


class _TellingAdapter(HTTPAdapter):
    """Tells `opened` of each socket."""

    def __init__(self, opened: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._opened = opened

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        opened, connection_class = self._opened, pool.ConnectionCls

        class Connection(connection_class):  # type: ignore[misc, valid-type]
            def connect(self) -> None:
                super().connect()
                opened(self.sock)

        pool.ConnectionCls = Connection
        return pool


def session_for(request: HttpRequest) -> BoundedSession:
    """A session for the page that is asked for. All sessions of one page share SOCIALACCOUNT_REQUESTS_TIMEOUT."""
    ends = vars(request).setdefault("other_sites_end", time.monotonic() + app_settings.REQUESTS_TIMEOUT)
    return BoundedSession(ends)


def _hang_up(opened: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of a TLS socket: it changes what the reading thread is about to use.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
