"""Bad days, a function each. At the end of each, what was acknowledged is held against the database.

One that cannot be had on this machine returns why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import cycle
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.utils.http import http_date

from agenda.models import Session
from scripts.machine import redis
from tests.agenda.kvm_forum import add_session
from tests.chaos import people, traffic
from tests.chaos.people import Editor, Tally, Visitor
from tests.chaos.site import Site
from tests.redis_server import running
from tests.threads import all_at_once

DAY = 24 * 60 * 60  # seconds
ATTENDEES, VISITORS = 40, 8  # an account may tap 1,000 times an hour
WITHIN = 60  # seconds in which the site must go on
DISK = 32  # megabytes
SMALL_DISK = "only root may mount a disk"
NO_REDIS = "there is no Redis on this machine; make chaos says above how to install it"
WHOLE_SERVER = 5  # one kill of so many is of all its processes


class Chaos:
    """A site that runs, and the people at it. The database has the programme."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder, self.tally = site, folder, Tally()
        *self.sessions, edited = Session.objects.select_related("event").order_by("pk")
        self.attendees = people.gather(site.port, self.tally, ATTENDEES)
        self.visitors = [Visitor(site.port, self.tally) for _ in range(VISITORS)]
        self.editor = Editor(site.port, self.tally, edited)
        self.traffic = traffic.Traffic(traffic.steps(self.attendees, self.visitors, self.editor, self.sessions))

    def go_on(self, number: int, answer: str = "acknowledged") -> None:
        """Returns once so many more requests have had that answer."""
        wanted, deadline = self.tally.counts[answer] + number, time.monotonic() + WITHIN
        while self.tally.counts[answer] < wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The site does not go on:\n{self.site.log.read_text()[-4000:]}")
            time.sleep(0.01)

    def check(self) -> None:
        with self.traffic.paused():
            people.check([*self.attendees, *self.visitors], self.editor)


def kills(chaos: Chaos, number: int) -> None:
    """Kill -9 of a worker, and every fifth time of the whole server."""
    for kill in range(number):
        chaos.go_on(20)
        if kill % WHOLE_SERVER:
            chaos.site.kill_worker()
            then = chaos.site.wait
        else:
            chaos.site.kill()
            then = chaos.site.start
        with chaos.traffic.paused():
            then()
        chaos.check()


def two_tabs(chaos: Chaos, rounds: int) -> None:
    """A new visitor stars in eight tabs at once, then unstars in four while starring in the others."""
    for _ in range(rounds):
        visitor = Visitor(chaos.site.port, chaos.tally)
        tabs = [partial(visitor.tap, session) for session in chaos.sessions[:12]]
        for at_once in (tabs[:8], tabs[4:]):
            all_at_once(*at_once)
            visitor.check()


def deletions(chaos: Chaos, rounds: int) -> None:
    """The editor deletes a session while people star it: one by one, and as those that are selected in the list."""
    for number in range(rounds):
        session = add_session(chaos.sessions[0].event, f"Gone soon {number}", "2019-10-31T12:00")
        starring = chaos.attendees[:4]
        with chaos.traffic.paused():
            all_at_once(
                partial(chaos.editor.delete, session, by_list=number % 2 == 0),
                *(partial(person.tap, session) for person in starring),
            )
        chaos.check()


def clocks(chaos: Chaos, rounds: int) -> None:
    """Calendars whose clock is a day behind or ahead ask for what is new since now, as they see it."""
    for offset, person, session in zip(cycle((-DAY, DAY)), chaos.attendees, chaos.sessions[:rounds], strict=False):
        with chaos.traffic.paused():
            if person.kept.get(session.pk) is None:
                person.tap(session)  # so that the next tap changes something
            before = person.browser.send("GET", person.feed).etag
            person.browser.headers = {"Date": http_date(time.time() + offset)}
            person.tap(session)
            since = {"If-Modified-Since": http_date(time.time() + offset)}
            for headers in (since, since | {"If-None-Match": before}):
                told = person.browser.send("GET", person.feed, headers=headers)
                is_in_it = f"UID:{session.guid}".encode() in told.content
                if told.status_code != 200 or is_in_it != person.kept[session.pk]:
                    chaos.tally.add("lost" if person.kept[session.pk] else "resurrected")
            person.browser.headers = {}
    chaos.check()


def redis_gone(chaos: Chaos, rounds: int) -> str:
    """Counts limits in Redis, kills that, starts it again, and at last does without it."""
    program = redis()
    if program is None:
        return NO_REDIS
    with running(program) as server:
        restart(chaos, REDIS_URL=server.url)
        for _ in range(rounds):
            chaos.go_on(50)
            server.kill()
            chaos.site.wait_until_ready("no cache")
            chaos.go_on(50)
            server.start()
            chaos.site.wait_until_ready("ok")
        chaos.go_on(50)
        chaos.check()
        restart(chaos)
    chaos.go_on(50)
    chaos.check()
    return ""


def restart(chaos: Chaos, **variables: str) -> None:
    chaos.site.stop()
    with chaos.traffic.paused():
        chaos.site.start(**variables)


def postgresql_gone(chaos: Chaos, rounds: int) -> None:
    """Stops PostgreSQL, at once or in order, and starts it again once that was noticed."""
    data = Path(connection.settings_dict["HOST"]) / "data"
    owner = data.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    program = Path((data / "postmaster.opts").read_text().split()[0]).with_name("pg_ctl")
    for mode in ["immediate", "fast"] * rounds:
        chaos.go_on(50)
        for arguments, answer in (
            (["stop", f"--mode={mode}"], "503"),
            (["start", f"--log={data.parent / 'log'}"], "acknowledged"),
        ):
            command = [program, "--pgdata", data, "--wait", *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=data.parent, **account)
            chaos.go_on(50, answer)
        chaos.check()


def disk_full(chaos: Chaos) -> str:
    """Moves SQLite's database to a small disk, fills that, and frees it again."""
    disk, before = chaos.folder / "disk", Path(connection.settings_dict["NAME"])
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return SMALL_DISK
    try:
        move(chaos, disk / before.name, VAR_DIR=str(disk))
        chaos.go_on(50)
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 512)
        chaos.go_on(200, "503")
        (disk / "filler").unlink()
        chaos.go_on(50)
        chaos.check()
        move(chaos, before)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
    return ""


def move(chaos: Chaos, to: Path, **variables: str) -> None:
    """Stops the site and starts it with its database there."""
    with chaos.traffic.paused():
        chaos.site.stop()
        shutil.copy(connection.settings_dict["NAME"], to)
        connection.settings_dict["NAME"] = str(to)
        chaos.site.start(DATABASE_URL=url_of(str(to)), **variables)


def backup(chaos: Chaos) -> None:
    """Backs up under load and puts it back elsewhere: what nobody touched meanwhile must be as it was acknowledged."""
    everybody = [*chaos.attendees, *chaos.visitors]
    chaos.go_on(50)
    with chaos.traffic.paused():
        for person in everybody:
            person.tapped.clear()
    file = chaos.folder / "backup.tar.gz"
    manage("backup", file)
    with chaos.traffic.paused(), restored(file, chaos.folder / "restored") as database:
        for person in everybody:
            person.check(database, without=person.tapped)
    chaos.check()


@contextmanager
def restored(file: Path, folder: Path) -> Iterator[str]:
    """The alias of the database that the backup was put back into."""
    here = connection.settings_dict
    name = str(folder / "db.sqlite3") if connection.vendor == "sqlite" else f"{here['NAME']}_restored"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    manage("restore", file, "--check")
    manage("restore", file, VAR_DIR=str(folder), DATABASE_URL=url_of(name))
    connections.databases["restored"] = {**here, "NAME": name}
    yield "restored"
    connections["restored"].close()


def url_of(name: str) -> str:
    """DATABASE_URL of a database of that name, where this process has its own."""
    here = connection.settings_dict
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgres://{here['USER']}@/{here['HOST']}/{name}"


def manage(command: str, *arguments: str | Path, **variables: str) -> None:
    line = [sys.executable, settings.BASE_DIR / "manage.py", command, *arguments]
    subprocess.run(line, check=True, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)
