"""Sends the mails that are due about changed sessions. To be run every few minutes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from django.utils import timezone

from accounts.mail import REFUSED, is_refused_for_good
from agenda.management.repeating import RepeatingCommand
from agenda.notices.due import Telling, claim, note_refused, note_sent, tellings
from agenda.notices.sending import MOST_ON_THEIR_WAY, Outbox, domain

LONGEST_RUN = 240  # seconds; the next run begins after five minutes, and sends what is left


class Command(RepeatingCommand):
    help = "Mails those who asked for it about moved and cancelled sessions that their calendars have not fetched."

    def run_once(self, *, is_loud: bool) -> bool:
        self.sent = self.failed = 0
        outbox, ends = Outbox(), time.monotonic() + LONGEST_RUN
        for due in self._in_order(outbox):
            self._note(outbox.finished(most_left=MOST_ON_THEIR_WAY - 1))
            if time.monotonic() > ends:
                self.stderr.write("The mail server is slow. The next run sends what is left.")
                break
            # What it tells is looked up only now: the mails before it may have taken long.
            telling = next(tellings(timezone.now(), to=due.person.user), None)
            if telling and claim(telling, timezone.now()):
                outbox.send(telling)
        self._note(outbox.finished(most_left=0))
        outbox.close()
        if self.failed or is_loud:
            self.stdout.write(f"{self.sent} sent, {self.failed} failed.")
        return not self.failed

    def _in_order(self, outbox: Outbox) -> Iterator[Telling]:
        """The mails that are due. Last come those that failed in a former run, and those to slow domains."""
        last = []
        for telling in tellings(timezone.now()):
            if telling.left_behind or domain(telling) in outbox.slow:
                last.append(telling)
            else:
                yield telling
        yield from last

    def _note(self, finished: Iterable[tuple[Telling, BaseException | None]]) -> None:
        """Notes what became of each mail. One that failed stays claimed, and a later run tries again."""
        for telling, error in finished:
            if error is None:
                note_sent(telling, timezone.now())
                self.sent += 1
                continue
            if not isinstance(error, REFUSED):
                raise error
            self.failed += 1
            # The server's answer is left out: it repeats the address, and this text is logged.
            self.stderr.write(f"The mail to user {telling.person.user.pk} failed: {type(error).__name__}.")
            if is_refused_for_good(error):
                note_refused(telling)
