"""A real Chromium against a live server; every test also fails on what goes wrong unseen in the browser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.core.signals import request_started
from django.test import Client
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from agenda.models import Event
from scripts.machine import MISSING_CHROMIUM, chromium, headless_chromium
from tests.accounts.steps import be_logged_in
from tests.agenda.conftest import kvm_forum, programme_rows
from tests.browser.leaks import Leaks
from tests.browser.steps import count_requests
from tests.browser.trouble import Trouble
from tests.forum.secrecy import talkative_logs

__all__ = ["kvm_forum", "programme_rows"]

PATIENCE = 15_000  # milliseconds; the machine may be busy with other tests
QUIET = (
    "--no-sandbox",  # Chromium's own does not start in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class OpenPage(Protocol):
    def __call__(self, user: User | None = None, **options: Any) -> Page:
        """An empty page in a fresh context, as of another person; signed in already, if one is given."""


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One for all browser tests of a process, gone before the others run: its event loop would be in their way."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


def launched(playwright: Playwright, *, with_back_cache: bool = False) -> Browser:
    found = chromium() if with_back_cache else headless_chromium()
    if not found:
        pytest.fail(MISSING_CHROMIUM, pytrace=False)
    switched_off = ["--disable-back-forward-cache"] if with_back_cache else []
    return playwright.chromium.launch(executable_path=found, args=list(QUIET), ignore_default_args=switched_off)


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for all browser tests of a process."""
    browser = launched(playwright)
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def programme(transactional_db: None, kvm_forum: Event) -> None:
    """KVM Forum is there in every test, for the browser's requests to see."""


@pytest.fixture(autouse=True)
def trouble(live_server: LiveServer) -> Iterator[Trouble]:
    """Fails the test at its end for what it did not foresee, and for what it foresaw and did not come."""
    trouble = Trouble(live_server.url)
    yield trouble
    assert trouble.unforeseen() == []
    assert trouble.missing() == []


@pytest.fixture(autouse=True)
def leaks(transactional_db: None, logged: io.StringIO) -> Iterator[Leaks]:
    """Fails the test at its end for every secret of it that is in a log, a Referer or the editing history."""
    leaks = Leaks(logged)
    request_started.connect(leaks.request_came)
    with talkative_logs():
        yield leaks
    request_started.disconnect(leaks.request_came)
    assert leaks.found() == []


@pytest.fixture(autouse=True)
def own_address(live_server: LiveServer, settings: Settings) -> None:
    """What pages, feeds and mails say of where the site is."""
    settings.SITE_URL = live_server.url
    settings.OFFLINE = False  # but for the tests of the worker: it would answer in place of the site


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, trouble: Trouble, leaks: Leaks) -> Iterator[OpenPage]:
    contexts = []

    def open_one(user: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        trouble.watch(context)
        count_requests(context)
        leaks.watch(context)
        if user:
            client = Client()
            be_logged_in(client, user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return context.new_page()

    yield open_one
    for context in contexts:
        leaks.context_ends(context)
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()
