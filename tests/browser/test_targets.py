"""What a finger or a pointer has to meet: targets large enough, menus at their button, nothing cut off."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Event, Room, Session, Track
from tests.agenda.kvm_forum import add_event, add_session
from tests.browser.conftest import OpenPage
from tests.browser.steps import NESTING, OPENING, PROGRAMME, address_of, give_stars, settle, star_of

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PAGES = (
    PROGRAMME,
    f"{PROGRAMME}?view=full&day=2019-11-01",
    f"{PROGRAMME}?q=nothing-like-it",
    f"{PROGRAMME}sessions/nesting-testing/",
    f"{PROGRAMME}speakers/",
    f"{PROGRAMME}speakers/alex-bennee/",
    f"{PROGRAMME}now/",
    f"{PROGRAMME}changes/",
    f"{PROGRAMME}apps/",
    f"{PROGRAMME}offline/",
    "/agenda/",
    "/agenda/apps/",
    "/agenda/time-zone/",
    "/agenda/?view=calendar",
    f"{PROGRAMME}?view=grid",
)
OWN_PAGES = (
    *PAGES,
    "/agenda/calendars/",
    "/agenda/calendars/add/apple/",
    "/agenda/calendars/add/android/",
    "/agenda/calendars/add/caldav/",
)
# The box of a link or button, or of the label that it can be tapped by. In a sentence, that is with other words in its
# line, 24 pixels do if no other target is nearer than that (WCAG 2.5.8: circles of 24 pixels that do not meet).
TOO_SMALL = """() => {
  const shown = [...document.querySelectorAll("a[href], button, summary, input, select")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".visually-hidden, .skip"));
  const boxes = new Map(shown.map((each) => [each, (each.closest("label") ?? each).getBoundingClientRect()]));
  const inSentence = (each) => getComputedStyle(each).display === "inline"
    && each.parentElement.textContent.trim().length > each.textContent.trim().length + 3;
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const crowded = (each) => shown.some((other) => {
    const [[x1, y1], [x2, y2]] = [each, other].map((one) => middle(boxes.get(one)));
    return other !== each && Math.hypot(x1 - x2, y1 - y2) < 24;
  });
  return shown.filter((each) => {
    const { height, width } = boxes.get(each);
    if (!width) return false;
    return inSentence(each) ? height < 23.5 || crowded(each) : height < 43.5;
  }).map((each) => `${Math.round(boxes.get(each).height)} px: ${each.outerHTML.slice(0, 120)}`);
}"""
WIDE = "() => document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth] : []"


@pytest.fixture
def starring_alice(alice: User) -> User:
    give_stars(alice, OPENING, NESTING)
    CalendarKey.objects.issue(alice, name="Google Calendar", once="any")
    return alice


def measured(page: Page, addresses: tuple[str, ...], script: str) -> dict[str, list[str]]:
    """What the script finds wrong, by address."""
    found = {}
    for address in addresses:
        settle(page)
        page.goto(address)
        found[address] = page.evaluate(script)
    return {address: faults for address, faults in found.items() if faults}


def test_every_target_of_a_visitor_is_large_enough_for_a_finger(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    page.goto(address_of(OPENING))
    star_of(page, OPENING).click()

    assert measured(page, PAGES, TOO_SMALL) == {}


def test_every_target_of_alice_is_large_enough_for_a_finger(open_page: OpenPage, starring_alice: User) -> None:
    assert measured(open_page(starring_alice, **PHONE), OWN_PAGES, TOO_SMALL) == {}


def test_every_target_among_changes_is_large_enough_for_a_finger(open_page: OpenPage, starring_alice: User) -> None:
    pks = list(Session.objects.values_list("pk", flat=True)[:6])
    with recording(pks[:3], by=None) as edit:
        edit.change_all(status="cancelled", note="The projector is broken.")
    with recording(pks[3:], by=None) as edit:
        edit.change_all(abstract="Other words.")
    pages = (f"{PROGRAMME}changes/", f"{PROGRAMME}changes/?starred=1", "/agenda/")

    assert measured(open_page(starring_alice, **PHONE), pages, TOO_SMALL) == {}


def test_second_days_rows_and_the_editors_badge_are_not_wider_than_a_phone(open_page: OpenPage, editor: User) -> None:
    hackathon = {"minutes": 32 * 60, "abstract": "Bring a laptop."}
    add_session(Event.objects.get(), "Hackathon", "2019-10-31 10:00", **hackathon)
    add_event("camp", "Europe/Paris", "2030-05-01", "2030-05-02", "announced")
    page = open_page(editor, viewport={"width": 390, "height": 844})

    assert measured(page, (f"{PROGRAMME}?view=full", "/camp/", "/events/"), WIDE) == {}


def test_chosen_day_is_in_view_where_the_days_are_wider_than_a_phone(open_page: OpenPage) -> None:
    add_event("camp", "Europe/Paris", "2030-05-01", "2030-05-06")
    page = open_page(**PHONE)

    for day in ("2030-05-01", "2030-05-06"):
        page.goto(f"/camp/?day={day}")
        expect(page.locator("#days [aria-current]")).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("name", ["Track", "Room"])
def test_menu_hangs_from_its_own_button(open_page: OpenPage, name: str) -> None:
    event = Event.objects.get()
    for model in (Room, Track):
        model.objects.create(event=event, name="Another", slug="another")
    page = open_page(viewport={"width": 1280, "height": 800})
    page.goto(PROGRAMME)
    menu = page.locator("details.chip-menu").filter(has=page.locator("summary", has_text=name))

    menu.locator("summary").click()

    button, list_ = menu.locator("summary").bounding_box(), menu.locator("ul").bounding_box()
    assert button
    assert list_
    assert 0 <= list_["y"] - (button["y"] + button["height"]) <= 8
    assert abs(list_["x"] - button["x"]) <= 8
    assert list_["x"] + list_["width"] <= 1280


@pytest.mark.parametrize(
    ("width", "to_do"),
    [(390, "keep your favourites and sync them to your phone or calendar."), (360, "sync them to your phone.")],
)
def test_first_words_for_visitors_take_two_lines_on_a_phone(open_page: OpenPage, width: int, to_do: str) -> None:
    page = open_page(**PHONE | {"viewport": {"width": width, "height": 844}})
    page.goto(PROGRAMME)
    hint = page.locator(".hint")

    assert hint.inner_text() == f"Tap ☆ on the talks you want, no account needed. Sign up or log in to {to_do}"
    lines = "hint => (hint.clientHeight - 16) / parseFloat(getComputedStyle(hint).lineHeight)"
    assert hint.evaluate(lines) <= 2
