"""The same stars with JavaScript off: each tap sends a form and comes back to the same place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    LAST,
    NESTING,
    OFFER,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    address_of,
    expect_not_starred,
    expect_star_count,
    expect_starred,
    hour_of,
    mailed_code,
    row_of,
    sign_up,
    star_of,
    unstarred_row_of,
)
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(java_script_enabled=False)


def test_star_and_unstar_land_on_the_same_place(page: Page) -> None:
    page.goto(f"{PROGRAMME}?view=full&slides=1")

    star_of(page, LAST).click()

    expect(page).to_have_url(f"{PROGRAMME}?view=full&slides=1#s-bring-qemu-to-micro-service-world")
    expect(star_of(page, LAST)).to_be_in_viewport()
    expect_starred(page, LAST)
    expect_star_count(page, 1)

    star_of(page, LAST).click()

    expect(page).to_have_url(f"{PROGRAMME}?view=full&slides=1#s-bring-qemu-to-micro-service-world")
    expect(star_of(page, LAST)).to_be_in_viewport()
    expect_not_starred(page, LAST)
    expect_star_count(page, 0)


def test_stars_come_along_to_the_agenda_of_a_new_account(page: Page) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    star_of(page, VIRTIO_FS).click()
    page.goto(address_of(NESTING))
    star_of(page, NESTING).click()
    expect(page).to_have_url(f"{address_of(NESTING)}#s-nesting-testing")

    expect(page.locator(".offer")).to_have_text(OFFER)
    page.get_by_role("link", name="My agenda 3").click()
    expect(page.locator(".offer")).to_have_count(0)
    page.get_by_role("main").get_by_role("link", name="Sign up", exact=True).first.click()
    sign_up(page, "carol@example.org")

    expect(page).to_have_url("/agenda/")
    expect(page.get_by_role("status")).to_contain_text("3 talks you starred are now in your agenda.")
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)


def test_unstarring_in_the_agenda_keeps_the_row_once_and_can_be_undone(page: Page) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    star_of(page, NESTING).click()
    page.goto("/agenda/")

    star_of(page, NESTING).click()

    expect(page).to_have_url(re.compile("/agenda/\\?unstarred=.*#s-nesting-testing$"))
    expect(unstarred_row_of(page, NESTING)).to_be_in_viewport()
    expect(page.get_by_role("main")).to_contain_text("1 talk · 30 min")
    expect_starred(page, OPENING)

    page.get_by_role("button", name=f"Undo and star {NESTING} again").click()

    expect_starred(page, OPENING, NESTING)
    star_of(page, NESTING).click()
    page.goto("/agenda/")
    expect(row_of(page, NESTING)).to_have_count(0)


@pytest.mark.parametrize("cookie", ["lost", "another"])
def test_star_of_a_page_that_was_open_too_long_is_kept_and_repeated(page: Page, trouble: Trouble, cookie: str) -> None:
    trouble.foresee("status of 403")
    page.goto(f"{PROGRAMME}?day=2019-11-01")
    page.context.clear_cookies()
    if cookie == "another":
        page.context.add_cookies([{"name": "csrftoken", "value": 32 * "a", "url": page.url}])

    star_of(page, LAST).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("The page was open too long")
    expect(page.get_by_role("main")).to_contain_text("Your star is not lost")

    page.get_by_role("button", name="Star it again").click()

    expect(page).to_have_url(f"{PROGRAMME}?day=2019-11-01#s-bring-qemu-to-micro-service-world")
    expect_starred(page, LAST)


def test_zone_is_chosen_from_a_list(page: Page) -> None:
    page.goto(PROGRAMME)

    page.get_by_role("button", name="use mine").click()
    page.get_by_label("Show times in").select_option("America/New_York")
    page.get_by_role("button", name="Show times in this zone").click()

    expect(page).to_have_url(PROGRAMME)
    expect(page.get_by_role("main")).to_contain_text("times in EDT, UTC-4 (America/New_York)")
    expect(hour_of(page, OPENING)).to_contain_text("06:00")


def test_sign_in_by_mailed_code(page: Page) -> None:
    page.goto("/accounts/signup/")
    sign_up(page, "carol@example.org")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()

    page.goto("/accounts/login/?next=/agenda/")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Mail me a code instead").click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_url("/agenda/")
    expect(page.get_by_role("link", name="Sign up or log in")).to_have_count(0)
