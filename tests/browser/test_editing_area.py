"""The editing area as a person has it: pages for everybody, within reach of a thumb, and few actions for each task.

An action is a tap, or a field that is filled in; each line of text that is typed counts as one, too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Announcement, Event, EventEditor, Room, Session, Star
from agenda.version_cache import microseconds
from tests.agenda.kvm_forum import add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME
from tests.browser.test_accessibility import faults
from tests.browser.test_targets import PHONE, TOO_SMALL, WIDE
from tests.conftest import signed_up

pytestmark = pytest.mark.browser

EDIT = f"{PROGRAMME}edit/"
TODAY = f"{EDIT}morning/"
NESTING = f"{PROGRAMME}sessions/nesting-testing/"
PAGES = [
    *(EDIT, f"{EDIT}history/", f"{EDIT}announcements/", f"{EDIT}announcements/1/", f"{EDIT}sessions/add/", NESTING),
    *(f"{EDIT}delete/", f"{EDIT}walking/", f"{EDIT}morning/talks/nesting-testing/note/"),
]
LINES = """10:00; 30; Red; Bugs; Ants; Ada Lovelace
10:30; 30; Red; Bugs; Bees; Alan Turing
10:00; 60; Blue; Art; Moths; Eve Ray, Zoe Lee
11:00; 30; Blue; Art; Wasps; Ada Lovelace
11:00; 30; Red; Bugs; Flies; Alan Turing"""


class Hand:
    """An editor's, which counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.count += 1

    def tap(self, role: str, name: str, *, within: Locator | None = None) -> None:
        (within or self.page.get_by_role("main")).get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.count += 1

    def fill(self, label: str, text: str, *, number: int = 0) -> None:
        self.page.get_by_label(label, exact=True).nth(number).fill(text)
        self.count += 1 + text.count("\n")

    def publish(self) -> None:
        self.tap("button", "Publish")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Published")


@pytest.fixture
def event(programme: None, editor: User) -> Event:
    """With something on each page of the editing area."""
    event = Event.objects.get()
    now = timezone.now()
    Room.objects.create(event=event, name="Auditorium Lumière", slug="auditorium", position=9)
    Session.objects.filter(slug__startswith="nesting").update(slug="nesting-testing")
    add_session(event, "A talk kept back", "2019-10-31 18:00", is_published=False)
    EventEditor.objects.create(event=event, email="a.long.address.of.a.colleague@conference.example.org")
    shown = {"start": now, "end": now + timedelta(hours=1), "made_by": editor}
    Announcement.objects.create(pk=1, event=event, text="Lunch is in hall B. " * 9, **shown)
    with recording([Session.objects.get(slug="nesting-testing").pk], by=editor) as edit:
        edit.change_all(room=Room.objects.get(slug="auditorium"))
    return event


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_a_finger(open_page: OpenPage, editor: User, event: Event, path: str) -> None:
    page = open_page(editor, **PHONE)
    page.goto(path)

    assert (page.evaluate(TOO_SMALL), page.evaluate(WIDE)) == ([], [])
    assert faults(page) == []


def test_pages_are_within_reach_of_a_thumb(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor, **PHONE)
    page.goto(EDIT)

    for name in ("Today", "Sessions", "Import", "History", "Overview"):
        link = page.locator(".edit-bar").get_by_role("link", name=name)
        box = link.bounding_box()
        assert box
        assert page.viewport_size
        assert box["y"] + box["height"] <= page.viewport_size["height"] < box["y"] + 60
        link.tap()
        expect(page.locator(".edit-bar [aria-current]")).to_have_text(name)


def test_one_talk_takes_few_actions(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor, **PHONE)
    page.goto(TODAY)
    note = Hand(page)
    note.tap("link", "Note… on Nesting&testing")
    expect(page.get_by_label("Note to attendees")).to_be_focused()
    note.fill("Note to attendees", "Bring a pen.")
    note.publish()

    page.goto(TODAY)
    cancel = Hand(page)
    cancel.tap("link", "Managing Matryoshkas")
    cancel.fill("Note to attendees, if you like", "Ill.")
    cancel.tap("button", "Cancel and review")
    cancel.publish()

    assert (note.count, cancel.count) == (3, 4)
    assert Session.objects.filter(status="cancelled").count() == 1


def test_new_event_takes_few_actions(open_page: OpenPage, root: User) -> None:
    page = open_page(root)
    hand = Hand(page)
    hand.open("/admin/agenda/event/add/")
    hand.fill("Name:", "Spring")
    hand.fill("First day:", "01/03/2031")
    hand.fill("Last day:", "02/03/2031")
    hand.fill("Time zone:", "Europe/Berlin")
    page.get_by_role("button", name="Save", exact=True).click()
    hand.open("/spring/edit/")
    hand.tap("link", "Add sessions")
    hand.fill("Sessions", LINES)
    hand.tap("button", "Review")
    hand.publish()
    hand.tap("link", "Overview")
    hand.tap("button", "Publish it")
    expect(page.locator(".states .present")).to_contain_text("Published")

    event = Event.objects.get(slug="spring")
    assert (event.rooms.count(), event.tracks.count(), event.sessions.published().count()) == (2, 2, 5)
    assert hand.count + 1 <= 35


def test_receipt_of_a_session_is_renewed_by_itself(open_page: OpenPage, editor: User, event: Event) -> None:
    session = Session.objects.get(slug="nesting-testing")
    for number in range(5):
        user = signed_up(f"person{number}@example.org")
        Star.objects.create(user=user, session=session)
        CalendarKey.objects.issue(user, name="Phone", once=f"form {number}")
    page = open_page(editor)
    page.clock.install()
    page.goto(NESTING)
    expect(page.locator("#reached")).to_contain_text("5 people starred this. 0 of 5 calendars have it.")

    CalendarKey.objects.update(served=f'"1-1-{microseconds(session.updated)}"')
    page.clock.fast_forward("01:01")

    expect(page.locator("#reached")).to_contain_text("5 of 5 calendars have it.")
