"""Real programmes come in by the pages: a large one, and one whose second state is published and put back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client
from icalendar import Calendar
from playwright.sync_api import Page, expect

from accounts.models import CalendarKey, User
from agenda.editing.states import publish
from agenda.models import Event, Star
from tests.agenda.shared_programmes import shared
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

TEXTS = ("LOCATION", "STATUS", "SUMMARY")
PATIENCE = 60_000  # milliseconds; a thousand sessions are read, planned and published


class Shown(NamedTuple):
    """What a calendar program shows of a session."""

    start: datetime
    end: datetime
    place: str
    status: str
    title: str


def feed(address: str) -> dict[str, tuple[Shown, int]]:
    """The entries of the calendar by UID, as a library reads them that is not ours; and their SEQUENCE."""
    calendar = Calendar.from_ical(Client().get(address).content)
    return {
        str(each["UID"]): (
            Shown(*(each[name].dt for name in ("DTSTART", "DTEND")), *(str(each.get(name)) for name in TEXTS)),
            int(each["SEQUENCE"]),
        )
        for each in calendar.walk("VEVENT")
    }


def bring_in(page: Page, file: Path, *, name: str = "", zone: str = "") -> None:
    page.get_by_label("Drop files here").set_input_files(file)
    if name:
        page.get_by_label("Name of the event").fill(name)
        page.get_by_label("Time zone").select_option(zone)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review the import", timeout=PATIENCE)


def publish_all(page: Page, count: int) -> None:
    page.get_by_role("button", name=f"Publish {count} changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published", timeout=PATIENCE)


@pytest.fixture
def files() -> tuple[Path, ...]:
    """A large programme, and two states of another. The test skips where they are missing."""
    return tuple(
        shared(name) for name in ("fosdem-2025.schedule.xml", "joco-2023-v1.sched.ics", "joco-2023-v2.sched.ics")
    )


def two_events(page: Page, editor: User, large: Path, small: Path) -> str:
    """Brings both in and publishes them, and stars a talk of one and all of the other. Returns the feed's address."""
    page.goto("/edit/import/")
    bring_in(page, large)
    publish_all(page, 943)
    page.goto("/edit/import/")
    bring_in(page, small, name="Cruise", zone="America/New_York")
    publish_all(page, 411)
    fosdem, cruise = Event.objects.get(time_zone="Europe/Brussels"), Event.objects.get(slug="cruise")
    for event in (fosdem, cruise):
        publish(event, by=editor)
    Star.objects.bulk_create(Star(user=editor, session=each) for each in cruise.sessions.all())
    page.goto(fosdem.sessions.in_order()[0].get_absolute_url())
    page.locator("main").get_by_role("button", name="Star").first.click()
    expect(page.locator("main").get_by_role("button", pressed=True).first).to_be_visible()
    _, key = CalendarKey.objects.issue(editor, name="Phone", once="any")
    return f"/calendar/{key}.ics"


def put_back(page: Page) -> None:
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review what is put back")
    page.get_by_role("button", name="Publish").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published", timeout=PATIENCE)


def test_real_programmes_come_in_change_and_are_put_back(
    files: tuple[Path, ...], open_page: OpenPage, editor: User
) -> None:
    page = open_page(editor)
    page.set_default_timeout(PATIENCE)
    subscribed = two_events(page, editor, *files[:2])
    before = feed(subscribed)

    page.goto("/cruise/edit/import/")
    bring_in(page, files[2])
    expect(page.locator(".counts")).to_have_text("35 changed 21 new 8 gone, cancelled 368 as they are")
    publish_all(page, 64)
    changed = feed(subscribed)
    put_back(page)
    after = feed(subscribed)

    moved = {uid for uid in before if before[uid][0] != changed[uid][0]}
    assert len(before) == len(after) == 412
    assert sum(shown.status == "CANCELLED" for shown, _ in changed.values()) == 8
    assert {uid: shown for uid, (shown, _) in after.items()} == {uid: shown for uid, (shown, _) in before.items()}
    assert all(before[uid][1] < changed[uid][1] < after[uid][1] for uid in moved)
    assert all(before[uid] == after[uid] for uid in before.keys() - moved)
