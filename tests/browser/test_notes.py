"""A note to attendees, from the editor's form to every page, on a phone and on paper, until it is withdrawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.steps import OPENING, PROGRAMME, address_of, give_stars, open_editing

pytestmark = pytest.mark.browser

LONG = "Bring a laptop.\nThe network is called " + "forum" * 60


def write_note(desk: Page, text: str) -> None:
    """In the editors' list of sessions: the note as it is shown from now on."""
    desk.locator("#result_list").get_by_role("link", name=OPENING, exact=True).click()
    desk.get_by_label("Note to attendees").fill(text)
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()


def note_at(page: Page, address: str) -> Locator:
    page.goto(address)
    return page.locator(".note")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_note_arrives_everywhere_is_corrected_and_withdrawn(
    open_page: OpenPage, alice: User, editor: User, scheme: str
) -> None:
    give_stars(alice, OPENING)
    places = (PROGRAMME, "/agenda/", address_of(OPENING))
    reader = open_page(alice, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    desk = open_page()
    open_editing(desk, editor)

    for text in ("Bring a laptop.", LONG):
        write_note(desk, text)
        for place in places:
            expect(note_at(reader, place)).to_have_text(text)
            assert reader.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(reader) == []
    reader.emulate_media(media="print")
    expect(reader.locator(".note")).to_be_visible()

    write_note(desk, "")
    for place in places:
        expect(note_at(reader, place)).to_have_count(0)
