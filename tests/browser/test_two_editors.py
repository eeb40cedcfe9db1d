"""Two editors with one session open: the second is asked about what both changed, and nothing is lost.

Nor is it when the second goes back to a form, which browsers fill in again.
"""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import OPENING
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


def save(page: Page, at: str, title: str) -> None:
    page.goto(at)
    page.locator("#id_title").fill(title)
    page.locator("[name=_save]").click()
    page.wait_for_url("**/admin/agenda/session/")


def test_second_editor_is_asked_and_keeps_both_edits(
    open_page: OpenPage, editor: User, root: User, trouble: Trouble
) -> None:
    trouble.foresee("status of 409")
    session = Session.objects.get(title=OPENING)
    at = reverse("admin:agenda_session_change", args=[session.pk])
    first, second = open_page(root), open_page(editor)
    first.goto(at)
    second.goto(at)
    first.locator("#id_title").fill("Theirs")
    first.locator("#id_language").fill("fr")
    first.locator("[name=_save]").click()
    second.locator("#id_title").fill("Mine")
    second.locator("#id_byline").fill("Marc")
    second.locator("[name=_save]").click()

    expect(second.get_by_role("heading", name="Both of you changed this")).to_be_visible()
    if folder := os.environ.get("PHOTOGRAPHS"):
        second.screenshot(path=f"{folder}/conflict.png", full_page=True)
    second.get_by_label("Mine").check()
    second.get_by_role("button", name="Save").click()
    second.wait_for_url("**/admin/agenda/session/")

    session.refresh_from_db()
    assert (session.title, session.byline, session.language) == ("Mine", "Marc", "fr")


def test_form_that_was_saved_begins_with_what_is_saved_now(open_page: OpenPage, editor: User, root: User) -> None:
    session = Session.objects.get(title=OPENING)
    at = reverse("admin:agenda_session_change", args=[session.pk])
    page = open_page(editor)
    save(page, at, "Mine")
    save(open_page(root), at, "Theirs")

    page.go_back()
    expect(page.locator("#id_title")).to_have_value("Theirs")
    page.locator("#id_byline").fill("Marc")
    page.locator("[name=_save]").click()
    page.wait_for_url("**/admin/agenda/session/")

    session.refresh_from_db()
    assert (session.title, session.byline) == ("Theirs", "Marc")


def test_what_was_typed_and_not_saved_comes_back_with_where_it_began(
    open_page: OpenPage, editor: User, root: User, trouble: Trouble
) -> None:
    trouble.foresee("status of 409")
    session = Session.objects.get(title=OPENING)
    at = reverse("admin:agenda_session_change", args=[session.pk])
    page = open_page(editor)
    page.goto(at)
    page.locator("#id_title").fill("Mine")
    page.get_by_role("link", name="Sessions", exact=True).first.click()
    page.wait_for_url("**/admin/agenda/session/")
    save(open_page(root), at, "Theirs")

    page.go_back()
    expect(page.locator("#id_title")).to_have_value("Mine")
    page.locator("[name=_save]").click()

    expect(page.get_by_role("heading", name="Both of you changed this")).to_be_visible()
