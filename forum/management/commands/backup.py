"""Backs the site up into one file, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forum import backups

ELSEWHERE = "The site's secrets are set as variables, and are not in it: keep your environment file with it."


class Command(BaseCommand):
    help = "Writes the database, uploaded files and the secret key to one file, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup to write; one of that name is replaced")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            contents = backups.write(file)
        except backups.BackupError as error:
            raise CommandError(f"No backup was made. {error}") from error
        self.stdout.write(f"Wrote {file}. {contents}")
        if backups.needs_variables():
            self.stdout.write(ELSEWHERE)
