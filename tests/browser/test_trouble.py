"""The listener that every browser test ends with hears what it should."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.steps import PROGRAMME
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("script", "event", "notes"),
    [
        ("console.error('so it goes')", "console", ["console error: so it goes"]),
        ("setTimeout(() => { throw new Error('oh') })", "weberror", ["page error: oh"]),
        ("fetch('/nowhere/')", "console", ["console error: .* 404"]),
        ("document.body.setAttribute('style', 'color: red')", "console", ["console error: .*Content Security Policy"]),
        (
            "document.body.append(Object.assign(new Image(), {src: 'http://example.org/i.png'}))",
            "console",
            ["other host: http://example.org/i.png", "failed: GET http://example.org/i.png csp", "console error: .*"],
        ),
    ],
)
def test_trouble_is_noted(page: Page, trouble: Trouble, script: str, event: str, notes: list[str]) -> None:
    page.goto(PROGRAMME)

    with page.context.expect_event(event):
        page.evaluate(script)

    trouble.foresee(*notes)  # compared with what came when the test ends
