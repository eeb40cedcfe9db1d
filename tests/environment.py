"""The environment the suite runs in; a pytest plugin, so that it stands before Django reads its settings."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

TRACED: set[object] = set()  # the tests that were traced

os.environ["DEBUG"] = "0"
os.environ["SECRET_KEY"] = "a-key-for-tests-only-" + "0123456789abcdef" * 3
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="forum-agenda-tests-")
# Playwright's synchronous API keeps an event loop in the test's thread, which Django takes for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Static files straight from their folders; passwords hashed fast; the address that Django's client asks."""
    from django.conf import settings  # noqa: PLC0415 (only now is the environment complete)

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = True
    settings.SITE_URL = "http://testserver"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a worker waits while Chromium, PostgreSQL or another server is at work for it."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Runs the test as pytest does, with room for its calls, and traced only where that brings something."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    with nullcontext() if _is_traced(item) else _untraced():
        _with_room(lambda: runtestprotocol(item, nextitem=nextitem))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _is_traced(item: pytest.Item) -> bool:
    """True of the first row of each table of a worker, without Chromium and without Hypothesis.

    Tracing doubles a test's time, and further rows run the same lines. What they alone reach counts as not run,
    so the floor under the coverage is no easier to keep.
    """
    function = getattr(item, "function", None)
    is_new = function not in TRACED and not hasattr(function, "hypothesis")
    TRACED.add(function)
    return is_new and item.get_closest_marker("browser") is None


@contextmanager
def _untraced() -> Iterator[None]:
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


def _with_room(call: Callable[[], object]) -> None:
    """Python takes memory for the frames of calls by 16 kB, and gives it back at once.

    Where a loop calls from the end of such a piece, each call asks the system for another: a thousand times a test.
    A frame that says that it is large gets a piece of 1 MB, in which those of all inner calls have their place.
    """
    call()


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=2**16)  # words: half a MB, doubled by Python
