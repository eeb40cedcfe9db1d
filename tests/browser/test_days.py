"""My own days: with my zone, no heading says a date that a row's time does not have; a row of another date says it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agenda.models import Event
from tests.agenda.kvm_forum import add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import OPENING, PROGRAMME, row_of

pytestmark = pytest.mark.browser

# Each row whose heading's day and month, or else the weekday beside its time, are not those of its own start there.
WRONG = """zone => [...document.querySelectorAll("ol.programme")].flatMap((list) => {
  const heading = list.previousElementSibling.textContent;
  return [...list.querySelectorAll("time.from")].filter((time) => {
    const [, year, month, day, clock] = time.dateTime.match(/(\\d+)-(\\d+)-(\\d+)T(\\d+:\\d+)/);
    const at = new Date(Date.UTC(year, month - 1, day));
    const words = (options) => at.toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
    const [said, weekday] = time.textContent.trim().split(" ").reverse();
    const isThere = weekday
      ? weekday === words({ weekday: "short" })
      : heading.includes(`${words({ weekday: "long" })}, ${words({ day: "numeric", month: "long" })}`);
    return said !== clock || !isThere;
  }).map((time) => `${heading}: ${time.textContent}`);
})"""


def headings(page: Page) -> list[str]:
    return [text.split(" 2019")[0] for text in page.locator("h2.day").all_text_contents()]


def test_days_are_mine_in_my_zone_and_the_programmes_in_its_own(open_page: OpenPage, kvm_forum: Event) -> None:
    add_session(kvm_forum, "Night talk", "2019-11-02 00:30")
    page = open_page(timezone_id="Pacific/Auckland")
    page.goto(PROGRAMME)
    assert headings(page) == ["Thursday, 31 October", "Friday, 1 November"]
    expect(page.locator(".hour:has(#s-night-talk) time.from")).to_have_text("Sat 00:30")
    assert page.evaluate(WRONG) == []

    page.get_by_role("button", name="use mine").click()

    expect(page.get_by_role("main")).to_contain_text("times in NZDT, UTC+13 (Pacific/Auckland)")
    assert headings(page) == ["Thursday, 31 October", "Friday, 1 November", "Saturday, 2 November"]
    expect(page.locator(".hour:has(#s-night-talk) time.from")).to_have_text("12:30")
    assert page.evaluate(WRONG) == []
    row_of(page, OPENING).locator(".star").click()
    expect(row_of(page, OPENING).locator(".star")).to_have_attribute("aria-pressed", "true")
    page.goto("/agenda/")
    expect(row_of(page, OPENING)).to_contain_text("23:00")
    assert page.evaluate(WRONG) == []
