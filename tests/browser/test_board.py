"""The day board in a browser: by keys, by a pointer, and in every look; with moves that wait on the server."""

from __future__ import annotations

import re

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.editing.desk import desk
from agenda.models import Event, Plan, Room, Session
from tests.agenda.kvm_forum import add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import PROGRAMME
from tests.browser.test_accessibility import faults
from tests.browser.test_large_programme import MOST_SHIFTED, SHIFTED
from tests.browser.test_targets import PHONE, TOO_SMALL, WIDE
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser

BOARD = f"{PROGRAMME}edit/board/?day=2019-10-31"

# The double-booked talks whose start or title cannot be read where they stand side by side.
CUT_OFF = """() => [...document.querySelectorAll(".lanes .halved:not(:focus-within)")].filter((tile) => {
  const frame = tile.getBoundingClientRect();
  return [...tile.querySelectorAll(".time, b")].some((part) => {
    const { left, right, width, height } = part.getBoundingClientRect();
    return left < frame.left || right > frame.right || width < 30 || height < 10;
  });
}).map((tile) => tile.textContent)"""

# The first talk that is whole below the heads.
FIRST_WHOLE = """() => {
  const top = document.querySelector(".lanes h2").getBoundingClientRect().bottom;
  const tiles = [...document.querySelectorAll(".lanes .tile")];
  return tiles.find((tile) => tile.getBoundingClientRect().top >= top).textContent;
}"""


@pytest.fixture(autouse=True)
def event(programme: None) -> Event:
    """With a second room, and a talk that has neither a time nor a room."""
    event = Event.objects.get()
    Room.objects.create(event=event, name="Auditorium", slug="auditorium", position=9)
    talk = add_session(event, "Cheese and wine", "2019-10-31 18:00")
    Session.objects.filter(pk=talk.pk).update(start=None, end=None)
    return event


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has_text=title).first


def box(page: Page, title: str) -> Locator:
    return tile(page, title).get_by_role("checkbox")


def planned(event: Event, title: str) -> tuple[str, str]:
    """When (in Lyon) and where the talk will be, as the server has it."""
    talk = next(each for each in desk(event).talks.values() if each.session.title.startswith(title))
    start = getattr(talk, "start", None)
    return (f"{start.astimezone(event.zone):%H:%M}" if start else "", talk.room)


def saved(page: Page) -> None:
    expect(page.locator(".tile.sent")).to_have_count(0)


def test_talks_are_moved_by_keys_and_back(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor)
    page.goto(BOARD)

    box(page, "Nesting").focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    saved(page)
    assert planned(event, "Nesting") == ("11:50", "Auditorium")
    expect(tile(page, "Nesting")).to_contain_text("11:50–12:20")
    expect(page.locator(".gathered")).to_contain_text("1 talk changed, not published")
    expect(box(page, "Nesting")).to_be_focused()
    page.keyboard.press("z")
    saved(page)
    page.keyboard.press("Delete")
    saved(page)
    assert planned(event, "Nesting") == ("", "Forum 3")
    page.reload()
    for _ in range(3):
        page.get_by_role("button", name="Undo").click()
    saved(page)
    assert (planned(event, "Nesting"), Plan.objects.filter(state="waiting").exists()) == (("11:30", "Forum 3"), False)


def drag(page: Page, title: str, to: Locator, *, down: int | None = None) -> None:
    """To the middle of a room, and so many pixels down; or, without them, onto the heading of the tray."""
    source, target = box(page, title).locator("..").bounding_box(), to.bounding_box()
    assert source
    assert target
    page.mouse.move(source["x"] + source["width"] / 2, source["y"] + 12)
    page.mouse.down()
    height = target["y"] + 20 if down is None else source["y"] + 12 + down
    page.mouse.move(target["x"] + target["width"] / 2, height, steps=8)
    expect(page.locator(".drop-here")).to_be_visible()
    page.mouse.up()


def test_talks_are_dragged_with_those_that_are_picked(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor, viewport={"width": 1280, "height": 1400})
    page.goto(BOARD)

    box(page, "Nesting").check()
    box(page, "Moving s390").check()
    expect(page.locator(".how-many")).to_have_text("2 picked")
    drag(page, "Nesting", page.locator('[data-lane="Auditorium"]'), down=20)
    saved(page)
    assert [planned(event, title) for title in ("Nesting", "Moving s390")] == [
        *(("11:40", "Auditorium"), ("12:10", "Auditorium"))
    ]
    box(page, "Moving s390").uncheck()
    drag(page, "Moving s390", page.locator('[data-lane="Auditorium"]'), down=-30)
    saved(page)
    expect(page.locator(".tile.clash")).to_have_count(2)
    expect(page.locator("#clashes")).to_contain_text("Double booking of Auditorium, 11:55–12:10")
    assert page.evaluate(CUT_OFF) == []
    box(page, "Nesting").uncheck()
    expect(tile(page, "Nesting").locator(".to")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    expect(tile(page, "Nesting").locator(".to")).to_be_hidden()
    drag(page, "Nesting", page.locator(".tray"))
    saved(page)
    drag(page, "Cheese", page.locator('[data-lane="Forum 3"]'), down=-40)
    saved(page)
    assert (planned(event, "Nesting"), planned(event, "Cheese")[1]) == (("", "Auditorium"), "Forum 3")


@pytest.mark.parametrize(
    ("moment", "first"),
    [("2019-10-31T12:50Z", "virtio-fs"), ("2019-10-31T20:00Z", "Managing"), ("2019-10-30T12:50Z", "Managing")],
)
def test_board_opens_near_now_or_at_the_first_talk(open_page: OpenPage, editor: User, moment: str, first: str) -> None:
    with time_machine.travel(moment, tick=False):
        page = open_page(editor, viewport={"width": 1280, "height": 500})
        page.goto(f"{PROGRAMME}edit/board/")
        expect(page.locator(".rail")).to_be_visible()

    assert first in page.evaluate(FIRST_WHOLE)
    assert page.evaluate(SHIFTED) <= MOST_SHIFTED
    page.locator(".lanes").evaluate("lanes => lanes.scrollTo(0, lanes.scrollHeight)")
    tops = [page.locator(part).first.bounding_box()["y"] for part in (".lanes", ".lanes h2")]
    assert tops[0] == tops[1]


def test_moves_without_a_connection_are_sent_once_there_is_one(
    open_page: OpenPage, editor: User, event: Event, trouble: Trouble
) -> None:
    page = open_page(editor)
    page.goto(BOARD)
    trouble.foresee("ERR_INTERNET_DISCONNECTED")

    page.context.set_offline(True)
    box(page, "Nesting").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#board")).to_have_attribute("data-trouble", re.compile("^Not saved yet"))
    page.keyboard.press("ArrowDown")
    page.context.set_offline(False)
    saved(page)

    assert planned(event, "Nesting")[0] == "11:40"


def test_board_is_accessible_in_every_look(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor)
    page.goto(BOARD)

    box(page, "Nesting").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    saved(page)
    box(page, "Managing").check()

    assert faults(page) == []
    phone = open_page(editor, **PHONE)
    phone.goto(BOARD)
    expect(phone.locator(".rail")).to_be_visible()
    assert (phone.evaluate(TOO_SMALL), phone.evaluate(WIDE)) == ([], [])


def test_list_does_it_without_javascript(open_page: OpenPage, editor: User, event: Event) -> None:
    page = open_page(editor, java_script_enabled=False)
    page.goto(BOARD)

    box(page, "Nesting").check()
    page.get_by_label("Room").select_option("Auditorium")
    page.get_by_role("button", name="Move there").click()
    box(page, "Cheese").check()
    page.get_by_label("Start").fill("17:30")
    page.get_by_role("button", name="Give time").click()

    assert planned(event, "Nesting") == ("11:30", "Auditorium")
    assert planned(event, "Cheese") == ("17:30", "")
