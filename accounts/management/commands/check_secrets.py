"""Tells before the site starts if its secrets are not those that its calendars were made with."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import calendar_secrets
from accounts.models import CalendarKey, CalendarSecret

ACCEPT = "manage.py check_secrets --accept"
ALL_CLOSED = (
    "This secret key is not the one that your calendars were made with: none of the {count} would open. "
    "Put the old one back: as SECRET_KEY, in CALENDAR_SECRETS, or as the file secret-key of a backup. "
    f"If it is lost, or you mean to close every calendar, run: {ACCEPT}"
)
SOME_CLOSED = (
    "Calendars that were made with a former secret do not open: it is not in CALENDAR_SECRETS any more. "
    f"If you mean it, run: {ACCEPT}"
)


class Command(BaseCommand):
    help = "Fails if no calendar would open with this secret key; --accept takes the key for the right one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accept", action="store_true", help="calendars made with other secrets stay closed")

    @transaction.atomic
    def handle(self, *args: Any, accept: bool, **options: Any) -> None:
        calendars, lost = CalendarKey.objects.active().count(), calendar_secrets.missing()
        if accept or not calendars:
            calendar_secrets.forget_missing()
        elif lost and len(lost) == CalendarSecret.objects.count():
            raise CommandError(ALL_CLOSED.format(count=calendars))
        elif lost:
            self.stderr.write(SOME_CLOSED)
        calendar_secrets.note()
