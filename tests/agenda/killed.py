"""`send_notices` in a process of its own, which can be killed midway; run by management/test_send_notices.py."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import django
import time_machine
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command


class EmailBackend(BaseEmailBackend):
    """Keeps each mail as a file, as a mailbox would; ends the process "before" or "after" it took the second one."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder, kill = Path(os.environ["MAILBOX"]), os.environ["KILL"]
        for message in email_messages:
            number = len(list(folder.iterdir())) + 1
            if (number, kill) == (2, "before"):
                os.kill(os.getpid(), signal.SIGKILL)
            (folder / f"{number}.eml").write_bytes(message.message().as_bytes())
            if (number, kill) == (2, "after"):
                os.kill(os.getpid(), signal.SIGKILL)
        return len(email_messages)


if __name__ == "__main__":
    database, moment = sys.argv[1:]
    settings.DATABASES["default"].update(json.loads(database))
    settings.EMAIL_BACKEND = "tests.agenda.killed.EmailBackend"
    with time_machine.travel(moment):
        django.setup()
        call_command("send_notices")
