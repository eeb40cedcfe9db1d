"""Backs the site up into one file, while it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from forum import backups

ELSEWHERE = "The site's secrets are set as variables, and are not in it: keep your environment file with it."


UPLOADS = "Uploaded files are in MEDIA_STORAGE, and are not in it: keep copies of them by its own means."


class Command(BaseCommand):
    help = "Writes the database, uploaded files and the secret key to one file, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the backup to write, over an older one")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="writes one to BACKUP_DIR, of which the newest N stay; in silence"
        )

    def handle(self, *args: Any, file: Path | None, keep: int | None, verbosity: int, **options: Any) -> None:
        if (file is None) == (keep is None) or (keep is not None and keep < 1):
            raise CommandError("Name the file to write, or say with --keep how many backups are to stay, at least 1.")
        try:
            to = file or self._place()
            contents = backups.write(to)
        except (backups.BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        for old in backups.all_in(settings.BACKUP_DIR)[keep:] if keep else []:
            old.unlink(missing_ok=True)
        if keep and verbosity < 2:
            return
        self.stdout.write(f"Wrote {to}. {contents}")
        if backups.needs_variables():
            self.stdout.write(ELSEWHERE)
        if settings.MEDIA_STORAGE:
            self.stdout.write(UPLOADS)

    def _place(self) -> Path:
        """The next file in BACKUP_DIR, which is made if it is not there."""
        settings.BACKUP_DIR.mkdir(mode=0o750, parents=True, exist_ok=True)
        return Path(settings.BACKUP_DIR / f"{datetime.now(UTC):{backups.NAMED}}")
