"""Sends the mails that are due about changed sessions. To be run every few minutes."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.mail import REFUSED
from agenda.notices.due import Telling, claim, note_sent, tellings
from agenda.notices.mail import mail_of

PATIENCE = 60  # seconds for each answer of the mail server; far less than notices.due.LEFT_BEHIND


class Command(BaseCommand):
    help = "Mails those who asked for it about moved and cancelled sessions that their calendars have not fetched."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = failed = 0
        connection = get_connection(timeout=PATIENCE)
        for telling in tellings(timezone.now()):
            if claim(telling, timezone.now()):
                if self._send(telling, connection):
                    note_sent(telling, timezone.now())
                    sent += 1
                else:
                    failed += 1
        _close(connection)
        self.stdout.write(f"{sent} sent, {failed} failed.")
        if failed:
            sys.exit(1)

    def _send(self, telling: Telling, connection: BaseEmailBackend) -> bool:
        """Sends the mail. True if it was accepted; if not, it stays claimed and a later run tries again."""
        try:
            connection.open()
            mail_of(telling, connection).send()
        except REFUSED as error:
            # The server's answer is left out: it repeats the address, and this text is logged.
            self.stderr.write(f"The mail to user {telling.person.user.pk} failed: {type(error).__name__}.")
            _close(connection)
            return False
        return True


def _close(connection: BaseEmailBackend) -> None:
    with suppress(*REFUSED):
        connection.close()
