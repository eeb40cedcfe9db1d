"""An editor's morning in a browser: with fingers on a phone, and without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.editing import moves
from agenda.editing.moves import gather
from agenda.models import Event, Room, Session
from tests.agenda.kvm_forum import add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME
from tests.browser.test_accessibility import faults
from tests.browser.test_targets import PHONE, TOO_SMALL, WIDE

pytestmark = pytest.mark.browser

TODAY = f"{PROGRAMME}edit/morning/"
SHEET = f"{TODAY}talks/nesting-testing/"
PAGES = [TODAY, SHEET, f"{SHEET}note/", f"{TODAY}rooms/forum-3/", f"{PROGRAMME}edit/sessions/"]


@pytest.fixture(autouse=True)
def event(programme: None, editor: User) -> Event:
    """With a second room, a talk that waits to be published half an hour later, and a change of the past."""
    event = Event.objects.get()
    Room.objects.create(event=event, name="Auditorium Lumière", slug="auditorium", position=9)
    Session.objects.filter(slug__startswith="nesting").update(slug="nesting-testing")
    add_session(event, "A talk kept back", "2019-10-31 18:00", is_published=False)
    nesting = Session.objects.get(title="Nesting&testing")
    later = timedelta(minutes=30)
    gather(event, lambda desk: moves.later([desk.talks[nesting.pk]], later), seen={}, by=editor)
    return event


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_a_finger(open_page: OpenPage, editor: User, path: str) -> None:
    page = open_page(editor, **PHONE)
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = !each.closest('.switch'))")

    assert (page.evaluate(TOO_SMALL), page.evaluate(WIDE)) == ([], [])
    assert faults(page) == []


def test_flood_on_a_phone_without_javascript(open_page: OpenPage, editor: User) -> None:
    page = open_page(editor, java_script_enabled=False, **PHONE)
    page.goto(TODAY)

    page.get_by_role("link", name="Move all… of Forum 3").tap()
    page.get_by_label("Note to attendees").fill("Water in Forum 3.")
    page.get_by_role("button", name="Auditorium Lumière").tap()
    publish(page)

    moved = Session.objects.filter(room__name="Auditorium Lumière")
    assert (moved.count(), set(moved.values_list("note", flat=True))) == (9, {"Water in Forum 3."})


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published")
