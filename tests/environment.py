"""The environment the suite runs in; a pytest plugin, so that it stands before Django reads its settings."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

# As the Makefile ignores them on PostgreSQL, so that nothing of them is even imported there.
LEFT_OUT = ("tests/browser/", "tests/agenda/formats/")

gc.disable()  # until all is collected
# A machine that is busy, or slow, fails no test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
os.environ["DEBUG"] = "0"
os.environ["SECRET_KEY"] = "a-key-for-tests-only-" + "0123456789abcdef" * 3
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="forum-agenda-tests-")
# Playwright's synchronous API keeps an event loop in the test's thread, which Django takes for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sets what tests need: SQLite in a file, static files from their folders, fast hashes, the client's address."""
    from django.conf import settings  # noqa: PLC0415 (only now is the environment complete)

    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        # A file, as on a real site, so that each thread has a connection of its own. A database in memory has one
        # connection, on which all threads would share their transactions.
        own = settings.DATABASES["default"]
        own["TEST"]["NAME"] = f"{os.environ['VAR_DIR']}/test.sqlite3"
        own["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = True
    settings.SITE_URL = "http://testserver"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: a worker waits while Chromium or another program is at work for it.

    PostgreSQL's tests have no Chromium: one more would take more time than it saves.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 1) + (not os.environ.get("DATABASE_URL", "").startswith("postgres"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Takes what was imported and collected from the garbage collector: all of it stays to the end.

    It looks at the rest less often than usual, as no test leaves much: a tenth of the processor's time.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Runs the test as pytest does, with room for its calls."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    _with_room(lambda: runtestprotocol(item, nextitem=nextitem))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def runs_on_postgresql(item: pytest.Item) -> bool:
    """Whether PostgreSQL's run has the test; SQLite's has all."""
    marked = {marker.name for marker in item.iter_markers()}
    if item.nodeid.startswith(LEFT_OUT) or ("any_database" in marked and "on_postgresql" not in marked):
        return False
    fixtures = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or "django_db" in marked


def _with_room(call: Callable[[], object]) -> None:
    """Makes the call in a frame that says that it is large, so that Python takes 1 MB for it and for all inner calls.

    Otherwise Python takes memory for frames by 16 kB, and gives it back at once. Where a loop calls from the end of
    such a piece, each call asks the system for another: a thousand times a test.
    """
    call()


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=2**16)  # words: half a MB, doubled by Python
