"""What people do in the browser tests, in their words."""

from __future__ import annotations

import re

from django.core import mail
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.models import Session, Star
from tests.conftest import PASSWORD

PROGRAMME = "/kvm-forum-2019/"
OPENING = "Managing Matryoshkas: Testing Nested Guests"
NESTING = "Nesting&testing"
VIRTIO_FS = "virtio-fs: A Shared File System for Virtual Machines"
LAST = "Bring QEMU to Micro Service World"
OPENING_PAGE = f"{PROGRAMME}sessions/managing-matryoshkas-testing-nested-guests/"


def star_of(page: Page, title: str) -> Locator:
    return page.get_by_role("button", name=f"Star: {title}", exact=True)


def expect_starred(page: Page, *titles: str) -> None:
    for title in titles:
        expect(star_of(page, title)).to_have_attribute("aria-pressed", "true")


def expect_not_starred(page: Page, *titles: str) -> None:
    for title in titles:
        expect(star_of(page, title)).to_have_attribute("aria-pressed", "false")


def expect_star_count(page: Page, count: int) -> None:
    expect(page.locator("#star-count")).to_have_text(str(count or ""))


def row_of(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=star_of(page, title))


def is_focused(locator: Locator) -> bool:
    return bool(locator.evaluate("element => element === document.activeElement"))


def press_until_focused(page: Page, key: str, target: Locator) -> None:
    """Goes there by Tab or Shift+Tab, as somebody without a pointer must."""
    for _ in range(80):
        page.keyboard.press(key)
        if is_focused(target):
            return
    raise AssertionError(f"{key} does not reach {target}")


def give_stars(user: User, *titles: str) -> None:
    """Stars are there already; no test of how they came."""
    sessions = Session.objects.filter(title__in=titles)
    assert len(sessions) == len(titles)
    Star.objects.bulk_create(Star(user=user, session=session) for session in sessions)


def sign_in(page: Page, email: str) -> None:
    """From the log-in page, with the password all people of the tests have."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()


def sign_up(page: Page, email: str) -> None:
    """From the sign-up page to the end, with the code that was mailed."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code").fill(mailed_code(page, email))
    page.get_by_role("button", name="Continue").click()


def mailed_code(page: Page, email: str) -> str:
    """The code in the latest mail, once the page says that it was sent."""
    expect(page.get_by_role("main")).to_contain_text(f"We sent a code to {email}")
    message = mail.outbox[-1]
    assert message.to == [email]
    return str(message.body).split()[0]


def add_to_calendar(page: Page, place: str) -> str:
    """From my agenda; the address that is shown, this once."""
    page.get_by_role("form", name="Add to my calendar").get_by_role("button", name=place).click()
    address = page.locator("#address")
    expect(address).to_have_text(re.compile(r"^http://localhost:\d+/calendar/\w+\.ics$"))
    return str(address.text_content())
