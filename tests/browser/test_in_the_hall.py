"""On a phone, in the second day of a large conference: what is on next for me, which of three, and a free hour."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Event, Session, Star
from tests.agenda import rows
from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.steps import row_of, settle, star_of, unstarred_row_of
from tests.browser.test_keyboard import FOCUS_IS_SEEN
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser

SATURDAY = datetime(2026, 11, 28, 9, 35, tzinfo=UTC)  # 10:35 in Berlin; the talks of the first slot end at 10:50
DEMO = "/tideline-demo-conference/"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
FIRST_IN_VIEW = """() => [...document.querySelectorAll("[id^='s-']")].filter((row) => row.checkVisibility())
    .map((row) => ({ id: row.id, top: row.getBoundingClientRect().top })).find(({ top }) => top >= 0)"""
# What covers the element that has the focus, such as a bar that sticks; nothing if it is seen.
COVER = """() => {
  const { left, top, width, height } = document.activeElement.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
  const isSeen = there && (document.activeElement.contains(there) || there.contains(document.activeElement));
  return isSeen ? "" : `${document.activeElement.outerHTML} below ${there?.outerHTML}`;
}"""
LAPTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def demo() -> Iterator[Event]:
    with time_machine.travel(SATURDAY, tick=False):
        event = rows.demo()
        event.walking_minutes = 4
        event.save()
        yield event


def talk(event: Event, place: int, at: str, day: int = 28) -> Session:
    """The talk in the room of that number that starts at that time in Berlin."""
    start = datetime.fromisoformat(f"2026-11-{day}T{at}").replace(tzinfo=event.zone)
    return event.sessions.filter(start=start, status="confirmed").order_by("room__position")[place]


@pytest.fixture
def talks(demo: Event, alice: User) -> dict[str, Session]:
    """Alice's: one over, one on, one next, three at once, and one late with an hour or two free before it."""
    chosen = {
        "over": talk(demo, 0, "09:15"),
        "on": talk(demo, 1, "10:10"),
        "next": talk(demo, 2, "11:20"),
        "first": talk(demo, 1, "12:10"),
        "second": talk(demo, 2, "12:10"),
        "third": talk(demo, 3, "12:10"),
        "late": talk(demo, 1, "16:00"),
        "tomorrow": talk(demo, 1, "10:10", day=29),
    }
    Star.objects.bulk_create(Star(user=alice, session=session) for session in chosen.values())
    return chosen


def look(page: Page, name: str) -> None:
    """A picture of the whole page, for a person to look at: PICTURES=folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def expect_no_violations(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []


def press_to(page: Page, key: str, target: Locator, *, most: int) -> None:
    """Presses the key, `most` times at most, until the target has the focus. All that has it on the way is seen."""
    for _ in range(most):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        assert page.evaluate(COVER) == ""
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by {most} × {key}")


def open_my_agenda(page: Page) -> None:
    """Opens my agenda from the programme, by keyboard, at the beginning of its content."""
    page.goto("/")
    press_to(page, "Tab", page.get_by_role("link", name="My agenda"), most=5)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My agenda")).to_be_visible()
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    expect(page.get_by_role("main")).to_be_focused()


def test_what_is_next_for_me_is_one_tap_away(open_page: OpenPage, alice: User, talks: dict[str, Session]) -> None:
    page = open_page(alice, **PHONE)
    page.goto("/")
    card = page.locator("#mine-now")
    expect(card.get_by_role("heading")).to_have_text([talks["on"].title, talks["next"].title])

    page.get_by_role("link", name="Now", exact=True).click()

    expect(card.locator(".label").nth(0)).to_have_text(f"Now until 10:50 · {talks['on'].room}")
    expect(card.locator(".label").nth(1)).to_have_text(
        f"Next in 45 min · {talks['next'].room} (4 min walk) · leave at 11:16"
    )
    assert page.locator(".room-now > li").count() == 12
    expect_no_violations(page)
    look(page, "now")


def test_minutes_run_on_and_what_is_over_makes_room(
    open_page: OpenPage, alice: User, talks: dict[str, Session]
) -> None:
    page = open_page(alice, **PHONE)
    page.clock.install()
    page.goto(f"{DEMO}now/")
    label = page.locator("#mine-now .label")
    expect(label.last).to_contain_text("Next in 45 min")

    page.clock.run_for(61_000)
    expect(label.last).to_contain_text("Next in 44 min")

    with time_machine.travel(SATURDAY + timedelta(minutes=16), tick=False):
        page.clock.run_for(15 * 60_000)
        expect(label).to_have_count(1)
        expect(label).to_contain_text("Next in 29 min")
    settle(page)


def test_first_of_three_is_picked_in_one_box(open_page: OpenPage, alice: User, talks: dict[str, Session]) -> None:
    page = open_page(alice, **PHONE)
    page.goto("/agenda/")
    box = page.get_by_role("group", name="12:10–12:50 · 3 talks at once")
    expect(box.get_by_role("radio", checked=True)).to_have_count(0)
    expect_no_violations(page)
    look(page, "agenda")

    box.get_by_role("radio", name=f"First choice: {talks['second'].title}").check()

    expect(box.locator(".in-case")).to_have_count(2)
    expect(box.get_by_role("radio", checked=True)).to_be_focused()
    assert set(Star.objects.filter(in_case_of=talks["second"]).values_list("session", flat=True)) == {
        talks["first"].pk,
        talks["third"].pk,
    }
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=f"First choice: {talks['third'].title}")).to_be_checked()
    expect(box.locator(".choice").filter(has_text="First choice ·")).to_contain_text(talks["third"].title)

    page.get_by_role("button", name="Plan all of them").click()
    expect(box.locator(".in-case")).to_have_count(0)


def test_first_of_three_is_picked_by_keyboard(open_page: OpenPage, alice: User, talks: dict[str, Session]) -> None:
    page = open_page(alice, **LAPTOP)
    open_my_agenda(page)
    radio = {name: page.get_by_role("radio", name=f"First choice: {talks[name].title}") for name in ("first", "second")}

    press_to(page, "Tab", radio["first"], most=14)
    page.keyboard.press("Space")
    expect(page.locator(".choice.in-case")).to_have_count(2)
    settle(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".choice").filter(has_text="First choice ·")).to_contain_text(talks["second"].title)
    settle(page)
    expect(radio["second"]).to_be_focused()
    assert set(Star.objects.filter(in_case_of=talks["second"]).values_list("session", flat=True)) == {
        talks["first"].pk,
        talks["third"].pk,
    }

    press_to(page, "Tab", page.get_by_role("button", name="Plan all of them"), most=8)
    page.keyboard.press("Enter")
    expect(page.locator(".choice.in-case")).to_have_count(0)
    expect(radio["first"]).to_be_focused()


def test_box_and_the_rest_work_without_scripts(open_page: OpenPage, alice: User, talks: dict[str, Session]) -> None:
    page = open_page(alice, java_script_enabled=False, **PHONE)
    page.goto("/agenda/")

    page.get_by_role("radio", name=f"First choice: {talks['first'].title}").check(force=True)
    page.get_by_role("button", name="Save my first choice").click()
    expect(page.locator(".choice.in-case")).to_have_count(2)

    page.get_by_text("Free 12:50–16:00").click()
    page.get_by_role("link", name="In the programme").last.click()
    expect(page).to_have_url(f"{DEMO}?from=2026-11-28T12%3A50&to=2026-11-28T16%3A00")


def test_free_hour_is_filled_where_it_stands(open_page: OpenPage, alice: User, talks: dict[str, Session]) -> None:
    page = open_page(alice, **PHONE)
    page.goto("/agenda/")
    expect(page.get_by_text("1 earlier", exact=True)).to_be_visible()

    page.get_by_text("Free 12:50–16:00").click()
    found = page.locator(".free .session")
    expect(found.first).to_be_visible()
    look(page, "agenda-free")
    title = found.first.locator(".title").inner_text()
    star_of(page, title).click()

    expect(page.locator("#star-count")).to_have_text("9")
    expect(page.locator("#agenda > div > section .title").get_by_text(title, exact=True)).to_be_visible()
    expect_no_violations(page)


def test_free_hour_is_filled_by_keyboard(
    open_page: OpenPage, alice: User, demo: Event, talks: dict[str, Session]
) -> None:
    page = open_page(alice, **LAPTOP)
    open_my_agenda(page)
    free, found = page.locator(".free summary", has_text="12:50–16:00"), page.locator(".free .session")

    press_to(page, "Tab", free, most=20)
    page.keyboard.press("Enter")
    expect(found.first).to_be_visible()
    settle(page)
    title = found.first.locator(".title").inner_text()
    press_to(page, "Tab", star_of(page, title), most=4)
    page.keyboard.press("Space")
    expect(page.locator("#agenda > div > section .title").get_by_text(title, exact=True)).to_be_visible()
    expect(found.filter(has=star_of(page, talk(demo, 2, "14:00").title))).to_have_count(0)  # on at the same time
    settle(page)
    expect(page.locator("#star-count")).to_have_text("9")
    expect(row_of(page, title).locator(":focus")).to_have_count(1)
    assert page.evaluate(COVER) == ""

    later = talk(demo, 0, "14:50").title
    press_to(page, "Tab", star_of(page, later), most=16)
    page.keyboard.press("Enter")
    expect(page.locator("#star-count")).to_have_text("10")
    expect(row_of(page, later).locator(":focus")).to_have_count(1)
    expect(found.filter(has=star_of(page, later))).to_have_count(0)
    settle(page)
    assert page.evaluate(COVER) == ""


def test_what_is_unfolded_stays_and_undo_is_in_sight(
    open_page: OpenPage, alice: User, talks: dict[str, Session]
) -> None:
    page = open_page(alice, **PHONE)
    page.goto("/agenda/")
    page.get_by_text("1 earlier", exact=True).click()
    star_of(page, talks["over"].title).click()
    expect(unstarred_row_of(page, talks["over"].title)).to_be_visible()

    page.get_by_text("Free 12:50–16:00").click()
    found = page.locator(".free .session")
    starred, after = (found.nth(place).locator(".title").inner_text() for place in (8, 9))
    star_of(page, starred).scroll_into_view_if_needed()
    before = row_of(page, after).bounding_box()
    star_of(page, starred).click()
    expect(found.filter(has=star_of(page, starred))).to_have_count(0)
    settle(page)
    assert abs(row_of(page, after).bounding_box()["y"] - before["y"]) < before["height"]

    star_of(page, talks["next"].title).click()
    expect(unstarred_row_of(page, talks["next"].title)).not_to_be_in_viewport()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#mine-now .star")).to_have_count(2)
    expect(page.locator(".toast")).to_have_count(0)
    settle(page)


def test_calendar_of_a_running_day_answers_to_the_arrow_keys(
    open_page: OpenPage, alice: User, talks: dict[str, Session]
) -> None:
    page = open_page(alice, **PHONE)
    page.goto("/agenda/?view=calendar")

    cells = page.locator(".cell a")
    cells.first.press("ArrowDown")

    expect(cells.nth(1)).to_be_focused()


def test_changed_programme_is_said_and_shown_where_one_reads(
    open_page: OpenPage, alice: User, talks: dict[str, Session]
) -> None:
    page = open_page(alice, **PHONE)
    page.clock.install()
    page.goto("/agenda/")
    page.locator(".session").last.scroll_into_view_if_needed()
    moved = talks["late"]
    with recording([moved.pk], by=None) as edit:
        moved.start += timedelta(hours=1)
        moved.end += timedelta(hours=1)
        edit.change(moved, {"start": moved.start, "end": moved.end})
    before = page.evaluate(FIRST_IN_VIEW)

    page.clock.run_for(80_000)
    expect(page.locator("#fresh")).to_have_text("Programme changed: 1 talk moved. Show")
    look(page, "agenda-changed")
    page.get_by_role("link", name="Show", exact=True).click()

    expect(page.locator(".changes")).to_contain_text("16:00 → 17:00")
    settle(page)
    after = page.evaluate(FIRST_IN_VIEW)
    assert (after["id"], abs(after["top"] - before["top"]) < 2) == (before["id"], True)
    look(page, "agenda-shown")
    page.get_by_role("button", name="Seen").click()
    expect(page.locator(".changes")).to_have_count(0)


def test_lobby_screen_renews_itself(open_page: OpenPage, talks: dict[str, Session], trouble: Trouble) -> None:
    trouble.foresee("net::ERR_FAILED")
    page = open_page(**LAPTOP)
    page.clock.install()
    page.goto(f"{DEMO}now/?screen=1")
    expect(page.locator("section")).to_have_count(12)
    look(page, "screen")

    page.route("**/now/**", lambda route: route.abort())
    with page.expect_event("requestfailed"):  # the way to the site stays shut until it was tried
        page.clock.run_for(61_000)
    expect(page.locator("section")).to_have_count(12)
    page.unroute("**/now/**")
    with time_machine.travel(SATURDAY + timedelta(minutes=20), tick=False):
        page.clock.run_for(61_000)
        expect(page.locator("header time")).to_have_text("10:55")


def test_my_calendars_have_a_line_each(open_page: OpenPage, alice: User, demo: Event) -> None:
    CalendarKey.objects.issue(alice, name="Phone", once="any")
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    page = open_page(alice, user_agent=iphone, **PHONE)
    page.goto("/agenda/calendars/")
    expect(page.locator(".cals .state")).to_have_text("not updated yet")
    page.locator(".menu summary").click()
    expect(page.get_by_role("button", name="Revoke Phone")).to_be_visible()
    look(page, "calendars")
    expect_no_violations(page)

    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add to Apple Calendar").click()

    expect(page.get_by_role("link", name="Subscribe in Apple Calendar")).to_be_visible()
    expect(page.locator("svg.qr")).to_have_count(0)
    assert CalendarKey.objects.get(name="iPhone or Mac").options == {"alarm": 10}
