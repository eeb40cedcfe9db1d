"""A first visit asks for little, and of nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.steps import PROGRAMME

pytestmark = pytest.mark.browser

MOST_REQUESTS = 8


def test_first_visit_makes_few_requests_all_to_this_site(page: Page, live_server: LiveServer) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(PROGRAMME, wait_until="networkidle")

    assert {urlsplit(address).netloc for address in asked} == {urlsplit(live_server.url).netloc}
    assert len(asked) <= MOST_REQUESTS
