"""The programme that most tests read: KVM Forum 2019, Track 2, as the fixture has it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import CalendarKey, User
from agenda.models import Appearance, Event, Material, Room, Session, Speaker, StarLog, Track
from agenda.stars.starring import star
from tests.agenda.kvm_forum import session_of

MODELS = (Event, Track, Room, Speaker, Session, Appearance, Material)


@pytest.fixture(scope="session")
def programme_rows() -> dict[str, list[object]]:
    """The fixture's rows once they were loaded, by the SQL that puts them back: 50 times as fast as loading them."""
    return {}


def insert_of(model: type[Model]) -> tuple[str, list[object]]:
    """The SQL that inserts the model's rows, and its parameters."""
    fields, rows = model._meta.local_concrete_fields, model._default_manager.all()
    names = ", ".join(connection.ops.quote_name(str(name)) for name in (field.column for field in fields))
    each = f"({', '.join(['%s'] * len(fields))})"
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({names}) VALUES {', '.join([each] * len(rows))}"  # noqa: S608 (names of ours)
    return sql, [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]


@pytest.fixture
def kvm_forum(db: None, programme_rows: dict[str, list[object]]) -> Event:
    if programme_rows:
        with transaction.atomic(), connection.cursor() as cursor:  # its event and a track of it name each other
            for sql, values in programme_rows.items():
                cursor.execute(sql, values)
    else:
        call_command("loaddata", "kvm-forum-2019", verbosity=0)
        programme_rows |= dict(insert_of(model) for model in MODELS)
    return Event.objects.get(slug="kvm-forum-2019")


@pytest.fixture
def opening(kvm_forum: Event) -> Session:
    """Its first session: Thursday 31 October 2019, 11:00 in Lyon, 10:00 UTC."""
    return Session.objects.get(slug="managing-matryoshkas-testing-nested-guests")


@pytest.fixture
def alice_feed(alice: User) -> str:
    """The address of Alice's calendar."""
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    return f"/calendar/{key}.ics"


@pytest.fixture
def starred(kvm_forum: Event, alice: User) -> list[Session]:
    """Three of its sessions, starred by Alice."""
    sessions = [session_of(title) for title in ("Nesting&testing", "What's Going On?", "KubeVirt")]
    star(alice, [session.pk for session in sessions], through=StarLog.Through.PAGE)
    return sessions


@pytest.fixture
def khal(tmp_path: Path) -> Callable[..., str]:
    """khal's command line for a reader in Tokyo; returns what it prints. Its library would switch icalendar to pytz."""
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[mine]]\npath = {tmp_path}\n[sqlite]\npath = {tmp_path}/khal.db\n"
        "[locale]\nlocal_timezone = Asia/Tokyo\ntimeformat = %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
    )

    def run(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "khal", "-c", config, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return run
