"""A large conference while it runs: on a phone by touch, on a laptop by keyboard, and for those who cannot see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.models import Announcement, Event, Star, Track
from tests.agenda.rows import demo
from tests.browser.axe import COLOURS, EVERYTHING, violations
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME, expect_star_count, settle

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
# Rows of talks that are whole in view, above the bottom bar; and where the first begins.
ROWS = """() => {
  const bar = document.querySelector(".site-nav").getBoundingClientRect();
  const bottom = getComputedStyle(document.querySelector(".site-nav")).position === "fixed" ? bar.top : innerHeight;
  const boxes = [...document.querySelectorAll(".session")].filter((row) => row.checkVisibility())
    .map((row) => row.getBoundingClientRect());
  return [Math.round(boxes[0].top), boxes.filter(({ top, bottom: end }) => top >= 0 && end <= bottom + 1).length];
}"""
SHIFTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().reduce((sum, each) => sum + each.value, 0)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(0), 300);
})"""
MOST_SHIFTED = 0.05
AT_REST = "() => scrollY > 0 && !document.querySelector('.person:not(.laid-out)')"
LUNCH = "Lunch is in hall B from 12:00, as hall A is being heated. Bring your badge: nobody gets a tray without it."
LOOKS = (("light", 320, EVERYTHING), ("dark", 390, COLOURS), ("dark", 1000, COLOURS), ("light", 1400, EVERYTHING))


@pytest.fixture
def running() -> Iterator[Event]:
    """The made-up conference on its second day, at 10:35."""
    event = demo()
    moment = datetime.combine(event.days[1], time(10, 35), event.zone)
    Announcement.objects.create(event=event, text=LUNCH, start=moment, end=moment + timedelta(hours=3))
    with time_machine.travel(moment):
        yield event


@pytest.fixture
def busy_alice(running: Event, alice: User) -> User:
    """Alice with a talk that is on and one that is next, so that a card of hers stands above the programme."""
    sessions = running.sessions.filter(status="confirmed", room__isnull=False)
    for begun in (time(10, 10), time(11, 20)):
        start = datetime.combine(running.days[1], begun, running.zone)
        Star.objects.create(user=alice, session=sessions.filter(start=start)[1])
    return alice


def in_view(stars: Locator, page: Page) -> Locator:
    """The first star that stands whole between what sticks at the top and at the bottom."""
    for star in stars.all():
        box = star.bounding_box()
        if box and 150 < box["y"] < page.evaluate("innerHeight") - 120:
            return star
    raise AssertionError("no star in view")


def test_phone_shows_what_is_on_and_six_talks_are_starred_on_the_way(
    open_page: OpenPage, running: Event, busy_alice: User
) -> None:
    page = open_page(busy_alice, **PHONE)
    page.goto(running.get_absolute_url())
    expect(page.locator(".hour.on .hour-head").first).to_contain_text("on now, 15 min left")
    first, count = page.evaluate(ROWS)
    assert first < 420
    assert count >= 6
    assert page.evaluate(SHIFTED) <= MOST_SHIFTED
    to_now = page.locator(".to-now")
    expect(to_now).to_be_hidden()

    for number in range(3, 9):
        page.evaluate("scrollBy(0, innerHeight)")
        in_view(page.locator(".hour:not(.on) .star[aria-pressed=false]"), page).tap()
        expect_star_count(page, number)

    to_now.tap()
    expect(page.locator("#now")).to_be_in_viewport()
    expect(to_now).to_be_hidden()
    page.get_by_text("earlier talks").tap()
    expect(page.locator(".earlier .session").first).to_be_visible()
    page.get_by_text(LUNCH).tap()
    expect(page.get_by_text("From the organisers")).to_be_in_viewport()


def test_phone_finds_a_speaker_by_a_letter_and_another_event_by_its_name(open_page: OpenPage, running: Event) -> None:
    page = open_page(**PHONE)
    page.goto(running.get_absolute_url())

    page.get_by_role("navigation", name="Site").get_by_role("link", name="Speakers").tap()
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="To the names with R", exact=True).tap()
    name = page.locator(".speaker-grid > li:target").get_by_role("heading").get_by_role("link")
    expect(name).to_be_in_viewport()
    expect(name).to_have_text(re.compile("^R"))
    name.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^R"))

    for there in ("KVM Forum 2019", running.name):
        page.locator(".switch summary").tap()
        page.locator(".switch").get_by_role("link", name=there).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(there)
    expect(page.locator("#now")).to_be_in_viewport()


def test_laptop_is_searched_and_filtered_by_keyboard(open_page: OpenPage, running: Event, busy_alice: User) -> None:
    first, second = Track.objects.filter(event=running)[:2]
    page = open_page(busy_alice, **LAPTOP)
    page.goto(PROGRAMME)
    page.goto(running.get_absolute_url())
    assert 10 <= page.evaluate(ROWS)[1] <= 12
    entries = page.evaluate("history.length")

    page.get_by_label("Search talks, people, companies").focus()
    page.keyboard.type("workshop", delay=30)
    expect(page.locator("#count")).to_have_text(re.compile(r"^\d+ talks of 302$"))
    expect(page.locator("mark").first).to_have_text("Workshop")
    expect(page).to_have_url(f"{running.get_absolute_url()}?q=workshop")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.locator("summary", has_text="Track").press("Enter")
    for track in (first, second):
        page.get_by_role("checkbox", name=track.name).press("Space")
        expect(page.locator("#picked").get_by_role("link", name=re.compile(f"^{track.name}"))).to_be_visible()
    expect(page.get_by_role("checkbox", name=second.name)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="Track")).to_be_focused()
    assert page.evaluate("history.length") == entries

    filtered = page.url
    page.locator(".session .title a").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Workshop")
    page.go_back()
    expect(page).to_have_url(filtered)
    expect(page.locator("#picked a.chip")).to_have_count(3)
    page.get_by_role("link", name="Clear all filters").press("Enter")
    expect(page.locator("#count")).to_be_empty()


def test_laptop_finds_another_event_what_is_next_and_a_speaker_by_keyboard(
    open_page: OpenPage, running: Event, busy_alice: User
) -> None:
    page = open_page(busy_alice, **LAPTOP)
    page.goto(PROGRAMME)

    page.locator(".switch summary").press("Enter")
    page.locator(".switch").get_by_role("link", name=running.name).press("Enter")
    expect(page.locator("#mine-now .label").last).to_contain_text("Next in 45 min")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Speakers").press("Enter")
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="To the names with R", exact=True).press(
        "Enter"
    )
    expect(page.locator(".speaker-grid > li:target")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator(".speaker-grid > li:target a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^R"))


def test_view_is_chosen_on_a_phone_and_a_session_keeps_its_star_in_reach(open_page: OpenPage, running: Event) -> None:
    page = open_page(**PHONE)
    page.goto(running.get_absolute_url())

    page.get_by_role("button", name="View", exact=True).tap()
    page.get_by_role("navigation", name="View").get_by_role("link", name="Full").tap()
    expect(page.locator(".details").first).to_be_visible()
    page.goto(running.get_absolute_url())
    expect(page.locator(".details").first).to_be_visible()

    page.locator(".session .title a").nth(3).tap()
    expect(page).to_have_url(re.compile("/sessions/"))
    star = page.locator(".strip .star")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(star).to_be_in_viewport(ratio=1)
    expect(page.locator(".meanwhile .star").last).to_be_in_viewport()


def test_rows_below_the_screen_are_laid_out_before_they_are_scrolled_to(open_page: OpenPage, running: Event) -> None:
    page, without_scripts = open_page(**PHONE), open_page(**PHONE, java_script_enabled=False)
    lists = {"": "#listing .talks > .session", "speakers/": ".speaker-grid > .person"}

    for address, selector in lists.items():
        without_scripts.goto(running.get_absolute_url() + address)
        page.goto(running.get_absolute_url() + address)
        rows = page.locator(selector)
        expect(without_scripts.locator(selector).last).to_have_css("content-visibility", "auto")
        expect(page.locator(f"{selector}.laid-out")).to_have_count(rows.count())
        expect(rows.last).to_have_css("content-visibility", "visible")
        assert page.evaluate(SHIFTED) <= MOST_SHIFTED


def test_small_programme_stands_still_while_it_is_laid_out(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})

    page.goto(PROGRAMME)

    assert page.evaluate(SHIFTED) <= MOST_SHIFTED


def test_reader_is_in_the_same_place_after_back_and_reload(open_page: OpenPage, running: Event) -> None:
    page = open_page(**PHONE)
    page.goto(f"{running.get_absolute_url()}speakers/")
    expect(page.locator(".person:not(.laid-out)")).to_have_count(0)
    place = page.locator(".speaker-grid > .person").nth(150)
    place.evaluate("row => row.scrollIntoView()")
    top = place.evaluate("row => row.getBoundingClientRect().top")

    page.goto(f"{running.get_absolute_url()}now/")
    for return_to_it in (page.go_back, page.reload):
        return_to_it()
        page.wait_for_function(AT_REST)
        assert place.evaluate("row => row.getBoundingClientRect().top") == pytest.approx(top, abs=5)


def test_large_programme_is_accessible_in_every_width(open_page: OpenPage, running: Event) -> None:
    page = open_page()
    page.goto(f"{running.get_absolute_url()}?room=pier-2")
    page.locator(".earlier summary").first.click()
    found = []
    for scheme, width, options in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        opened = (
            page.get_by_role("button", name="Filters 1 on") if width < 720 else page.locator("summary", has_text="Room")
        )
        opened.click()
        found += [f"{scheme} {width}: {broken}" for broken in violations(page, options)]
        page.keyboard.press("Escape")
    settle(page)
    assert found == []
