"""A phone in somebody's hand: a browser that keeps what it is given, behind a network that may be cut."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Playwright

from accounts.models import User
from scripts.machine import headless_chromium
from tests.accounts.steps import be_logged_in
from tests.browser.conftest import PATIENCE, QUIET
from tests.browser.network import Network
from tests.browser.steps import count_requests

FILL = """
for (let size = 2 ** 23, text = ""; size >= 1; ) {
  try {
    localStorage.setItem("filled", text + "x".repeat(size));
    text += "x".repeat(size);
  } catch {
    size = Math.floor(size / 2);
  }
}
"""


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
        self.context.on(
            "console", lambda message: "Security Policy" in message.text and self.errors.append(message.text)
        )
        count_requests(self.context)
        self.page = self.context.new_page()

    def restart(self) -> None:
        self.context.close()
        self.start()
        self.context.set_offline(self.network.state == "cut")

    def log_in(self, user: User) -> None:
        client = Client()
        be_logged_in(client, user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
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

    def leave_no_room(self) -> None:
        """Fills what the site may keep, under the key "filled"."""
        self.page.evaluate(FILL)

    def change_room(self, origin: str, size: int | None) -> None:
        """What the browser lets the site keep, in bytes; None for as much as usual."""
        room = {"origin": origin} if size is None else {"origin": origin, "quotaSize": size}
        self.context.new_cdp_session(self.page).send("Storage.overrideQuotaForOrigin", room)

    def set_clock_wrong(self, by: timedelta) -> None:
        """Puts the clock forward by so much, or back, for all pages that are loaded from now on."""
        self.context.add_init_script(f"Date.now = (now => () => now() + {by // timedelta(milliseconds=1)})(Date.now);")

    def cut(self) -> None:
        self.network.be("cut")
        self.context.set_offline(True)

    def up(self) -> None:
        self.network.be("up")
        self.context.set_offline(False)
