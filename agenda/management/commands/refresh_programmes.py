"""Fetches the programmes that are followed by their address. To be run every few minutes."""

from __future__ import annotations

import time

from django.core.mail import get_connection
from django.utils import timezone

from accounts.mail import REFUSED
from agenda.editing.fetching import Rules
from agenda.editing.refreshing import claim, due, refresh
from agenda.management.repeating import RepeatingCommand
from agenda.models import Plan, Source
from agenda.notices.waiting_plans import mails_of

LONGEST_RUN = 240  # seconds; the next run begins after five minutes, and fetches what is left
MAIL_PATIENCE = 30  # seconds for each answer of the mail server


class Command(RepeatingCommand):
    help = "Fetches the programmes that come from an address; publishes what is harmless, if the editor chose so."

    rules: Rules | None = None  # for tests, whose servers are on this machine

    def run_once(self, *, is_loud: bool) -> bool:
        self.failed = False
        ends = time.monotonic() + LONGEST_RUN
        for source in due(timezone.now()):
            if time.monotonic() > ends:
                break
            if claim(source, timezone.now()):
                self._refresh(source, is_loud=is_loud)
        return not self.failed

    def _refresh(self, source: Source, *, is_loud: bool) -> None:
        plan = refresh(source, rules=self.rules)
        line = f"{source.event.slug}, {source.address}: {source.said}"
        if source.failures:
            self.failed = True
            self.stderr.write(line)
        elif is_loud:
            self.stdout.write(line)
        if plan:
            self._tell(plan, source)

    def _tell(self, plan: Plan, source: Source) -> None:
        """Mails the editors; one address that is refused does not keep the mail from the others."""
        connection = get_connection(timeout=MAIL_PATIENCE)
        for mail in mails_of(plan, source.said):
            mail.connection = connection
            try:
                mail.send()
            except REFUSED as error:
                # The server's answer is left out: it repeats the address, and this text is logged.
                self.failed = True
                self.stderr.write(f"A mail about the plan of {source.event.slug} failed: {type(error).__name__}.")
