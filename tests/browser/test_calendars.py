"""Calendars made, ended and had back, and the way to the first one from a third star."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import CalendarKey, User
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    NESTING,
    OFFER,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    add_to_calendar,
    expect_star_count,
    expect_starred,
    sign_up,
    star_of,
)

pytestmark = pytest.mark.browser

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
PHONE = {"user_agent": IPHONE, "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("scripts", [True, False])
def test_looking_at_places_makes_no_key_and_revoking_is_undone(open_page: OpenPage, alice: User, scripts: bool) -> None:
    page = open_page(alice, java_script_enabled=scripts)
    page.goto("/agenda/")
    page.get_by_role("link", name="Google Calendar").click()
    page.go_back()
    assert CalendarKey.objects.count() == 0

    address = add_to_calendar(page, "iPhone or Mac")
    assert CalendarKey.objects.get().options == {"alarm": 10}
    page.get_by_role("main").get_by_role("link", name="My calendars").click()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Revoke iPhone or Mac").click()
    assert page.request.get(address).status == 404

    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("status")).to_contain_text("“iPhone or Mac” is back: its old address works again.")
    assert page.request.get(address).status == 200


def test_renewing_says_first_what_it_breaks(open_page: OpenPage, alice: User) -> None:
    key, _ = CalendarKey.objects.issue(alice, name="Phone", once="any")
    page = open_page(alice)
    page.goto("/agenda/calendars/")

    page.locator(".menu summary").click()
    page.get_by_role("link", name="Renew… Phone").click()

    expect(page.get_by_role("main")).to_contain_text("The old address stops working at once.")
    key.refresh_from_db()
    assert key.revoked is None
    page.get_by_role("button", name="Renew Phone").click()
    expect(page.locator("#address")).to_be_visible()


def star(page: Page, *titles: str) -> None:
    for title in titles:
        star_of(page, title).click()
        expect_starred(page, title)


def test_third_star_offers_to_sign_up_and_leads_to_this_devices_calendar(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    page.goto(PROGRAMME)
    star(page, OPENING, NESTING)
    expect(page.locator(".offer")).to_have_count(0)

    star(page, VIRTIO_FS)
    expect(page.locator(".offer")).to_have_text(OFFER)
    page.locator(".offer").get_by_role("link", name="Sign up").click()
    sign_up(page, "carol@example.org")

    expect(page.get_by_role("heading", level=1)).to_have_text("iPhone or Mac")
    expect(page.get_by_label("Remind me 10 minutes before each talk")).to_be_checked()
    assert CalendarKey.objects.count() == 0
    page.get_by_role("button", name="Make my private address").click()
    expect(page.get_by_role("link", name="Subscribe in Apple Calendar")).to_be_visible()
    assert CalendarKey.objects.get().options == {"alarm": 10}


def test_offer_goes_by_going_on_and_comes_once(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    page.goto(PROGRAMME)
    star(page, OPENING, NESTING, VIRTIO_FS)
    expect(page.locator(".offer")).to_have_count(1)

    star_of(page, VIRTIO_FS).click()
    expect_star_count(page, 2)
    expect(page.locator(".offer")).to_have_count(0)

    star(page, VIRTIO_FS)
    expect_star_count(page, 3)
    expect(page.locator(".offer")).to_have_count(0)
