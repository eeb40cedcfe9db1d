"""The development mailbox: mail that was written to files because no mail server is set."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN = 20  # the newest, with the code that was just asked for
# Django's file backend writes this line, and nothing else, between the mails of one file.
BETWEEN_MAILS = b"\n" + b"-" * 79 + b"\n"


def is_open() -> bool:
    """True if there is a mailbox to show: DEBUG is on, and mail is written to files."""
    return bool(settings.DEBUG and settings.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend")


def mails_in(folder: Path) -> list[EmailMessage]:
    """The newest SHOWN mails of a folder written by Django's file backend, newest first."""
    mails: list[EmailMessage] = []
    for file in sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
        written = [part for part in file.read_bytes().split(BETWEEN_MAILS) if part.strip()]
        mails += [email.message_from_bytes(part, EmailMessage, policy=modern) for part in reversed(written)]
        if len(mails) >= SHOWN:
            break
    return mails[:SHOWN]


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails as a page; 404 on a site with a mail server or without DEBUG."""
    if not is_open():
        raise Http404
    shown = [
        {"subject": mail["subject"], "to": mail["to"], "date": mail["date"].datetime, "text": text_of(mail)}
        for mail in mails_in(Path(settings.EMAIL_FILE_PATH))
    ]
    response = render(request, "dev/mailbox.html", {"mails": shown})
    response["Cache-Control"] = "no-store"
    return response


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body else ""
