"""The agenda on paper, and times by the reader's own clock."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME, give_stars

pytestmark = pytest.mark.browser


def test_agenda_prints_on_one_sheet(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, *Session.objects.in_order().values_list("title", flat=True)[:12])
    page = open_page(alice)
    page.goto("/agenda/")

    page.emulate_media(media="print")

    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sheets) == 1
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    expect(page.locator("li.session h3")).to_have_count(12)


def test_programme_prints_without_its_controls(page: Page) -> None:
    page.goto(PROGRAMME)

    page.emulate_media(media="print")

    for hidden in (".filters", ".site-nav", "button.star"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_role("heading", name="KVM Forum 2019", exact=True)).to_be_visible()


def test_own_zone_is_one_tap_away_and_remembered(open_page: OpenPage) -> None:
    page = open_page(timezone_id="America/New_York")
    page.goto(PROGRAMME)
    expect(page.locator("time.from").first).to_have_text("11:00")

    page.get_by_role("button", name="show mine").click()
    expect(page.locator("time.from").first).to_have_text("06:00")

    page.goto(f"{PROGRAMME}sessions/nesting-testing/")
    expect(page.get_by_text("times in EDT (America/New_York)")).to_be_visible()
    page.get_by_role("button", name="show CET").click()
    expect(page.get_by_text("times in CET")).to_be_visible()


def test_first_visit_asks_one_host_and_little(page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    page.goto(PROGRAMME, wait_until="networkidle")

    assert len(requests) <= 8
    assert {url.split("/")[2] for url in requests} == {page.url.split("/")[2]}
