"""The event's name in the header opens the list of the other events, on the narrowest phone and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.agenda.kvm_forum import add_event
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_switch_leads_to_another_event_and_its_header_stays(open_page: OpenPage, scripts: bool) -> None:
    add_event("summit-of-embedded-systems", "Europe/Paris", "2018-10-31", "2018-11-01")
    page = open_page(java_script_enabled=scripts, viewport={"width": 320, "height": 640})
    page.goto(PROGRAMME)

    page.get_by_text("KVM Forum 2019: other events").click()
    link = page.get_by_role("link", name="Summit Of Embedded Systems")
    expect(link).to_be_in_viewport(ratio=1)
    link.click()
    page.get_by_role("link", name="My agenda").first.click()

    expect(page.locator(".site-head .brand")).to_contain_text("Summit Of Embedded Systems")
