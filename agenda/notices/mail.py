"""A notice as a mail: its text, its headers, and the address that stops these mails."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from agenda.notices.choices import CHOICES
from agenda.notices.due import Change, Telling
from agenda.programme.history import headline, in_a_sentence
from agenda.programme.prose import in_isolates, quotes_in_isolates


def mail_of(telling: Telling, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The mail, in plain text. A mail program can show a button of its own that stops these mails (RFC 8058)."""
    user, stop = telling.person.user, stop_address(telling.person.user)
    context: dict[str, Any] = {
        "site": settings.SITE_URL,
        "changes": [
            {
                "line": in_a_sentence(change.session, change.was, change.zone),
                "note": in_isolates(change.session.note),
                "address": change.session.get_absolute_url(),
            }
            for change in telling.changes
        ],
        "truths": [quotes_in_isolates(truth.sentence, truth.key.name) for truth in telling.truths],
        "before": CHOICES.get(user.notice_minutes or 0, f"{user.notice_minutes} minutes"),
        "stop": stop,
    }
    return EmailMessage(
        _subject(telling.changes),
        render_to_string("agenda/notices_mail.txt", context),
        to=[telling.person.address],
        headers={
            "Message-ID": message_id(telling),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        connection=connection,
    )


def message_id(telling: Telling) -> str:
    """The Message-ID: always the same for the same person and revisions (RFC 5322 section 3.6.4)."""
    about = f"{telling.person.user.pk}:{sorted(telling.revisions)}"
    return f"<notice.{hashlib.sha256(about.encode()).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"


def stop_address(user: User) -> str:
    """The address at which one POST stops these mails, without a login. It is signed, and does not expire."""
    return f"{settings.SITE_URL}{reverse('agenda:notices-stop')}?{urlencode({'token': _signer().sign(str(user.pk))})}"


def user_of(token: str) -> User | None:
    """The user in the token of a stop_address(); None if the signature is wrong or the account is deleted."""
    try:
        return User.objects.filter(pk=int(_signer().unsign(token))).first()
    except signing.BadSignature:
        return None


def _signer() -> signing.Signer:
    """A signer with the secret key, which also accepts what SECRET_KEY_FALLBACKS signed."""
    return signing.Signer(salt="agenda.notices.due.stop", sep=".")


def _subject(changes: list[Change]) -> str:
    if len(changes) > 1:
        return f"{len(changes)} talks you starred have changed"
    (change,) = changes
    return headline(change.session, change.was, change.zone)
