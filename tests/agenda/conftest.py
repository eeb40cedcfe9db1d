"""The programme that most tests read: KVM Forum 2019, Track 2, as the fixture has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import CalendarKey, User
from agenda.models import Appearance, Event, Material, Room, Session, Speaker, StarLog, Track
from agenda.stars.starring import star
from tests import calendar_programs
from tests.agenda.kvm_forum import session_of
from tests.agenda.rows import Inserts, inserts, put_back

MODELS = (Event, Track, Room, Speaker, Session, Appearance, Material)


@pytest.fixture(scope="session")
def programme_rows() -> Inserts:
    """What puts the fixture's rows back, once they were loaded."""
    return {}


@pytest.fixture
def kvm_forum(db: None, programme_rows: Inserts) -> Event:
    if programme_rows:
        put_back(programme_rows)
    else:
        call_command("loaddata", "kvm-forum-2019", verbosity=0)
        programme_rows |= inserts(model._default_manager.all() for model in MODELS)
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
        done = calendar_programs.run("khal", "-c", config, *arguments, home=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
