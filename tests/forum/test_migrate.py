"""Two first starts at once make the tables once, on either database; a table in use is waited for, and not for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from forum.management.commands import migrate
from tests.forum.places import new_database

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_first_starts_at_once_make_the_tables_once(tmp_path):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    with new_database(tmp_path) as database:
        environment = os.environ | {"DATABASE_URL": database, "VAR_DIR": str(tmp_path)}
        how = {"cwd": settings.BASE_DIR, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}

        started = [subprocess.Popen(command, **how) for _ in range(2)]

        assert [(process.communicate()[0], process.returncode) for process in started] == [(b"", 0)] * 2


@pytest.fixture
def another(monkeypatch):
    """A connection that holds the table of what was migrated; waiting and trying again take no time."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one lock, and waits for it 20 seconds")
    for name, value in {"WAIT": 0.1, "PAUSE": 0, "TRIES": 3}.items():
        monkeypatch.setattr(migrate, name, value)
    holding = connection.copy()
    holding.set_autocommit(False)
    holding.cursor().execute("LOCK TABLE django_migrations")
    yield holding
    holding.close()


def test_a_table_that_stays_in_use_is_a_sentence(another):
    said = StringIO()

    with pytest.raises(CommandError, match=r"A table was in use for .* Run this again"):
        call_command("migrate", verbosity=0, stderr=said)

    assert said.getvalue().count("A table is in use.") == 2


def test_a_table_in_use_is_waited_for(another):
    class Freeing(StringIO):
        def write(self, text: str) -> int:
            another.rollback()
            return super().write(text)

    call_command("migrate", verbosity=0, stderr=Freeing())

    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)
