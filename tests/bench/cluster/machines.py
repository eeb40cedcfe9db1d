"""Two servers of the site behind nginx, as deploy/nginx.conf has it, with PgBouncer, PostgreSQL and Redis behind them.

All run on this machine, with ports of their own. Each server has a folder of its own, as on a machine of its own.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db import connection

from scripts.machine import redis
from tests import pgbouncer, redis_server
from tests.bench.server import cpu_of
from tests.chaos.site import HOST, Site
from tests.deploy.behind import ROOT, free_port, nginx_program, nginx_with, wait_for

ROLE = "agenda"  # of the site at PostgreSQL, to tell its connections from this process's
MANY = 100_000  # requests over a connection, before nginx ends it: whoever measures counts on it

MISSING = """\
{name} is missing: two servers are measured behind it. Install it:
  Debian, Ubuntu: sudo apt-get install {package}"""


def missing() -> list[str]:
    """A sentence for each program that this machine lacks."""
    there = {"nginx": nginx_program(), "PgBouncer": pgbouncer.program(), "Redis": redis()}
    packages = {"nginx": "nginx", "PgBouncer": "pgbouncer", "Redis": "redis-server"}
    return [MISSING.format(name=name, package=packages[name]) for name, found in there.items() if not found]


class Cluster:
    """What runs, by what it is called; `port` is nginx's."""

    def __init__(self, port: int, sites: list[Site], pids: dict[str, int]) -> None:
        self.port, self.sites, self._others = port, sites, pids
        self._ended = 0.0  # seconds of processor, of a server that was killed

    def kill(self, site: Site) -> None:
        self._ended += cpu_of(site.process.pid)
        site.kill()

    def cpu(self) -> dict[str, float]:
        """Seconds of processor that each kind of program has used so far."""
        sites = sum(cpu_of(site.process.pid) for site in self.sites)
        return {"site": sites + self._ended} | {name: cpu_of(pid) for name, pid in self._others.items()}

    def connections(self) -> int:
        """How many of PostgreSQL's connections the servers have now."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [ROLE])
            return int(cursor.fetchone()[0])


@contextmanager
def running(command: Sequence[str], port: int, folder: Path, *, pool: int) -> Iterator[Cluster]:
    """The cluster, once all answer. All of it is stopped at the end of the block."""
    program = redis()
    assert program, "missing() was asked before"
    with ExitStack() as stack:
        counters = stack.enter_context(redis_server.running(program))
        mode = "transaction" if pgbouncer.version() >= pgbouncer.PREPARES else "session"
        more = "max_prepared_statements = 100" if mode == "transaction" else ""
        make_role()
        pooled, pooler = stack.enter_context(pgbouncer.running(mode, pool=pool, user=ROLE, more=more))
        told = {
            "DATABASE_URL": f"postgres://{ROLE}@{HOST}:{pooled}/{connection.settings_dict['NAME']}",
            "REDIS_URL": counters.url,
            "TRUSTED_PROXY_COUNT": "1",
        }
        sites = [Site(at(command, each := free_port()), each, folder / f"{number}.log") for number in range(2)]
        for number, site in enumerate(sites):
            (folder / f"{number}").mkdir()
            site.variables = told | {"VAR_DIR": str(folder / f"{number}")}
            site.start()
            stack.callback(stop, site)
        front = stack.enter_context(nginx(folder, port, sites))
        pids = {"nginx": front, "PgBouncer": pooler, "PostgreSQL": postmaster(), "Redis": counters.process.pid}
        yield Cluster(port, sites, pids)


def stop(site: Site) -> None:
    if site.process.poll() is None:
        site.stop()


def at(command: Sequence[str], port: int) -> list[str]:
    """The command of the server, at another port."""
    words = list(command)
    words[words.index("--port") + 1] = str(port)
    return words


def make_role() -> None:
    """The site's own, with the limit for rows that are held: PgBouncer drops the option that would set it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {ROLE}")
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER")
        cursor.execute(f"ALTER ROLE {ROLE} SET lock_timeout = '5s'")


def postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return int(Path(cursor.fetchone()[0], "postmaster.pid").read_text().split()[0])


@contextmanager
def nginx(folder: Path, port: int, sites: Sequence[Site]) -> Iterator[int]:
    """The process of an nginx with deploy/nginx.conf, both servers in its upstream; without https."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"^ *(listen \[::\]|ssl_certificate).*\n", "", text, flags=re.MULTILINE)
    (line,) = re.findall(r"^ *server 127\.0\.0\.1:8000.*\n", text, re.MULTILINE)
    text = text.replace(line, "".join(line.replace("127.0.0.1:8000", f"{HOST}:{site.port}") for site in sites))
    text = text.replace("listen 443 ssl", f"listen {HOST}:{port}").replace("listen 80", f"listen {HOST}:{free_port()}")
    command = nginx_with(folder, f"keepalive_requests {MANY};\n{text.replace('agenda.example.org', HOST)}")
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin"})
        try:
            wait_for(port)
            yield process.pid
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()
