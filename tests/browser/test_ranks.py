"""Which of two overlapping talks comes first, told on my agenda with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Session, Star
from tests.agenda.kvm_forum import add_session, session_of
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    NESTING,
    OPENING,
    VIRTIO_FS,
    expect_star_count,
    expect_starred,
    give_stars,
    row_of,
    star_of,
    unstarred_row_of,
)
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


@pytest.fixture
def keynote(alice: User) -> Session:
    """On at the same time as the opening; Alice starred both, and a third."""
    made = add_session(session_of(OPENING).event, "Keynote", "2019-10-31 11:15")
    give_stars(alice, "Keynote", OPENING, VIRTIO_FS)
    return made


def choice(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=words)


def pick(page: Page, title: str) -> None:
    """As the first choice; without scripts it is saved by a button."""
    page.get_by_role("radio", name=f"First choice: {title}").check()
    save = page.get_by_role("button", name="Save my first choice")
    if save.is_visible():
        save.click()


@pytest.mark.parametrize("scripts", [True, False])
def test_one_first_then_the_other_then_cancelled_then_kept(
    open_page: OpenPage, alice: User, keynote: Session, scripts: bool
) -> None:
    page = open_page(alice, java_script_enabled=scripts)
    page.goto("/agenda/")

    pick(page, OPENING)
    expect(row_of(page, "Keynote")).to_have_class("choice in-case")
    expect(page.get_by_role("heading", name="Backup choice: Keynote")).to_be_visible()
    expect(page.get_by_text("3 talks, 1 of them a backup choice · 1 h ·")).to_be_visible()

    pick(page, "Keynote")
    expect(row_of(page, OPENING)).to_have_class("choice in-case")
    expect(row_of(page, "Keynote")).to_have_class("choice")

    with recording([keynote.pk], by=None):
        Session.objects.filter(pk=keynote.pk).update(status="cancelled")
    page.reload()
    expect(row_of(page, OPENING)).to_contain_text("“Keynote” was cancelled, so this is your plan now.")
    choice(page, f"Keep it as a backup choice: {OPENING}").click()
    expect(row_of(page, OPENING)).to_contain_text("You keep it as a backup choice, though “Keynote” was cancelled.")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("button", ["Undo and star Keynote again", "Star: Keynote"])
def test_undo_brings_the_backup_choice_back(
    open_page: OpenPage, alice: User, keynote: Session, scripts: bool, button: str
) -> None:
    Star.objects.filter(session=keynote).update(in_case_of=session_of(OPENING))
    page = open_page(alice, java_script_enabled=scripts)
    page.goto("/agenda/")

    star_of(page, "Keynote").click()
    expect(unstarred_row_of(page, "Keynote")).to_have_count(1)
    choice(page, button).click()

    expect(row_of(page, "Keynote")).to_have_class("choice in-case")
    expect(page.get_by_role("heading", name="Backup choice: Keynote")).to_be_visible()


def test_choice_by_keyboard_keeps_the_focus_in_its_row(open_page: OpenPage, alice: User, keynote: Session) -> None:
    page = open_page(alice)
    page.goto("/agenda/")

    page.get_by_role("radio", name="First choice: Keynote").press("Space")

    expect(row_of(page, OPENING)).to_have_class("choice in-case")
    expect(page.get_by_role("radio", name="First choice: Keynote")).to_be_focused()
    assert violations(page) == []


def test_choice_that_came_too_late_is_said_in_the_page(
    open_page: OpenPage, alice: User, keynote: Session, trouble: Trouble
) -> None:
    trouble.foresee("status of 422")
    page = open_page(alice)
    page.goto("/agenda/")
    with recording([keynote.pk], by=None):
        Session.objects.filter(pk=keynote.pk).update(status="cancelled")

    pick(page, "Keynote")

    expect(page.get_by_role("alert")).to_have_text("“Keynote” was cancelled, so there is nothing to choose.")
    expect(row_of(page, "Keynote")).to_have_class("session cancelled")


def test_focus_goes_to_the_next_star_when_a_row_goes(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, OPENING, NESTING, VIRTIO_FS)
    page = open_page(alice)
    page.goto("/agenda/")

    for gone, next_ in ((OPENING, NESTING), (VIRTIO_FS, NESTING)):
        unstar_elsewhere(page, gone)
        expect(star_of(page, next_)).to_be_focused()
    unstar_elsewhere(page, NESTING)

    expect(page.get_by_role("heading", name="My agenda")).to_be_focused()


def unstar_elsewhere(page: Page, title: str) -> None:
    """While the star is focused here; the page then follows."""
    star_of(page, title).focus()
    Star.objects.filter(session__title=title).delete()
    page.evaluate("htmx.trigger(document.body, 'stars-changed')")
    expect(star_of(page, title)).to_have_count(0)


def test_focus_stays_on_the_star_of_a_row_that_stays(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, OPENING, NESTING)
    page = open_page(alice)
    page.goto("/agenda/")

    for title in (OPENING, NESTING):
        star_of(page, title).press("Space")
        expect(unstarred_row_of(page, title)).to_have_count(1)
        expect(star_of(page, title)).to_be_focused()

    expect_star_count(page, 0)
    unstarred_row_of(page, OPENING).get_by_role("button", name="Undo").press("Enter")
    expect_starred(page, OPENING)
    expect(row_of(page, OPENING).get_by_role("link").first).to_be_focused()
