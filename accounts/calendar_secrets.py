"""Tells if the server's secrets are those that the calendars were made with, by a mark of each in the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

from accounts.models import CalendarSecret


def missing() -> list[CalendarSecret]:
    """The marks of secrets that are no more in settings.CALENDAR_SECRETS: calendars made with those do not open."""
    return [mark for mark in CalendarSecret.objects.all() if not _fitting(mark)]


def forget_missing() -> None:
    CalendarSecret.objects.filter(pk__in=[mark.pk for mark in missing()]).delete()


def note() -> None:
    """Marks each of settings.CALENDAR_SECRETS that has no mark yet."""
    noted = {secret for mark in CalendarSecret.objects.all() for secret in _fitting(mark)}
    for secret in dict.fromkeys(settings.CALENDAR_SECRETS):
        if secret not in noted:
            salt = secrets.token_hex(16)
            CalendarSecret.objects.create(salt=salt, fingerprint=_fingerprint(secret, salt))


def _fitting(mark: CalendarSecret) -> list[str]:
    """The server's secret that the mark is of, if it has it."""
    return [
        secret
        for secret in settings.CALENDAR_SECRETS
        if hmac.compare_digest(_fingerprint(secret, mark.salt), mark.fingerprint)
    ]


def _fingerprint(secret: str, salt: str) -> str:
    return hmac.new(secret.encode(), f"fingerprint of a calendar secret:{salt}".encode(), hashlib.sha256).hexdigest()
