"""A first visit asks for little, and of nobody else."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from forum.small_files import without_comments
from tests.browser.steps import PROGRAMME

pytestmark = pytest.mark.browser

MOST_REQUESTS = 8
SHEETS = sorted(Path(settings.BASE_DIR).glob("forum/static/forum/*.css"))
RULES = """(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map((rule) => rule.cssText.replaceAll(/([,:])\\s+/g, "$1"));
}"""


def test_first_visit_makes_few_requests_all_to_this_site(page: Page, live_server: LiveServer) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(PROGRAMME, wait_until="networkidle")

    assert {urlsplit(address).netloc for address in asked} == {urlsplit(live_server.url).netloc}
    assert len(asked) <= MOST_REQUESTS


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheet_made_small_has_the_same_rules(page: Page, sheet: Path) -> None:
    text = sheet.read_text()
    small = without_comments(sheet.name, text)

    rules = page.evaluate(RULES, text)
    assert len(rules) > 10
    assert page.evaluate(RULES, small) == rules
    assert len(small) < len(text)
