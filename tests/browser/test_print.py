"""My agenda on paper: one sheet, and nothing on it that only a screen needs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import give_stars

pytestmark = pytest.mark.browser


def test_agenda_of_six_stars_prints_on_one_sheet(open_page: OpenPage, alice: User) -> None:
    titles = list(Session.objects.values_list("title", flat=True)[::4]) + ["Bring QEMU to Micro Service World"]
    give_stars(alice, *titles)
    page = open_page(alice)
    page.goto("/agenda/")

    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))

    assert len(sheets) == 1


def test_printed_agenda_has_the_talks_alone(open_page: OpenPage, alice: User) -> None:
    titles = list(Session.objects.values_list("title", flat=True)[:6])
    give_stars(alice, *titles)
    page = open_page(alice)
    page.goto("/agenda/")

    page.emulate_media(media="print")

    for title in titles:
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    for chrome in ("Site", "Skip to the content", "On your phone and calendar"):
        expect(page.get_by_text(chrome, exact=True)).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("contentinfo")).to_be_hidden()
    expect(page.get_by_role("button", name="iPhone or Mac")).to_be_hidden()
