"""Looks for what would fail later: a line for each thing that is well or not, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection, send_mail
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts.mail import REFUSED
from agenda.models import Notice
from agenda.notices.waiting import waiting
from forum import backups, checks, health

LEAST_FREE = 500_000_000  # bytes
OLDEST_BACKUP = 36 * 60 * 60  # seconds
OLDEST_NOTICE = 30 * 60  # seconds
OFF_BY = 30  # seconds that clocks may differ
PATIENCE = 10  # seconds for an answer
Finding = tuple[bool, str]


class Command(BaseCommand):
    help = "Says what is well or not: settings, database, mail, web server, clock, disk, uploads, backup, notices."
    requires_system_checks = []  # it says their faults itself

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail", metavar="ADDRESS", help="sends a mail there, rather than only greeting the server"
        )

    def handle(self, *args: Any, mail: str | None, **options: Any) -> None:
        is_well = True
        for fine, sentence in findings(mail):
            is_well &= fine
            self.stdout.write(f"{'well   ' if fine else 'NOT SO '}{sentence}")
        if not is_well:
            sys.exit(1)


def findings(mail_to: str | None) -> Iterator[Finding]:
    faults = [fault for _, fault in checks.faults()]
    yield from ((False, fault) for fault in faults)
    if not faults:
        yield True, "Settings: nothing is missing."
    yield from _database()
    yield _mail(mail_to)
    yield from _in_front()
    yield _disk()
    yield _uploads()
    yield _backup()


def _database() -> Iterator[Finding]:
    try:
        lacks, oldest = health.lacks_migrations(), Notice.objects.filter(sent_at=None).order_by("claimed_at").first()
        due = waiting(timezone.now()).seconds
    except DatabaseError as error:
        yield False, f"Database: it does not answer ({type(error).__name__}). See DATABASE_URL."
        return
    yield not lacks, "Database: its tables are older than the site. Run migrate." if lacks else "Database: up to date."
    age = max(due, (timezone.now() - oldest.claimed_at).total_seconds() if oldest else 0)
    late = f"Mails about changes: the oldest waits for {age / 60:.0f} minutes. See agenda@notices and the mail server."
    yield age < OLDEST_NOTICE, late if age >= OLDEST_NOTICE else "Mails about changes: none is late."


def _mail(to: str | None) -> Finding:
    try:
        if to:
            send_mail(f"A test of {settings.SITE_NAME}", "The mail server works.\n", None, [to])
            return True, f"Mail: sent to {to}. If it does not arrive, its server refuses {settings.DEFAULT_FROM_EMAIL}."
        with get_connection(timeout=PATIENCE):
            return True, "Mail: the server lets us in. With --mail ADDRESS, a mail is sent."
    except REFUSED as error:
        return False, f"Mail: the server refuses ({type(error).__name__}). See EMAIL_URL and DEFAULT_FROM_EMAIL."


def _in_front() -> Iterator[Finding]:
    """Asks the site by its own address, as a browser would: what arrives, and whether the clocks agree."""
    try:
        sent = {health.SEEN: signing.dumps("doctor", salt=health.SEEN)}
        answer = requests.get(f"{settings.SITE_URL}/health/seen", headers=sent, timeout=PATIENCE, allow_redirects=False)
        seen = answer.json() if answer.status_code == 200 else {}
    except (requests.RequestException, ValueError) as error:
        yield False, f"{settings.SITE_URL}: no answer from here ({type(error).__name__}). See the web server in front."
        return
    if not seen:
        yield (
            False,
            f"{settings.SITE_URL}: {answer.status_code}. Does it pass on the name as Host, and paths as they are?",
        )
        return
    yield from _seen(seen)
    off = abs((datetime.now(UTC) - parsedate_to_datetime(answer.headers["Date"])).total_seconds())
    yield off <= OFF_BY, f"Clock: {'right' if off <= OFF_BY else f'off by {off:.0f} seconds. Set it by the network'}."


def _seen(seen: dict[str, Any]) -> Iterator[Finding]:
    count, expected = seen["forwarded"], settings.TRUSTED_PROXY_COUNT
    if count == expected:
        yield True, f"Web server in front: {count} address in X-Forwarded-For, as TRUSTED_PROXY_COUNT says."
    else:
        yield (
            False,
            f"Web server in front: X-Forwarded-For came with {count} addresses, and TRUSTED_PROXY_COUNT is {expected}. "
            "Let each server of yours add one, and count them.",
        )
    if settings.HTTPS and not seen["secure"]:
        yield False, "Web server in front: it does not set X-Forwarded-Proto to https."


def _disk() -> Finding:
    free = shutil.disk_usage(settings.VAR_DIR).free if settings.VAR_DIR.exists() else 0
    words = f"Disk: {free / 1e9:.1f} GB are free in {settings.VAR_DIR}."
    return free >= LEAST_FREE, words if free >= LEAST_FREE else f"{words} Make room."


def _uploads() -> Finding:
    """Keeps a file where editors' uploads are kept, reads it, and deletes it."""
    where = settings.MEDIA_STORAGE.partition("?")[0] or settings.MEDIA_ROOT  # what follows "?" may be secret
    try:
        name = default_storage.save("doctor/trial", ContentFile(b"trial"))
        with default_storage.open(name) as file:
            is_same = file.read() == b"trial"
        default_storage.delete(name)
    except Exception as error:  # each kind of storage raises its own
        why = type(error.__cause__ or error).__name__
        return False, f"Uploaded files: {where} takes none ({why}). See MEDIA_STORAGE and who may write."
    return is_same, f"Uploaded files: {where} keeps them." if is_same else f"Uploaded files: {where} alters them."


def _backup() -> Finding:
    newest = backups.newest()
    age = timezone.now().timestamp() - newest if newest else float("inf")
    if age <= OLDEST_BACKUP:
        return True, f"Backup: {age / 3600:.0f} hours old."
    what = f"the newest is {age / 3600:.0f} hours old" if newest else f"there is none in {settings.BACKUP_DIR}"
    return False, f"Backup: {what}. See agenda@backup."
