"""What it takes to bring a programme in, and what calendars notice of it meanwhile: make bench-import.

Measures a generated programme of 1,000 sessions, or the file that FILE names. The database is SQLite's, in a temporary
folder.
"""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, TypeVar

import django
from django.core.management import call_command

from tests.bench import load
from tests.bench.__main__ import say
from tests.bench.server import running

if TYPE_CHECKING:
    from agenda.formats.records import ProgrammeRecord
    from agenda.models import Event, Source

T = TypeVar("T")
IN, AGAIN, REVIEW, EXPORT, LINT = 5.0, 1.5, 2.0, 0.4, 0.3  # seconds at most
DAY_PAGE, REVIEW_PAGE, PUBLISH = 0.3, 1.5, 2.0
POLLS_P99, MEMORY = 100, 250  # milliseconds, MB
CHANGED, PEOPLE, STARS_EACH = 35, 1000, 100
MOVED = 300  # sessions, ten minutes later


def timed(name: str, at_most: float, do: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = do()
    _told(name, time.perf_counter() - began, at_most, "s")
    return result


def _told(name: str, value: float, at_most: float, unit: str) -> None:
    say(f"{name:60}{value:8.2f} {unit}  (at most {at_most:g}{': MISSED' if value > at_most else ''})")


def main(command: list[str], port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{name}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "SITE_URL": f"http://{load.HOST}:{port}",
            "VAR_DIR": name,
        }
        django.setup()
        logging.disable(logging.INFO)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        source = bring(_file())
        review(source)
        move_many(source.event)
        with running(command, port, Path(name) / "server.log"):
            polled(source, port, Path(name))


def _file() -> tuple[bytes, str]:
    """The file that FILE names; else the export of a large event, which is deleted again."""
    from agenda.formats.schedule_xml_file import schedule_xml  # noqa: PLC0415 (models are there only now)
    from agenda.programme.records import programme_record  # noqa: PLC0415
    from tests.bench import event  # noqa: PLC0415

    if path := os.environ.get("FILE"):
        return Path(path).read_bytes(), Path(path).name
    large = event.make()
    data = timed(
        "1,000 sessions out, as schedule.xml",
        EXPORT,
        lambda: schedule_xml(programme_record(large, large.sessions.all()), source="Forum agenda"),
    )
    call_command("flush", interactive=False, verbosity=0)
    return data, "schedule.xml"


def bring(file: tuple[bytes, str]) -> Source:
    """Brings the file into an empty event, twice."""
    from agenda.editing.apply import publish  # noqa: PLC0415
    from agenda.editing.imports import new_event, plan_for  # noqa: PLC0415
    from agenda.editing.plan import propose  # noqa: PLC0415
    from agenda.formats.reading import read_programme  # noqa: PLC0415
    from agenda.models import Source  # noqa: PLC0415

    def bring_in(source: Source | None) -> Source:
        programme = read_programme(*file, zone="Europe/Brussels")
        source = source or Source.objects.create(event=new_event(programme), name=file[1])
        plan = plan_for(programme, source, by=None)
        publish(plan, by=None, fingerprint=propose(plan).fingerprint)
        return source

    source = timed("Read, planned and applied into an empty event", IN, lambda: bring_in(None))
    timed("The same file again: nothing to do", AGAIN, lambda: bring_in(source))
    _told("Memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MEMORY, "MB")
    say(f"{source.event.sessions.count()} sessions of {len(file[0]) / 2**20:.1f} MB")
    return source


def moved(event: Event) -> ProgrammeRecord:
    """The event's programme, with some sessions an hour later."""
    from agenda.programme.records import programme_record  # noqa: PLC0415

    record = programme_record(event, event.sessions.all())
    later = timedelta(hours=1)
    sessions = tuple(
        replace(session, start=session.start + later, end=session.end + later) if number < CHANGED else session
        for number, session in enumerate(record.sessions)
    )
    return replace(record, sessions=sessions)


def review(source: Source) -> None:
    """Plans some changes among sessions that very many people starred, with whom they reach."""
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from agenda.editing.imports import plan_for  # noqa: PLC0415
    from agenda.editing.plan import propose  # noqa: PLC0415
    from agenda.models import Event, Star  # noqa: PLC0415
    from agenda.notices.reach import reach  # noqa: PLC0415
    from agenda.programme.linting import lint  # noqa: PLC0415

    Event.objects.update(state=Event.State.PUBLISHED)
    people = User.objects.bulk_create(User(email=f"person{number}@example.org") for number in range(PEOPLE))
    pks = list(source.event.sessions.values_list("pk", flat=True))
    Star.objects.bulk_create(
        Star(user=user, session_id=pks[(number + each) % len(pks)])
        for number, user in enumerate(people)
        for each in range(STARS_EACH)
    )
    programme = moved(source.event)
    timed(f"The linter, on {len(programme.sessions)} sessions", LINT, lambda: lint(programme))

    def planned() -> None:
        proposal = propose(plan_for(programme, source, by=None))
        reach(proposal, timezone.now())

    timed(f"{CHANGED} changes among {len(pks)} sessions, {Star.objects.count()} stars: plan and reach", REVIEW, planned)


def move_many(event: Event) -> None:
    """Moves many sessions by the pages of editors: a day's page, the review, and publishing."""
    from django.test import Client  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from agenda.editing.moves import gather, later  # noqa: PLC0415
    from tests.pages import page as read  # noqa: PLC0415

    editor = User.objects.create_superuser("editor@example.org", "")
    client = Client(SERVER_NAME=load.HOST)
    client.force_login(editor)
    pks = list(event.sessions.order_by("start").values_list("pk", flat=True)[:MOVED])
    minutes = timedelta(minutes=10)
    plan = gather(event, lambda desk: later([desk.talks[pk] for pk in pks], minutes), seen={}, by=editor)
    day, page = f"/{event.slug}/edit/morning/", f"/{event.slug}/edit/plans/{plan.pk if plan else ''}/"
    client.get(day)
    timed(f"The page of a day, of {event.sessions.count()} sessions", DAY_PAGE, lambda: client.get(day))
    shown = timed(f"The review of {len(pks)} changed sessions", REVIEW_PAGE, lambda: client.get(page))
    fingerprint = read(shown).one("input", name="fingerprint")["value"]
    sent = {"do": "publish", "fingerprint": fingerprint}
    timed(f"{len(pks)} changed sessions published", PUBLISH, lambda: client.post(page, sent))


def polled(source: Source, port: int, folder: Path) -> None:
    """Polls a calendar as fast as it answers while another process publishes the changes."""
    from accounts.models import CalendarKey, User  # noqa: PLC0415
    from agenda.formats.schedule_xml_file import schedule_xml  # noqa: PLC0415

    user = User.objects.order_by("pk")[0]
    _, key = CalendarKey.objects.issue(user, name="Phone", once="bench")
    changed = folder / "changed.xml"
    changed.write_bytes(schedule_xml(moved(source.event), source="Forum agenda"))
    command = [sys.executable, "manage.py", "import_programme", str(changed), "--event", source.event.slug, "--apply"]
    seconds: list[float] = []
    connection = HTTPConnection(load.HOST, port)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as importing:
        while importing.poll() is None:
            began = time.perf_counter()
            connection.request("GET", f"/calendar/{key}.ics")
            if connection.getresponse().read()[:15] != b"BEGIN:VCALENDAR":
                sys.exit("A poll was refused.")
            seconds.append(time.perf_counter() - began)
    if importing.returncode:
        sys.exit("The changes were not published.")
    _told(f"p99 of {len(seconds)} polls meanwhile", 1000 * quantiles(seconds, n=100)[98], POLLS_P99, "ms")


if __name__ == "__main__":
    main(sys.argv[1:], int(os.environ["PORT"]))
