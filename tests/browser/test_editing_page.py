"""An event's front page for editors in a browser: for everybody, for fingers, by keys, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.models import Batch, Event, Plan, Source
from tests.agenda.kvm_forum import AFTER, add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME
from tests.browser.test_accessibility import faults
from tests.browser.test_targets import PHONE, TOO_SMALL, WIDE

pytestmark = pytest.mark.browser

EDIT = f"{PROGRAMME}edit/"


@pytest.fixture
def busy_event(programme: None, editor: User) -> Event:
    """With something of everything that the page shows."""
    event = Event.objects.get()
    for address, failures in (("https://kvm-forum.example/" + "long/" * 20, 3), ("https://kvm-forum.example/", 0)):
        Source.objects.create(event=event, name=address, address=address, failures=failures, fetched=AFTER, said="No.")
    Source.objects.create(event=event, name="https://kvm-forum.example/old.ics")
    plans = [
        Plan.objects.create(event=event, kind="import", title=title, wanted={"sessions": []}, made_by=editor)
        for title in ("schedule.xml, 20 sessions", "an older schedule.xml, 19 sessions")
    ]
    Plan.objects.filter(pk=plans[1].pk).update(state="published")
    Batch.objects.create(event=event, plan=plans[1], at=AFTER, counts={"changed": 3}, note="Rain in Lyon")
    add_session(event, "Closing breakfast", "2019-11-02 11:00")
    add_session(event, "Nesting&testimg", "2019-10-31 11:15", room=event.rooms.first())
    return event


def finding(page: Page) -> Locator:
    return page.locator("li", has_text="Changpeng Liu is named in")


def test_page_is_accessible(open_page: OpenPage, editor: User, busy_event: Event) -> None:
    page = open_page(editor)
    page.goto(EDIT)

    assert faults(page) == []


def test_targets_are_large_enough_for_a_finger(open_page: OpenPage, editor: User, busy_event: Event) -> None:
    page = open_page(editor, **PHONE)
    page.goto(EDIT)

    assert (page.evaluate(TOO_SMALL), page.evaluate(WIDE)) == ([], [])


def test_finding_is_left_and_asked_about_again_without_javascript(open_page: OpenPage, editor: User) -> None:
    page = open_page(editor, java_script_enabled=False)
    page.goto(PROGRAMME)
    page.get_by_role("main").get_by_role("link", name="Edit KVM Forum 2019").click()

    finding(page).get_by_role("button", name="Leave it").click()

    left = page.locator(".left-findings")
    expect(left.locator("summary").first).to_have_text("1 left as it is")
    expect(finding(page)).to_be_hidden()
    left.locator("summary").first.click()
    finding(page).get_by_role("button", name="Ask again").click()

    expect(left).to_have_count(0)
    expect(finding(page)).to_be_visible()


def test_finding_is_left_by_keys(open_page: OpenPage, editor: User) -> None:
    page = open_page(editor)
    page.goto(EDIT)
    page.locator(".take-away a").last.focus()

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(finding(page).get_by_role("button", name="Leave it")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".left-findings")).to_be_visible()
