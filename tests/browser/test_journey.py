"""The whole way: from the first star to a calendar that follows the editors."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.calendar_client import CalendarClient
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    FULL_VIEW,
    NESTING,
    NESTING_PAGE,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    add_to_calendar,
    edit_session,
    expect_star_count,
    expect_starred,
    open_editing,
    row_of,
    sign_up,
    star_of,
)

pytestmark = pytest.mark.browser


def test_stars_reach_a_calendar_that_follows_every_change(
    page: Page, open_page: OpenPage, editor: User, tmp_path: Path
) -> None:
    star_three_places(page)

    page.get_by_role("main").get_by_role("link", name="Sign up", exact=True).click()
    sign_up(page, "carol@example.org")
    expect(page).to_have_url(re.compile(re.escape(FULL_VIEW) + "$"))
    expect(page.get_by_role("status")).to_contain_text("3 talks you starred are now in your agenda.")
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)

    page.get_by_role("link", name="My agenda 3").click()
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)
    calendar = CalendarClient(tmp_path, add_to_calendar(page, "iPhone or Mac"))
    before = calendar.events()
    assert before.keys() == {"managing-matryoshkas-testing-nested-guests", "nesting-testing", VIRTIO_FS_SLUG}

    desk = open_editing(open_page(), editor)
    edit_session(desk, OPENING, start="11:10")
    edit_session(desk, NESTING, status="cancelled")
    after = calendar.events()
    moved, cancelled = after["managing-matryoshkas-testing-nested-guests"], after["nesting-testing"]
    assert moved.dtstart.value == datetime(2019, 10, 31, 10, 10, tzinfo=UTC)
    assert cancelled.status.value == "CANCELLED"
    assert cancelled.summary.value == f"CANCELLED: {NESTING}"
    for event in (moved, cancelled):
        ...
