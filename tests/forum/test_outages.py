"""A bad day: the disk is full, the database takes no writes, or Redis or the database is gone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import devices
from accounts.models import CalendarKey
from tests.conftest import PASSWORD

KVM = "/kvm-forum-2019/"
SESSION = f"{KVM}sessions/managing-matryoshkas-testing-nested-guests"
WRONG = f"/calendar/{'x' * 40}.ics"
SORRY = "That is not possible at the moment"
REDIS_GONE = {"BACKEND": "accounts.counters.RedisCounters", "LOCATION": "redis://127.0.0.1:1/0"}
# What goes on, whatever cannot be written; what a visitor (or an owner of a calendar) is answered.
GO_ON = {
    **dict.fromkeys(("/accounts/login/", KVM, f"{KVM}now/", f"{KVM}speakers/", f"{SESSION}/", "/events/"), 200),
    **dict.fromkeys((f"{KVM}schedule.ics", f"{SESSION}.ics", "/health/live"), 200),
    WRONG: 404,
    "/dav/": 401,
}
is_postgresql = "postgres" in os.environ.get("DATABASE_URL", "")


@contextmanager
def no_writes() -> Iterator[None]:
    on, off = (
        ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
        if is_postgresql
        else ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
    yield
    with connection.cursor() as cursor:
        cursor.execute(off)


@contextmanager
def full_disk(settings: Any, folder: Path) -> Iterator[None]:
    """The database and the cache on a disk with a little room, which a third file has then filled up."""
    before = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    folder.mkdir()
    # What other tests of this process have left in the database counts too, so its own size is asked.
    size = Path(before).stat().st_size + 3_000_000
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("Only root may mount a disk.")
    try:
        connection.settings_dict["NAME"] = shutil.copy(before, folder)
        settings.VAR_DIR = folder
        assert Client().get("/health/ready").content == b"ok\n"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 512)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def people(shared_database, kvm_forum, alice, bob, settings) -> dict[str, Client]:
    """Alice, who is logged in and has not been seen for a while, and a visitor."""
    clients = {name: Client(raise_request_exception=False) for name in ("alice", "visitor")}
    clients["alice"].force_login(alice)
    clients["alice"].get(KVM)
    devices.noted.clear()
    devices.UserSession.objects.all().delete()
    return clients


@pytest.fixture(params=["no writes", "full disk", "Redis gone"])
def outage(request, people, alice_feed, settings, tmp_path) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "no writes":
            stack.enter_context(no_writes())
        elif request.param == "Redis gone":
            settings.CACHES = {"default": REDIS_GONE}
        elif is_postgresql:
            pytest.skip("Its disk is its server's.")
        else:
            stack.enter_context(full_disk(settings, tmp_path / "disk"))
        yield request.param


def said(response) -> tuple[int, list[str]]:
    return response.status_code, re.findall("<h1>(.*?)</h1>", response.content.decode())


def test_what_can_go_on_goes_on(outage, people, alice_feed):
    visitor = {at: people["visitor"].get(at).status_code for at in GO_ON}
    alice = {at: people["alice"].get(at).status_code for at in (KVM, "/agenda/", f"{SESSION}/", "/agenda/calendars/")}

    assert visitor == GO_ON
    assert set(alice.values()) == {200}
    assert people["visitor"].get(alice_feed).content.startswith(b"BEGIN:VCALENDAR")


def test_search_goes_on_uncounted(outage, people):
    assert [client.get(f"{KVM}?q=nested").status_code for client in people.values()] == [200, 200]


def test_revoked_calendar_stays_closed(people, alice_feed, settings):
    CalendarKey.objects.update(revoked="2019-10-01T00:00Z")
    settings.CACHES = {"default": REDIS_GONE}

    assert people["visitor"].get(alice_feed).status_code == 404


def test_log_in_is_refused_in_words(outage, people):
    form = {"login": "bob@example.org", "password": PASSWORD}

    response = people["visitor"].post("/accounts/login/", form)

    assert said(response) == (503, [SORRY])
    assert (response["Retry-After"], response["Cache-Control"]) == ("60", "no-store")


def test_star_that_cannot_be_saved_is_not_acknowledged(outage, people):
    answers = {name: client.post(f"{SESSION}/star") for name, client in people.items()}

    expected = (302, []) if outage == "Redis gone" else (503, [SORRY])
    assert {name: said(response) for name, response in answers.items()} == dict.fromkeys(people, expected)


def test_ready_says_what_is_missing(outage, client):
    response = client.get("/health/ready")

    words = {
        "no writes": "the database takes no writes\n",
        "full disk": "the database takes no writes, no space on the disk\n",
        "Redis gone": "no cache\n",
    }
    assert (response.status_code, response.content.decode()) == (503, words[outage])


def test_database_that_is_gone_is_said_on_every_page(people, alice_feed, client):
    key, gone = ("HOST", "/nowhere") if is_postgresql else ("NAME", "/nowhere/db.sqlite3")
    before = connection.settings_dict[key]
    connection.close()
    connection.settings_dict[key] = gone
    try:
        answers = {at: people["visitor"].get(at) for at in ("/", KVM, alice_feed, WRONG, "/agenda/")}
        alive, ready = client.get("/health/live"), client.get("/health/ready")
    finally:
        connection.close()
        connection.settings_dict[key] = before

    assert {at: said(response) for at, response in answers.items()} == dict.fromkeys(answers, (503, [SORRY]))
    assert (alive.content, ready.status_code) == (b"ok\n", 503)
    assert ready.content.startswith(b"no database")
    assert people["visitor"].get(KVM).status_code == 200


def test_mistake_of_ours_is_none_of_the_day_s(people):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE agenda_star RENAME TO elsewhere")
    try:
        response = people["alice"].get("/agenda/")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO agenda_star")

    assert said(response) == (500, ["Something went wrong on our side"])
