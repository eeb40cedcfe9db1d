"""Two first starts at once make the tables once, on either database."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.forum.places import new_database

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_first_starts_at_once_make_the_tables_once(tmp_path):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    with new_database(tmp_path) as database:
        environment = os.environ | {"DATABASE_URL": database, "VAR_DIR": str(tmp_path)}
        how = {"cwd": settings.BASE_DIR, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}

        started = [subprocess.Popen(command, **how) for _ in range(2)]

        assert [(process.communicate()[0], process.returncode) for process in started] == [(b"", 0)] * 2
