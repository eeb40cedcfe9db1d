"""Two first starts at once make the tables once, on either database."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_database(tmp_path):
    """The address of a database without any table."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/db.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_empty"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_two_first_starts_at_once_make_the_tables_once(empty_database, tmp_path):
    environment = os.environ | {"DATABASE_URL": empty_database, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    how = {"cwd": settings.BASE_DIR, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}

    started = [subprocess.Popen(command, **how) for _ in range(2)]

    assert [(process.communicate()[0], process.returncode) for process in started] == [(b"", 0)] * 2
