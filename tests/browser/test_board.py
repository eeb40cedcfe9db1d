"""The day board in a browser: by keys, by a pointer, and in every look; with moves that wait on the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.editing.desk import desk
from agenda.models import Event, Plan, Room, Session
from tests.agenda.kvm_forum import add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME
from tests.browser.test_accessibility import faults

pytestmark = pytest.mark.browser

BOARD = f"{PROGRAMME}edit/board/?day=2019-10-31"


@pytest.fixture(autouse=True)
def event(programme: None) -> Event:
    """With a second room, and a talk that has neither a time nor a room."""
    event = Event.objects.get()
    Room.objects.create(event=event, name="Auditorium", slug="auditorium", position=9)
    talk = add_session(event, "Cheese and wine", "2019-10-31 18:00")
    Session.objects.filter(pk=talk.pk).update(start=None, end=None)
    return event


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has_text=title).first


def box(page: Page, title: str) -> Locator:
    return tile(page, title).get_by_role("checkbox")


def planned(event: Event, title: str) -> tuple[str, str]:
    """When (in Lyon) and where the talk will be, as the server has it."""
    talk = next(each for each in desk(event).talks.values() if each.session.title.startswith(title))
    start = getattr(talk, "start", None)
    return (f"{start.astimezone(event.zone):%H:%M}" if start else "", talk.room)


def saved(page: Page) -> None:
    expect(page.locator(".tile.sent")).to_have_count(0)


def test_talks_are_moved_by_keys_and_back(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor)
    page.goto(BOARD)

    box(page, "Nesting").focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    saved(page)
    assert planned(event, "Nesting") == ("11:50", "Auditorium")
    expect(tile(page, "Nesting")).to_contain_text("11:50–12:20")
    expect(page.locator(".gathered")).to_contain_text("1 talk changed, not published")
    expect(box(page, "Nesting")).to_be_focused()
    page.keyboard.press("z")
    saved(page)
    page.keyboard.press("Delete")
    saved(page)
    assert planned(event, "Nesting") == ("", "Forum 3")
    page.reload()
    for _ in range(3):
        page.get_by_role("button", name="Undo").click()
    saved(page)
    assert (planned(event, "Nesting"), Plan.objects.filter(state="waiting").exists()) == (("11:30", "Forum 3"), False)
