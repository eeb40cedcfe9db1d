"""Two editors with one session open: the second is asked about what both changed, and nothing is lost."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import OPENING
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


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
