"""Starts the server that follows on the command line, and gives it bad days: make chaos.

The database is SQLite's, in a temporary folder, or the one that DATABASE_URL names on PostgreSQL; it must be new.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection

from tests.bench.polls import create_database
from tests.chaos.site import HOST, Site

if TYPE_CHECKING:
    from tests.chaos.stages import Chaos

COLUMNS = ("acknowledged", "lost", "resurrected", "other 5xx", "503", "unanswered")
DATABASES = 2  # share the kills
HELD = ("lost", "resurrected", "other 5xx")  # none of them may be


def main(command: list[str], port: int, kills: int) -> int:
    """The exit status: 1 if anything was lost or came back, or was answered by an error of ours."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{name}/db.sqlite3"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "LOG_LEVEL": "WARNING",
            "SITE_URL": f"http://{HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        create_database()
        call_command("migrate", verbosity=0)
        call_command("loaddata", "kvm-forum-2019", verbosity=0)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # it is stopped at once, too: what it answered must be on the disk
                cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = on')
        return days(Site(command, port, Path(name) / "server.log"), Path(name), kills)


def days(site: Site, folder: Path, kills: int) -> int:
    from tests.chaos import stages  # noqa: PLC0415 (models are there only now)

    is_sqlite = connection.vendor == "sqlite"
    chaos = stages.Chaos(site, folder)
    say(f"{'SQLite' if is_sqlite else 'PostgreSQL':44}{''.join(f'{column:>13}' for column in COLUMNS)}{'seconds':>9}")
    site.start()
    bad = 0
    try:
        with chaos.traffic:
            for title, stage in chosen(chaos, kills, is_sqlite=is_sqlite):
                bad += run(chaos, title, stage)
    finally:
        site.stop()
    return min(bad, 1)


def chosen(chaos: Chaos, kills: int, *, is_sqlite: bool) -> list[tuple[str, Callable[[], object]]]:
    """Each bad day with what it is called."""
    from tests.chaos import stages  # noqa: PLC0415 (as above)

    gone = (
        ("disk full, and free again", lambda: stages.disk_full(chaos))
        if is_sqlite
        else ("database stopped and started, 6 times", lambda: stages.postgresql_gone(chaos, 3))
    )
    return [
        (f"{kills} times kill -9", lambda: stages.kills(chaos, kills)),
        ("tabs of one visitor, 20 times", lambda: stages.two_tabs(chaos, 20)),
        ("deletions while people star, 20 times", lambda: stages.deletions(chaos, 20)),
        ("clocks a day behind and ahead, 20 times", lambda: stages.clocks(chaos, 20)),
        ("Redis gone and back, 3 times", lambda: stages.redis_gone(chaos, 3)),
        gone,
        ("backup under load, restored", lambda: stages.backup(chaos)),
    ]


def run(chaos: Chaos, title: str, stage: Callable[[], object]) -> int:
    """Prints what came of it, and returns how much of that may not be."""
    chaos.tally.counts.clear()
    began = time.monotonic()
    if missing := stage():
        say(f"{title:44}skipped: {missing}")
        return 0
    counts = chaos.tally.counts
    figures = "".join(f"{counts[column]:13,}" for column in COLUMNS)
    say(f"{title:44}{figures}{time.monotonic() - began:9.0f}")
    return sum(counts[what] for what in HELD)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (it speaks by printing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], int(os.environ["PORT"]), int(os.environ["CHAOS_KILLS"]) // DATABASES))
