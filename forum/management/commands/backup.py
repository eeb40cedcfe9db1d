"""Backs the site up into one file, while it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forum import backups

ELSEWHERE = "The site's secrets are set as variables, and are not in it: keep your environment file with it."
NAMED, ALL_OF_THEM = "agenda-%Y%m%dT%H%M%SZ.tar.gz", "agenda-????????T??????Z.tar.gz"


class Command(BaseCommand):
    help = "Writes the database, uploaded files and the secret key to one file, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup to write, over an older one; or, with --keep, a folder")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="names it by the moment; the newest N stay, in silence"
        )

    def handle(self, *args: Any, file: Path, keep: int | None, verbosity: int, **options: Any) -> None:
        if keep is not None:
            if keep < 1 or not file.is_dir():
                raise CommandError("--keep needs a folder that is there, and at least one backup to keep.")
            folder, file = file, file / f"{datetime.now(UTC):{NAMED}}"
        try:
            contents = backups.write(file)
        except backups.BackupError as error:
            raise CommandError(f"No backup was made. {error}") from error
        if keep is not None:
            for old in sorted(folder.glob(ALL_OF_THEM), reverse=True)[keep:]:
                old.unlink()
            if verbosity < 2:
                return
        self.stdout.write(f"Wrote {file}. {contents}")
        if backups.needs_variables():
            self.stdout.write(ELSEWHERE)
