"""A PgBouncer of a test's own, in front of the database that Django is connected to."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.deploy.behind import free_port, wait_for

PREPARES = (1, 21)  # the first version that can hold prepared statements in transaction mode
CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {pool}
max_client_conn = 1000
ignore_startup_parameters = options
server_login_retry = 1
query_wait_timeout = 5
{more}
logfile = {folder}/log
pidfile = {folder}/pid
"""


def program() -> str | None:
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


def version() -> tuple[int, ...]:
    said = subprocess.run([str(program()), "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split()[1].split(".")[:2]))


@contextmanager
def running(mode: str, *, pool: int = 5, user: str = "", more: str = "") -> Iterator[tuple[int, int]]:
    """The port and the process of one that opens at most `pool` connections, as that user; once it answers."""
    said, own = connection.settings_dict, free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-", dir="/tmp") as folder:
        values = {"host": said["HOST"], "port": said["PORT"] or 5432, "user": user or said["USER"], "folder": folder}
        told = CONFIGURATION.format(mode=mode, pool=pool, own=own, more=more, **values)
        (Path(folder) / "ini").write_text(told)
        account = {}
        if os.geteuid() == 0:  # PgBouncer refuses to be root
            owner = pwd.getpwnam("postgres")
            account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            for path in (Path(folder), Path(folder) / "ini"):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        process = subprocess.Popen([str(program()), "-q", f"{folder}/ini"], **account)
        try:
            wait_for(own)
            yield own, process.pid
        finally:
            process.terminate()
            process.wait()
