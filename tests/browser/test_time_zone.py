"""My own time zone: one tap to it, remembered, one tap back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.steps import NESTING, OPENING, PROGRAMME, hour_of

pytestmark = pytest.mark.browser


def test_times_are_shown_in_my_zone_with_one_tap_and_remembered(open_page: OpenPage) -> None:
    page = open_page(timezone_id="America/New_York")
    page.goto(PROGRAMME)
    main = page.get_by_role("main")
    expect(main).to_contain_text("times in CET")
    expect(hour_of(page, OPENING)).to_contain_text("11:00")

    page.get_by_role("button", name="use mine").click()

    expect(main).to_contain_text("times in EDT, UTC-4 (America/New_York)")
    expect(hour_of(page, OPENING)).to_contain_text("06:00")
    page.get_by_role("link", name=NESTING, exact=True).click()
    expect(main).to_contain_text("times in EDT, UTC-4 (America/New_York)")
    expect(main).to_contain_text("06:30–07:00")

    page.get_by_role("button", name="show CET").click()

    expect(main).to_contain_text("times in CET")
    expect(main).to_contain_text("11:30–12:00")
