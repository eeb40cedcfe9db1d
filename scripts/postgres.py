"""Runs a command with DATABASE_URL set to a PostgreSQL made for it, on a Unix socket in a folder deleted afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import MISSING_POSTGRESQL, postgresql

# Nothing of it outlives the tests, so nothing waits for the disk.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 500
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def server_account() -> dict[str, Any]:
    """Who the server runs as, for subprocess: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def throw_away_cluster(programs: Path) -> Iterator[str]:
    """DATABASE_URL of a running, empty cluster, stopped and deleted when the block ends."""
    # Not in $TMPDIR: a socket's path has at most 107 bytes, and some machines' temporary folder is half of that.
    folder = Path(tempfile.mkdtemp(prefix="agenda-", dir="/tmp"))
    account = server_account()
    if account:
        os.chown(folder, account["user"], account["group"])

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", folder / "data", *arguments],
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **account,
        )

    try:
        run("initdb", "--username=postgres", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync")
        with (folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS.format(folder=folder))
        try:
            run("pg_ctl", "start", "--wait", f"--log={folder}/log")
        except subprocess.CalledProcessError:
            sys.exit((folder / "log").read_text())
        try:
            yield f"postgres://postgres@/{folder}/agenda"
        finally:
            run("pg_ctl", "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder)


def main(command: list[str]) -> int:
    """The command's exit code."""
    programs = postgresql()
    if not programs:
        sys.exit(MISSING_POSTGRESQL)
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(1))  # so that the cluster is stopped then, too
    with throw_away_cluster(programs) as url:
        return subprocess.run(command, check=False, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
