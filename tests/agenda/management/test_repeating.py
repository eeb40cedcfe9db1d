"""Commands that a timer runs are silent while all is well; with --loop they go on until they are stopped."""

from __future__ import annotations

import os
import signal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError

from agenda.management import repeating


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["send_notices", "refresh_programmes", "prune"])
def test_timer_hears_nothing_while_all_is_well(command):
    said, complained = StringIO(), StringIO()

    call_command(command, stdout=said, stderr=complained)

    assert (said.getvalue(), complained.getvalue()) == ("", "")


class Repeated(repeating.RepeatingCommand):
    """Meets an outage, then a failure; in its third run it is told to stop."""

    runs = every = 0

    def run_once(self, *, is_loud: bool) -> bool:
        self.runs += 1
        if self.runs == 1:
            raise OperationalError("connection refused")
        if self.runs == 3:
            os.kill(os.getpid(), self.signal)
        return False


@pytest.fixture
def own_handlers():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_loop_goes_on_through_failures_until_it_is_stopped(monkeypatch, own_handlers, number):
    monkeypatch.setattr(repeating, "close_old_connections", lambda: None)  # the test's own is in a transaction
    command = Repeated(stderr=StringIO())
    command.signal = number

    call_command(command, loop=True)

    assert command.runs == 3
    assert command.stderr.getvalue() == "The database does not answer, or takes no writes: OperationalError.\n"


def test_fault_of_ours_ends_the_loop(monkeypatch, own_handlers):
    command = Repeated()
    monkeypatch.setattr(repeating, "is_outage", lambda error: False)

    with pytest.raises(OperationalError):
        call_command(command, loop=True)
