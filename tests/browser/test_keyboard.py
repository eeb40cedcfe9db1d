"""Without a pointer: everything is reached by Tab, the focus is seen, and it stays where the star was."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    NESTING,
    OPENING,
    PROGRAMME,
    address_of,
    expect_not_starred,
    expect_star_count,
    expect_starred,
    give_stars,
    mailed_code,
    star_of,
)
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

# What an eye sees of the focus: an outline of some width, on an element that is itself on the screen.
FOCUS_IS_SEEN = """() => {
  const { activeElement: element } = document, style = getComputedStyle(element);
  const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && width > 1 && height > 1
    && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
}"""


def press_until_focused(page: Page, key: str, target: Locator) -> None:
    for _ in range(120):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {target}")


def test_skip_link_comes_first_and_leads_to_the_content(page: Page) -> None:
    page.goto(PROGRAMME)

    page.keyboard.press("Tab")

    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)

    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").locator(":focus")).to_have_count(1)


def test_star_is_pressed_by_space_and_enter_and_keeps_the_focus(page: Page) -> None:
    page.goto(PROGRAMME)
    press_until_focused(page, "Tab", star_of(page, OPENING))

    page.keyboard.press("Space")
    expect_starred(page, OPENING)
    expect(star_of(page, OPENING)).to_be_focused()

    page.keyboard.press("Enter")
    expect_not_starred(page, OPENING)
    expect(star_of(page, OPENING)).to_be_focused()

    press_until_focused(page, "Tab", star_of(page, NESTING))
    page.keyboard.press("Enter")
    expect_starred(page, NESTING)
    expect_star_count(page, 1)


def test_visitor_stars_and_signs_up(page: Page) -> None:
    page.goto(PROGRAMME)
    press_until_focused(page, "Tab", star_of(page, OPENING))
    page.keyboard.press("Space")
    expect_starred(page, OPENING)

    press_until_focused(page, "Shift+Tab", page.get_by_role("main").get_by_role("link", name="Sign up", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign up")
    press_until_focused(page, "Tab", page.get_by_label("Email"))
    page.keyboard.type("carol@example.org")
    press_until_focused(page, "Tab", page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    code = mailed_code(page, "carol@example.org")
    press_until_focused(page, "Tab", page.get_by_label("Code"))
    page.keyboard.type(code)
    page.keyboard.press("Enter")

    expect(page).to_have_url(PROGRAMME)
    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")


@pytest.mark.parametrize("width", [390, 1280])
def test_focus_is_seen_at_every_stop(open_page: OpenPage, alice: User, width: int) -> None:
    give_stars(alice, OPENING, NESTING)
    page = open_page(alice, viewport={"width": width, "height": 800})
    for path in (PROGRAMME, address_of(OPENING), "/agenda/", "/agenda/calendars/", "/accounts/"):
        page.goto(path)
        page.keyboard.press("Tab")
        stops = 0
        while page.evaluate("document.activeElement !== document.body") and stops < 120:
            assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
            stops += 1
        assert stops > 10
