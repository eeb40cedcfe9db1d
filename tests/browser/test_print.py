"""On paper: an agenda on one sheet, and nothing that only a screen needs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.models import Announcement, Event, Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import LAST, PROGRAMME, give_stars, star_of

pytestmark = pytest.mark.browser


def test_agenda_of_two_days_prints_on_one_sheet(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, *Session.objects.in_order().values_list("title", flat=True)[::4], LAST)
    page = open_page(alice)
    page.goto("/agenda/")

    printed = page.pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_printed_agenda_has_its_talks_alone(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, LAST)
    page = open_page(alice)
    page.goto("/agenda/")

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name=LAST, exact=True)).to_be_visible()
    for of_the_screen in (".skip", ".site-head", ".site-foot", ".aside"):
        expect(page.locator(of_the_screen)).to_be_hidden()


def test_announcement_is_printed(page: Page) -> None:
    now = timezone.now()
    span = {"start": now - timedelta(hours=1), "end": now + timedelta(hours=1)}
    Announcement.objects.create(event=Event.objects.get(), text="Lunch is in hall B.", **span)
    page.goto(PROGRAMME)

    page.emulate_media(media="print")

    expect(page.get_by_text("Lunch is in hall B.")).to_be_visible()


def test_printed_programme_has_no_controls(page: Page) -> None:
    page.goto(PROGRAMME)

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name=LAST, exact=True)).to_be_visible()
    for of_the_screen in (".site-head", ".site-foot", ".filters", ".notice"):
        expect(page.locator(of_the_screen)).to_be_hidden()
    expect(star_of(page, LAST)).to_be_hidden()


def test_printed_page_for_apps_has_its_codes_and_the_address(page: Page) -> None:
    page.goto(f"{PROGRAMME}apps/")

    page.emulate_media(media="print")

    expect(page.locator("svg.qr").first).to_be_visible()
    expect(page.locator("code.address")).to_be_visible()
    for of_the_screen in (".site-head", ".site-foot", ".crumb"):
        expect(page.locator(of_the_screen)).to_be_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
