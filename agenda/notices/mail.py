"""A notice as mail: its words, its headers, and the way to have no more of them."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import User
from agenda.calendars.comparing import Shown, shown_now
from agenda.notices.due import CHOICES, Change, Telling
from agenda.programme.words import time_beside, zone_name


def mail_of(telling: Telling, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """Plain text; a mail program can end the notices by one click of its own (RFC 8058)."""
    user, stop = telling.person.user, stop_address(telling.person.user)
    context: dict[str, Any] = {
        "site": settings.SITE_URL,
        "changes": [
            {"line": _line(change), "note": change.note, "address": change.session.get_absolute_url()}
            for change in telling.changes
        ],
        "truths": telling.truths,
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
    """The same for the same person and changes, however often they are sent (RFC 5322 section 3.6.4)."""
    about = f"{telling.person.user.pk}:{sorted(telling.revisions)}"
    return f"<notice.{hashlib.sha256(about.encode()).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>"


def stop_address(user: User) -> str:
    """Where one POST ends these mails without signing in; signed, and never too old."""
    return f"{settings.SITE_URL}{reverse('agenda:notices-stop')}?{urlencode({'token': _signer().sign(str(user.pk))})}"


def user_of(token: str) -> User | None:
    """Whose address to stop mails holds this; None if we did not sign it, or they are gone."""
    try:
        return User.objects.filter(pk=int(_signer().unsign(token))).first()
    except signing.BadSignature:
        return None


def _signer() -> signing.Signer:
    """Signs with the secret key, and knows what former ones signed (SECRET_KEY_FALLBACKS)."""
    return signing.Signer(salt="agenda.notices.due.stop", sep=".")


def _subject(changes: list[Change]) -> str:
    if len(changes) > 1:
        return f"{len(changes)} talks you starred have changed"
    (change,) = changes
    session, was = change.session, change.was
    if session.is_cancelled:
        what = "Cancelled"
    elif was.is_cancelled:
        what = "Takes place after all"
    elif was.start != session.start:
        what = f"Moved to {time_beside(session.start, was.start, change.zone)}"
    elif shown_now(session).room != was.room:
        what = f"Now in {session.room}" if session.room else "Its room has changed"
    else:
        what = f"Now ends at {time_beside(session.end, was.start, change.zone)}"
    return " ".join(f"{what}: {session.title}".split())


def _line(change: Change) -> str:
    """What changed, in one sentence."""
    session, was, now = change.session, change.was, shown_now(change.session)
    if now.is_cancelled:
        return f"Cancelled: “{session.title}”, which was to be on {_when_and_where(was, change.zone)}."
    if was.is_cancelled:
        return f"“{session.title}” takes place after all: on {_when_and_where(now, change.zone)}."
    before = []
    if (was.start, was.end) != (now.start, now.end):
        before.append(
            f"at {time_beside(was.start, now.start, change.zone)}–{time_beside(was.end, was.start, change.zone)}"
        )
    if was.room != now.room:
        before.append(f"in {was.room}" if was.room else "without a room")
    return f"“{session.title}” is now on {_when_and_where(now, change.zone)}; it was {' '.join(before)}."


def _when_and_where(shown: Shown, zone: ZoneInfo) -> str:
    """ "Thursday 31 October, 13:45–14:15 CET, in Forum 3"."""
    day = date_format(shown.start.astimezone(zone), "l j F")
    span = f"{time_beside(shown.start, shown.start, zone)}–{time_beside(shown.end, shown.start, zone)}"
    place = f", in {shown.room}" if shown.room else ""
    return f"{day}, {span} {zone_name(shown.start, zone)}{place}"
