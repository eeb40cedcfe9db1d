"""The people of every test, and a clean process."""

from __future__ import annotations

import io
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker, Settings

from accounts import limits
from accounts.models import User
from agenda.editing.editors import EDITORS_GROUP
from agenda.version_cache import VersionCache
from scripts.machine import MISSING_REDIS, redis
from tests import one_writer
from tests.emptying import Emptying
from tests.environment import runs_on_postgresql
from tests.redis_server import RedisServer, running

PASSWORD = "correct-horse-battery"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leaves out what runs_on_postgresql does: SQLite's run has all."""
    if connection.vendor == "sqlite":
        return
    left_out = [item for item in items if not runs_on_postgresql(item)]
    items[:] = [item for item in items if runs_on_postgresql(item)]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tables, for pytest-django, and how tests that commit leave them."""
    with django_db_blocker.unblock():
        emptying = Emptying()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda test: emptying())
        yield


@pytest.fixture
def migrated(transactional_db: None) -> Callable[[Path], None]:
    """Makes a SQLite database at the path as migrations leave it, in no time; of the one that the test has."""

    def make(path: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA journal_mode = WAL")  # which VACUUM does not keep

    return make


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """Rows come back with the same pk and time after each test; what was made of them must not."""
    yield
    VersionCache.clear_all()
    limits.full.clear()


@pytest.fixture(autouse=True)
def one_writer_of_sessions() -> Iterator[None]:
    """Lets editing/changes.py alone save a Session, on the connections of threads and servers of the test, too."""

    def watch(connection: BaseDatabaseWrapper, **about: object) -> None:
        if one_writer.guard not in connection.execute_wrappers:
            connection.execute_wrappers.append(one_writer.guard)

    connection_created.connect(watch)
    with connection.execute_wrapper(one_writer.guard):
        yield
    connection_created.disconnect(watch)


def signed_up(email: str, **fields: object) -> User:
    """A user with a password and a verified address, as after sign-up."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the site's own handler, as settings.py makes it, writes meanwhile."""
    (console,) = (handler for handler in logging.getLogger().handlers if handler.name == "console")
    assert isinstance(console, logging.StreamHandler)
    written = io.StringIO()
    before = console.setStream(written)
    yield written
    console.setStream(before)


@pytest.fixture
def shared_database(transactional_db: None) -> Iterator[None]:
    """A database whose rows are committed, so that threads and other processes of the test see them."""
    yield
    wait_for_fetches()


def wait_for_fetches() -> None:
    """Waits until the thread that writes down the fetches of calendars has written all."""
    for thread in threading.enumerate():
        if thread.name == "fetches":
            thread.join()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """One that the test may kill; skips the test where the machine has none."""
    program = redis()
    if program is None:
        pytest.skip(MISSING_REDIS)
    with running(program) as server:
        yield server


@pytest.fixture(params=["database", "Redis"])
def counters(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Where limits are counted in this test: in the database, and again in Redis."""
    if request.param == "Redis":
        settings.CACHES = request.getfixturevalue("redis_server").caches
    return str(request.param)


@pytest.fixture
def alice(db: None) -> User:
    return signed_up("alice@example.org")


@pytest.fixture
def bob(db: None) -> User:
    return signed_up("bob@example.org")


@pytest.fixture
def editor(db: None) -> User:
    user = signed_up("editor@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=EDITORS_GROUP))
    return user


@pytest.fixture
def root(db: None) -> User:
    return signed_up("root@example.org", is_staff=True, is_superuser=True)
