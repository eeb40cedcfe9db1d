"""The grid in a real browser: its keys, what a screen reader is told, a phone, paper, and the clock."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.models import Event, Room, Track
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.rows import demo
from tests.browser.conftest import OpenPage
from tests.browser.steps import expect_star_count, give_stars, star_of
from tests.browser.test_accessibility import faults

pytestmark = pytest.mark.browser

CAMP = "/camp/?view=grid&day=2031-07-05"
TREE = """\
table "Rooms across, time down"
  rowgroup
    row
      columnheader "Time"
      columnheader "Big"
      columnheader "Small"
  row
    rowheader "10:00"
    cell "Tents 10:00–10:30 Ada & Bo Track: Fire Star: Tents"
      heading "Tents"
        link "Tents"
      button "Star: Tents"
    cell "Knots 10:00–11:00 Star: Knots overlaps 1 ★"
      heading "Knots"
        link "Knots"
      button "Star: Knots" pressed
  row
    rowheader "10:30"
    cell "Ropes 10:30–11:00 Star: Ropes overlaps 1 ★"
      heading "Ropes"
        link "Ropes"
      button "Star: Ropes" pressed
  row
    rowheader "11:00"
    cell "Break until 12:00 · 1 h"
  row
    rowheader "12:00"
    cell ""
    cell "Stars 12:00–12:30 cancelled Star: Stars"
      heading "Stars"
        link "Stars"
      button "Star: Stars"
"""


@pytest.fixture
def camp() -> Event:
    event = add_event("camp", "Europe/Paris", "2031-07-05", "2031-07-05")
    big, small = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Big", "Small"))
    fire = Track.objects.create(event=event, name="Fire", slug="fire", colour="#b42318")
    add_session(event, "Tents", "2031-07-05T10:00", room=big, track=fire, byline="Ada & Bo")
    add_session(event, "Knots", "2031-07-05T10:00", room=small, minutes=60)
    add_session(event, "Ropes", "2031-07-05T10:30", room=big)
    add_session(event, "Stars", "2031-07-05T12:00", room=small, status="cancelled")
    return event


@pytest.fixture
def large() -> str:
    """The address of today's grid of the made-up conference."""
    event = demo()
    return f"{event.get_absolute_url()}?view=grid&day={event.starts_on + timedelta(days=1)}"


def tree(page: Page) -> str:
    """The table as Chromium hands it to a screen reader; what only groups is left out."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    told = {"table", "rowgroup", "row", "columnheader", "rowheader", "cell", "heading", "link", "button"}

    def lines(node: dict, depth: int) -> str:  # type: ignore[type-arg]
        role, name = node.get("role", {}).get("value"), node.get("name", {}).get("value", "")
        is_told = role in told and not node["ignored"]
        pressed = any(
            each["name"] == "pressed" and each["value"]["value"] == "true" for each in node.get("properties", ())
        )
        words = "" if role in ("rowgroup", "row") else f' "{name}"'
        own = f"{'  ' * depth}{role}{words}{' pressed' * pressed}\n" if is_told else ""
        return own + "".join(lines(by_id[child], depth + is_told) for child in node["childIds"] if child in by_id)

    table = next(node for node in nodes if node.get("role", {}).get("value") == "table")
    return lines(table, 0)


def test_screen_reader_is_told_a_table(open_page: OpenPage, camp: Event, alice: User) -> None:
    give_stars(alice, "Knots", "Ropes")
    page = open_page(alice)
    page.goto(CAMP)

    assert tree(page) == TREE
    assert faults(page) == []


def test_arrows_lead_from_cell_to_cell_and_tab_to_the_star(page: Page, camp: Event) -> None:
    page.goto(CAMP)

    def focused() -> str:
        return page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()")

    page.get_by_role("group", name="Rooms and times").focus()
    keys = [
        "Tab",
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowUp",
        "ArrowLeft",
        "ArrowDown",
        "Tab",
        "ArrowUp",
        "Tab",
    ]
    seen = [page.keyboard.press(key) or focused() for key in keys]

    assert seen == [
        "Tents",
        "Knots",
        "Knots",
        "Stars",
        "Knots",
        "Tents",
        "Ropes",
        "Star: Ropes",
        "Tents",
        "Star: Tents",
    ]
    page.keyboard.press("Enter")
    expect_star_count(page, 1)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("overlaps 1 ★")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.get_by_text("overlaps 1 ★")).to_have_count(0)
    page.keyboard.press("Tab")
    assert focused() != "Star: Tents"
    assert page.locator(".grid button[tabindex='0']").count() == 1


def test_now_goes_on(page: Page) -> None:
    now = timezone.now()
    event = add_event("camp", "UTC", f"{now:%Y-%m-%d}", f"{now + timedelta(days=1):%Y-%m-%d}")
    for number, title in enumerate(("Before", "After")):
        start = now + timedelta(hours=number) - timedelta(minutes=30)
        add_session(event, title, f"{start:%Y-%m-%dT%H:%M}", minutes=60)
    page.clock.install()
    page.goto("/camp/?view=grid")
    expect(page.locator("td.on h3")).to_have_text("Before")
    before = page.locator("#now time").text_content()

    page.clock.run_for("31:00")

    expect(page.locator("td.on h3")).to_have_text("After")
    expect(page.locator("tr.now .now-tag time")).not_to_have_text(before or "")
    boxes = "head => [...head.children].map((part) => part.getBoundingClientRect().toJSON())"
    hour, tag = page.locator("tr.now > th").evaluate(boxes)
    assert tag["top"] >= hour["bottom"]  # though the hour began a minute ago


def test_phone_shows_two_rooms_and_stops_at_a_room(open_page: OpenPage, large: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    page.goto(large)
    grid = page.get_by_role("group", name="Rooms and times")

    grid.evaluate("""grid => new Promise((done) => {
        grid.addEventListener("scrollend", done, { once: true });
        grid.scrollBy({ left: 400 });
    })""")

    heads = "grid => [...grid.querySelectorAll('thead th + th')].map((head) => head.getBoundingClientRect().toJSON())"
    in_view = [head for head in grid.evaluate(heads) if head["left"] > 51 and head["right"] < 391]
    assert [round(head["left"]) for head in in_view] == [52, 213]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_day_prints_on_one_landscape_sheet(page: Page, large: str) -> None:
    page.goto(large)

    printed = page.pdf(prefer_css_page_size=True)

    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [float(width) > float(height) for width, height in boxes] == [True]


def test_grid_works_by_tab_alone_without_script(open_page: OpenPage, camp: Event) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(CAMP)

    star_of(page, "Ropes").click()

    expect(star_of(page, "Ropes")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(f"{CAMP}#s-ropes")
