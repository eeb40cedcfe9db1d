"""A backup while people star: nothing of before it is missing, nothing of after it comes back, also after kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import CommandError
from django.db import connection

from agenda.models import Star, StarLog
from tests.conftest import signed_up
from tests.forum.places import empty_place, keep_in, run

NAMES = ("ann", "ben", "cleo")


@dataclass
class Starrers:
    """People who star without end, a process each, and the files of what they print."""

    files: dict[str, Path]
    processes: list[subprocess.Popen[bytes]]

    def saved(self) -> set[int]:
        """The lines of the log that were acknowledged so far; the last of each may be half printed."""
        return {int(line) for file in self.files.values() for line in _whole_lines(file)}

    def wait_for_more(self) -> None:
        """Until each has starred ten times more."""
        wanted = {file: len(_whole_lines(file)) + 10 for file in self.files.values()}
        deadline = time.monotonic() + 60
        while any(len(_whole_lines(file)) < count for file, count in wanted.items()):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def kill(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
        assert {process.wait() for process in self.processes} == {-signal.SIGKILL}


def _whole_lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture
def starrers(shared_database, kvm_forum, settings, tmp_path) -> Iterator[Starrers]:
    keep_in(settings, tmp_path / "var")
    database = json.dumps({key: str(connection.settings_dict[key]) for key in ("NAME", "HOST", "USER")})
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "forum.settings"}
    running = Starrers({name: tmp_path / name for name in NAMES}, [])
    for name, file in running.files.items():
        email = signed_up(f"{name}@example.org").email
        command = [sys.executable, "-m", "tests.forum.starrer", database, email]
        with file.open("wb") as output:
            running.processes.append(subprocess.Popen(command, stdout=output, env=environment, cwd=site.BASE_DIR))
    running.wait_for_more()
    yield running
    running.kill()


def test_backup_under_load_is_one_moment(starrers, settings, tmp_path):
    before = starrers.saved()

    run("backup", tmp_path / "backup.tar.gz")

    after = starrers.saved()
    starrers.wait_for_more()
    starrers.kill()
    with empty_place(settings, tmp_path / "new"):
        run("restore", tmp_path / "backup.tar.gz")
        log = list(StarLog.objects.order_by("pk").values_list("pk", "user", "session", "starred"))
        stars = set(Star.objects.values_list("user", "session"))
    latest = {(user, session): starred for _, user, session, starred in log}
    kept = {pk for pk, *_ in log}
    assert before <= kept
    assert len(kept - after) <= len(NAMES)  # saved, and not yet printed
    assert stars == {pair for pair, starred in latest.items() if starred}


def test_backup_is_not_put_beside_what_kill_9_leaves(starrers, tmp_path):
    run("backup", tmp_path / "backup.tar.gz")
    starrers.wait_for_more()
    starrers.kill()

    with pytest.raises(CommandError, match=r"^Nothing was put back\."):
        run("restore", tmp_path / "backup.tar.gz")

    assert starrers.saved() <= set(StarLog.objects.values_list("pk", flat=True))
