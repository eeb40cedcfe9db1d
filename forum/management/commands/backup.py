"""Backs the site up into one file, while it runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.limits import HOUR
from agenda.management.repeating import RepeatingCommand
from forum import backups

DAY = 24 * HOUR  # seconds
ELSEWHERE = "The site's secrets are set as variables, and are not in it: keep your environment file with it."
UPLOADS = "Uploaded files are in MEDIA_STORAGE, and are not in it: keep copies of them by its own means."


class Command(RepeatingCommand):
    help = "Writes the database, uploaded files and the secret key to one file, while the site runs."
    every = HOUR

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, nargs="?", help="the backup to write, over an older one")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="writes one to BACKUP_DIR, of which the newest N stay; in silence"
        )

    def handle(self, *args: Any, loop: bool, verbosity: int, **options: Any) -> None:
        file: Path | None = options["file"]
        keep: int | None = options["keep"]
        if (file is None) == (keep is None) or (keep is not None and keep < 1):
            raise CommandError("Name the file to write, or say with --keep how many backups are to stay, at least 1.")
        if file and loop:
            raise CommandError("With --loop goes --keep: one file cannot be a backup of each day.")
        self.file, self.keep, self.loop = file, keep, loop
        super().handle(*args, loop=loop, verbosity=verbosity, **options)

    def run_once(self, *, is_loud: bool) -> bool:
        """Makes a backup; in a loop, if the newest is a day old."""
        newest = backups.newest() if self.loop else None
        if newest and time.time() - newest < DAY:
            return True
        try:
            self._write(is_loud=is_loud)
        except (backups.BackupError, OSError) as error:
            if not self.loop:
                raise CommandError(f"No backup was made. {error}") from error
            self.stderr.write(f"No backup was made. {error}")
            return False
        return True

    def _write(self, *, is_loud: bool) -> None:
        to = self.file or self._place()
        contents = backups.write(to)
        for old in backups.all_in(settings.BACKUP_DIR)[self.keep :] if self.keep else []:
            old.unlink(missing_ok=True)
        if self.keep and not is_loud:
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
