"""The programme's menus: several tracks at once, with JavaScript and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from agenda.models import Event, Session, Track
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_two_tracks_are_chosen_in_one_menu_and_cleared_at_once(open_page: OpenPage, scripts: bool) -> None:
    event = Event.objects.get()
    tracks = [Track.objects.create(event=event, name=name, slug=name.lower()) for name in ("Cloud", "QEMU")]
    for session, track in zip(Session.objects.in_order(), tracks, strict=False):
        Session.objects.filter(pk=session.pk).update(track=track)
    page = open_page(java_script_enabled=scripts)
    page.goto(f"{PROGRAMME}?slides=1")

    page.locator("summary", has_text="Track").click()
    page.get_by_role("checkbox", name="Cloud").check()
    page.get_by_role("checkbox", name="QEMU").check()
    if not scripts:
        page.get_by_role("button", name="Apply Track").click()

    expect(page).to_have_url(re.compile(r"\?slides=1&(q=&)?track=cloud&track=qemu(&from=&to=)?$"))
    expect(page.locator("p.found")).to_have_text("2 talks of 20")
    page.locator("a.chip.on", has_text="Cloud").click()
    expect(page).to_have_url(f"{PROGRAMME}?track=qemu&slides=1")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".session")).to_have_count(20)
