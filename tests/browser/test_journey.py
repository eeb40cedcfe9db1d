"""The whole way: from the first star to a calendar that follows the editors."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.calendar_client import CalendarClient
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    FULL_VIEW,
    NESTING,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    add_to_calendar,
    address_of,
    cancel_session,
    expect_star_count,
    expect_starred,
    move_session,
    open_editing,
    row_of,
    sign_up,
    star_of,
    unstarred_row_of,
)

pytestmark = pytest.mark.browser


def test_stars_come_along_to_a_calendar_that_follows_every_change(
    page: Page, open_page: OpenPage, editor: User, tmp_path: Path
) -> None:
    star_in_three_places(page)
    page.locator(".hint").get_by_role("link", name="Sign up", exact=True).click()
    sign_up(page, "carol@example.org")
    expect(page).to_have_url(FULL_VIEW)
    expect(page.get_by_role("status")).to_contain_text("3 talks you starred are now in your agenda.")
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)

    page.get_by_role("link", name="My agenda").click()
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)
    calendar = CalendarClient(tmp_path, add_to_calendar(page, "iPhone or Mac"))
    opening, nesting, virtio_fs = (address_of(title) for title in (OPENING, NESTING, VIRTIO_FS))
    before = calendar.events()
    assert before.keys() == {opening, nesting, virtio_fs}

    desk = open_page()
    open_editing(desk, editor)
    move_session(desk, OPENING, start="11:10")
    cancel_session(desk, NESTING)
    after = calendar.events()
    assert after[opening].dtstart.value == datetime(2019, 10, 31, 10, 10, tzinfo=UTC)
    assert after[nesting].status.value == "CANCELLED"
    assert after[nesting].summary.value == f"CANCELLED: {NESTING}"
    assert sequences(after) == {**sequences(before), opening: 1, nesting: 1}

    page.goto("/agenda/")
    expect(row_of(page, OPENING)).to_contain_text("moved from 11:00")
    star_of(page, VIRTIO_FS).click()
    expect(unstarred_row_of(page, VIRTIO_FS)).to_have_count(1)
    assert calendar.events().keys() == {opening, nesting}


def star_in_three_places(page: Page) -> None:
    """From the list, from the session's own page and, where it ends, from the full view."""
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    page.get_by_role("link", name=NESTING, exact=True).click()
    star_of(page, NESTING).click()
    expect_starred(page, NESTING)
    page.get_by_role("main").get_by_role("link", name="Programme").click()
    page.get_by_role("link", name="Full", exact=True).click()
    expect_starred(page, OPENING, NESTING)
    star_of(page, VIRTIO_FS).click()
    expect_star_count(page, 3)


def sequences(events: dict[str, Any]) -> dict[str, int]:
    """An event's SEQUENCE by the address of its session."""
    return {address: int(event.sequence.value) for address, event in events.items()}
