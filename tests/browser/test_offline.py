"""Without network: the programme stays readable, no star is lost, and none comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db.models import F
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from agenda.models import Event, Session, Star, StarLog
from scripts.machine import headless_chromium
from tests.accounts.steps import be_logged_in
from tests.browser.conftest import PATIENCE, QUIET
from tests.browser.network import Network, between
from tests.browser.steps import NESTING, OPENING, PROGRAMME, VIRTIO_FS, expect_not_starred, expect_starred, give_stars, star_of

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def event_of_today(programme: None, settings: Settings) -> Event:
    """KVM Forum as if it began today, on a site whose programmes may be kept."""
    settings.OFFLINE = True
    event = Event.objects.get()
    later = timezone.now().date() - event.starts_on
    Session.objects.update(start=F("start") + later, end=F("end") + later)
    Event.objects.update(starts_on=event.starts_on + later, ends_on=event.ends_on + later)
    return Event.objects.get()


@pytest.fixture
def network(live_server: LiveServer, settings: Settings) -> Iterator[Network]:
    with between(live_server.thread.port) as network:
        settings.SITE_URL = network.url
        yield network


class Phone:
    """A browser that keeps what the site gives it, also when it is started again."""

    def __init__(self, playwright: Playwright, network: Network, folder: Path) -> None:
        self.playwright, self.network, self.folder = playwright, network, folder
        self.errors: list[str] = []
        self.start()

    def start(self) -> None:
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.folder, executable_path=headless_chromium(), args=list(QUIET), base_url=self.network.url
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.context.on("console", lambda message: "Security Policy" in message.text and self.errors.append(message.text))
        self.page = self.context.new_page()

    def log_in(self, user: User) -> None:
        client = Client()
        be_logged_in(client, user)
        cookie = client.cookies[site.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.network.url, "expires": 4e9}])

    def open(self, path: str) -> Page:
        """The page, once the worker has kept the programme."""
        self.page.goto(path)
        self.until("caches.match('/kvm-forum-2019/offline/')")
        self.until("navigator.serviceWorker.controller && localStorage.stars")
        return self.page

    def until(self, what: str) -> None:
        """Waits until the expression, or what it promises, is true in the page."""
        for _ in range(PATIENCE // 50):
            if self.page.evaluate(f"Promise.resolve({what}).then(Boolean)"):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(what)

    def cut(self) -> None:
        self.network.be("cut")
        self.context.set_offline(True)

    def up(self) -> None:
        self.network.be("up")
        self.context.set_offline(False)


@pytest.fixture
def phone(playwright: Playwright, network: Network, tmp_path: Path) -> Iterator[Phone]:
    phone = Phone(playwright, network, tmp_path / "phone")
    yield phone
    phone.context.close()
    assert phone.errors == []


def test_first(phone: Phone, alice: User) -> None:
    give_stars(alice, OPENING)
    phone.log_in(alice)
    page = phone.open(PROGRAMME)
    print(phone.network.answered)
    phone.cut()
    page.reload()
    print(page.locator(".offline-bar").inner_text())
    expect_starred(page, OPENING)
    star_of(page, NESTING).click()
    page.goto("/agenda/")
    print(page.locator("main").inner_text()[:600])
    print(page.locator(".offline-bar").inner_text())
    page.set_viewport_size({"width":390,"height":844})
    page.emulate_media(color_scheme="dark")
    page.screenshot(path="/tmp/off1.png")
    phone.up()
    page.wait_for_timeout(3000)
    print(page.locator("main").inner_text()[:600])
    print(phone.network.answered[-8:], StarLog.objects.values("through","acted","at"))
    page.screenshot(path="/tmp/off2.png")
