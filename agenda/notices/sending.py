"""Mails on their way: one after the other, except that one which takes long goes on by itself and holds up no other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from accounts.mail import REFUSED
from accounts.threads import in_a_thread
from agenda.notices.due import Telling
from agenda.notices.mail import mail_of

SOON = 1  # seconds; the next mail does not wait longer for this one
PATIENCE = 60  # seconds for a mail, far less than due.LEFT_BEHIND: cut short, an accepted mail would be sent again
MOST_ON_THEIR_WAY = 8  # each that takes long has a connection to the mail server of its own


class OnItsWay(NamedTuple):
    telling: Telling
    connection: BaseEmailBackend
    sent: Future[None]
    until: float  # by the monotonic clock


class Outbox:
    """Sends mails over few connections; usually over one.

    `slow` are the domains of the addresses whose mails took longer than SOON.
    """

    def __init__(self) -> None:
        self.slow: set[str] = set()
        self._on_their_way: list[OnItsWay] = []
        self._idle: list[BaseEmailBackend] = []

    def send(self, telling: Telling) -> None:
        """Begins to send the mail, and waits SOON for its end at most; finished() tells what became of it."""
        connection = self._idle.pop() if self._idle else get_connection(timeout=PATIENCE)
        sent = in_a_thread(partial(_send, mail_of(telling, connection), connection))
        self._on_their_way.append(OnItsWay(telling, connection, sent, time.monotonic() + PATIENCE))
        wait([sent], SOON)
        if not sent.done():
            self.slow.add(domain(telling))

    def finished(self, *, most_left: int) -> Iterator[tuple[Telling, BaseException | None]]:
        """Waits until no more than `most_left` mails are on their way; yields the others, each with what it failed by.

        A mail that takes longer than PATIENCE has failed, although it may still arrive.
        """
        while True:
            for each in [each for each in self._on_their_way if each.sent.done()]:
                self._on_their_way.remove(each)
                if (error := each.sent.exception()) is None:
                    self._idle.append(each.connection)
                yield each.telling, error
            if len(self._on_their_way) <= most_left:
                return
            oldest = self._on_their_way[0]
            futures = [each.sent for each in self._on_their_way]
            if not wait(futures, max(oldest.until - time.monotonic(), 0), FIRST_COMPLETED).done:
                self._on_their_way.remove(oldest)
                yield oldest.telling, TimeoutError()

    def close(self) -> None:
        """Closes the connections. A mail server that does not answer then keeps nobody waiting."""
        wait([in_a_thread(partial(_close, connection)) for connection in self._idle], SOON)


def domain(telling: Telling) -> str:
    return telling.person.address.rpartition("@")[2].lower()


def _send(mail: EmailMessage, connection: BaseEmailBackend) -> None:
    try:
        connection.open()
        mail.send()
    except BaseException:
        _close(connection)
        raise


def _close(connection: BaseEmailBackend) -> None:
    with suppress(*REFUSED):
        connection.close()
