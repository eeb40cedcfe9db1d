"""Places that a site is backed up from, and put back into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection


def keep_in(settings: Any, folder: Path) -> None:
    """Makes this the folder of everything that is kept."""
    settings.VAR_DIR, settings.MEDIA_ROOT, settings.SECRET_KEY_FILE = folder, folder / "media", folder / "secret-key"


@contextmanager
def empty_place(settings: Any, folder: Path) -> Iterator[None]:
    """In the block, the site is kept in that folder, and its database is one that has not been made yet."""
    before, was_kept_in = connection.settings_dict["NAME"], settings.VAR_DIR
    is_file = connection.vendor == "sqlite"
    name = str(folder / "db.sqlite3") if is_file else f"{before}_restored"
    if not is_file:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    keep_in(settings, folder)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        keep_in(settings, was_kept_in)
        if not is_file:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


@contextmanager
def new_database(folder: Path) -> Iterator[str]:
    """DATABASE_URL of a database without any table, of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/db.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_new"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(command: str, *arguments: str | Path) -> str:
    """What the command prints."""
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()
