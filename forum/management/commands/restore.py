"""Puts a backup back into an empty place, or says what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from forum import backups


class Command(BaseCommand):
    help = "Puts a backup back into an empty place, where no site runs."
    requires_system_checks = []  # they could make the database that must not be there yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that backup wrote")
        parser.add_argument("--check", action="store_true", help="check every byte, say what it holds, change nothing")

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        try:
            contents = backups.read(file) if check else backups.restore(file)
        except backups.BackupError as error:
            raise CommandError(str(error) if check else f"Nothing was put back. {error}") from error
        self.stdout.write(f"{file} is whole. {contents}")
        if not check:
            self.stdout.write("All of it was put back. Start the site with the release that made it, or a newer one.")
            if settings.MEDIA_STORAGE and contents.uploaded:
                self.stdout.write(f"Its uploaded files are in {settings.MEDIA_ROOT}: copy them to MEDIA_STORAGE.")
