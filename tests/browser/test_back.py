"""Back, with Chromium's back/forward cache on: a shared browser shows nothing of the person who used it before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from accounts.models import User
from tests.browser.conftest import OpenPage, launched
from tests.browser.steps import (
    LAST,
    OPENING,
    PROGRAMME,
    address_of,
    expect_not_starred,
    expect_star_count,
    give_stars,
    leave,
    log_out,
    row_of,
    settle,
    sign_in,
    star_of,
)

pytestmark = pytest.mark.browser

LOG_IN, ELSEWHERE = "/accounts/login/", "/events/"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser with the cache that playwright switches off."""
    browser = launched(playwright, with_back_cache=True)
    yield browser
    browser.close()


def go_back(page: Page, *, from_elsewhere: int) -> None:
    """So many pages back from a page that shows nothing of anybody."""
    page.goto(ELSEWHERE)
    leave(page, f"history.go(-{from_elsewhere})")
    expect(page).not_to_have_url(ELSEWHERE)
    settle(page)


def test_cache_is_on(page: Page) -> None:
    page.goto(PROGRAMME)
    page.evaluate("window.isTheSame = true")

    go_back(page, from_elsewhere=1)

    assert page.evaluate("window.isTheSame") is True


@pytest.mark.parametrize(("bob_comes", "scripts"), [(False, True), (True, False)])
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (PROGRAMME, "[aria-pressed=true]"),
        ("/agenda/", ".session .title"),
        ("/accounts/", "text=alice@example.org"),
        ("/accounts/2fa/totp/activate/", ".secret"),
    ],
)
def test_page_of_a_person_is_not_shown_after_log_out_nor_to_the_next_person(
    open_page: OpenPage, alice: User, bob: User, address: str, shown: str, bob_comes: bool, scripts: bool
) -> None:
    give_stars(alice, OPENING)
    page = open_page(java_script_enabled=scripts)
    page.goto(f"{LOG_IN}?next={address}")
    sign_in(page, alice.email)
    expect(page).to_have_url(address)
    private = page.locator(shown).first.evaluate("element => element.outerHTML")
    assert private in page.content()

    log_out(page)
    if bob_comes:
        page.goto(LOG_IN)
        sign_in(page, bob.email)
        expect(page).to_have_url("/agenda/")
    go_back(page, from_elsewhere=5 if bob_comes else 3)

    assert private not in page.content()


def test_page_that_a_visitor_starred_on_is_loaded_again_once_they_logged_in_and_out(page: Page, alice: User) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_star_count(page, 1)
    page.get_by_role("link", name="Sign up or log in").click()
    sign_in(page, alice.email)
    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")
    log_out(page)

    go_back(page, from_elsewhere=5)

    expect(page).to_have_url(PROGRAMME)
    expect_not_starred(page, OPENING)
    expect_star_count(page, 0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_back_while_logged_in_returns_to_the_same_row(open_page: OpenPage, alice: User) -> None:
    page = open_page(alice)
    page.goto(PROGRAMME)
    row_of(page, LAST).get_by_role("link", name=LAST).click()
    expect(page).to_have_url(address_of(LAST))

    leave(page, "history.back()")

    expect(page).to_have_url(PROGRAMME)
    expect(star_of(page, LAST)).to_be_in_viewport()
