"""Over to another site and back, as the Content-Security-Policy lets a browser go."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from csp.constants import SELF
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.accounts.fake_provider import Provider, running_provider
from tests.browser.steps import OPENING, PROGRAMME, Taps, expect_starred, star_of
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("NO_PROXY", "localhost")
    with running_provider() as provider:
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": [SELF, provider.url]}}
        settings.SOCIALACCOUNT_PROVIDERS = provider.settings
        yield provider


def test_account_elsewhere_opens_one_here_in_two_taps_and_keeps_the_star(
    page: Page, provider: Provider, trouble: Trouble
) -> None:
    trouble.foresee(f"other host: {provider.url}/authorize")
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    taps = Taps()

    taps.tap(page.get_by_role("main").get_by_role("link", name="Sign up", exact=True))
    taps.tap(page.get_by_role("button", name="Continue with Example"))

    expect(page).to_have_url(re.compile(re.escape(PROGRAMME) + "$"))
    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")
    expect_starred(page, OPENING)
    assert taps.count == 2
