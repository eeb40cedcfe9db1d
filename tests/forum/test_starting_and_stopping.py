"""What is said instead of a start that cannot be, and what an orderly stop leaves."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789abcdefghijkl"


def environment(folder: Path, **variables: str) -> dict[str, str]:
    kept = {"VAR_DIR": str(folder), "SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
    return {**os.environ, **kept, **variables}


def run(command: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """The exit status, and all that was printed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment(folder, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def wal(folder: Path) -> int:
    """The bytes that are beside the database and not in it."""
    file = folder / "db.sqlite3-wal"
    return file.stat().st_size if file.exists() else 0


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda key: None, "Set SECRET_KEY to a long random text, or keep one in "),
        (
            lambda key: key.write_bytes(b"\xff\xfe" + KEY.encode()),
            "cannot be read as a secret key (UnicodeDecodeError)",
        ),
        (lambda key: key.write_bytes(b"\0" * 86), "does not hold a whole secret key."),
        (lambda key: key.write_text(KEY[:43]), "does not hold a whole secret key."),
        (lambda key: key.mkdir(), "cannot be read as a secret key (IsADirectoryError)"),
    ],
)
def test_damaged_key_is_one_sentence(tmp_path: Path, damage: Callable[[Path], object], sentence: str) -> None:
    damage(tmp_path / "secret-key")

    status, said = run(["manage.py", "migrate"], tmp_path)

    assert (status, len(said.splitlines())) == (1, 1)
    assert sentence in said


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "sqlite:////nowhere/db.sqlite3"},
        {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
    ],
)
def test_database_that_is_gone_is_one_sentence(tmp_path: Path, variables: dict[str, str]) -> None:
    status, said = run(["manage.py", "migrate"], tmp_path, SECRET_KEY=KEY, **variables)

    assert status == 1
    assert said.startswith("The database does not answer, or takes no writes: ")
    assert "Traceback" not in said


@pytest.mark.any_database
def test_wrong_key_is_one_sentence(tmp_path: Path, migrated: Callable[[Path], None]) -> None:
    migrated(tmp_path / "db.sqlite3")
    make = (
        "import django; django.setup(); from accounts.models import CalendarKey, User;"
        "CalendarKey.objects.issue(User.objects.create_user('a@example.org'), name='', once='')"
    )
    for command in (["manage.py", "check_secrets"], ["-c", make]):
        done = run(command, tmp_path, SECRET_KEY=KEY, DJANGO_SETTINGS_MODULE="forum.settings")
        assert done == (0, "")

    status, said = run(["manage.py", "check_secrets"], tmp_path, SECRET_KEY=KEY[::-1])

    assert (status, len(said.splitlines())) == (1, 1)
    assert "not the one that your calendars were made with" in said


def wait_for(log: Path, words: list[str]) -> None:
    deadline = time.monotonic() + 60
    while not all(each in log.read_text() for each in words):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.any_database
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_orderly_stop_leaves_the_whole_database_in_its_one_file(
    tmp_path: Path, migrated: Callable[[Path], None], stop: int
) -> None:
    (tmp_path / "static").mkdir()
    migrated(tmp_path / "db.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"--interface wsgi --port {port} --http 1 --no-ws --workers 2 --workers-kill-timeout 10"
    command = [sys.executable, "-m", "granian", *options.split(), "forum.wsgi:application"]
    log, variables = tmp_path / "log", environment(tmp_path, SECRET_KEY=KEY)

    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=variables, cwd=settings.BASE_DIR, stdout=output, stderr=output) as server,
    ):
        wait_for(log, ["Started worker-1", "Started worker-2"])  # granian loses a signal before that
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/health/ready")  # which writes
            assert connection.getresponse().status == 200
        left = wal(tmp_path)
        server.send_signal(stop)

    assert (server.returncode, left > 0, wal(tmp_path)) == (0, True, 0)
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as alone:
        assert alone.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.any_database
def test_start_takes_in_what_a_kill_has_left(tmp_path: Path, migrated: Callable[[Path], None]) -> None:
    migrated(tmp_path / "db.sqlite3")
    write = (
        "import os, sqlite3; own = sqlite3.connect(os.environ['VAR_DIR'] + '/db.sqlite3');"
        "own.execute('CREATE TABLE a (b)'); own.commit(); os.kill(os.getpid(), 9)"
    )
    killed, _ = run(["-c", write], tmp_path)
    left = wal(tmp_path)
    (tmp_path / "static").mkdir()

    started = run(["-c", "import forum.wsgi, os; os._exit(0)"], tmp_path, SECRET_KEY=KEY)

    assert (killed, left > 0, started, wal(tmp_path)) == (-signal.SIGKILL, True, (0, ""), 0)
