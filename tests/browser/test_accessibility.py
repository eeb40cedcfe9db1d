"""Nobody is shut out: axe finds nothing on any page in any look, and the narrowest phone shows all of it."""

from __future__ import annotations

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from accounts.models import CalendarKey, User
from agenda.changes import recorded
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    LAST,
    NESTING,
    OPENING,
    PROGRAMME,
    expect_starred,
    give_stars,
    mailed_code,
    star_of,
)
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser

EVERYTHING = {"resultTypes": ["violations"]}
# All that a dark page can do wrong where the same page in light is right.
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS = (("light", 1280, EVERYTHING), ("dark", 1280, COLOURS), ("dark", 390, COLOURS), ("light", 390, EVERYTHING))

VISITORS_PAGES = {
    "programme": (
        PROGRAMME,
        f"{PROGRAMME}?q=vm&slides=1&starred=1",
        f"{PROGRAMME}?track=unknown&day=someday&view=grid",
    ),
    "full programme": (f"{PROGRAMME}?view=full&day=2019-11-01",),
    "session": (f"{PROGRAMME}sessions/nesting-testing/", f"{PROGRAMME}now/", "/agenda/", "/agenda/time-zone/"),
    "speakers": (f"{PROGRAMME}speakers/", f"{PROGRAMME}speakers/?q=nobody", f"{PROGRAMME}speakers/alex-bennee/"),
    "entrance": ("/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"),
    "not found": (f"{PROGRAMME}sessions/no-such-talk/", "/admin/"),
}
OWN_PAGES = {
    "agenda": ("/agenda/", "/agenda/calendars/"),
    "account": ("/accounts/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"),
}
NARROWEST = 360  # CSS pixels: small phones
TOO_NARROW = """() => {
  const lines = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const rects = [...range.getClientRects()].filter((rect) => rect.width);
    return rects.some((one) => rects.some((other) => other.top > one.bottom - 2)) ? 2 : rects.length && 1;
  };
  const inHead = [...document.querySelectorAll(".site-head a")].filter((link) => lines(link));
  const wrapped = inHead.filter((link) => lines(link) > 1).map((link) => `wraps: ${link.textContent.trim()}`);
  const width = document.documentElement.scrollWidth;
  return [...wrapped, ...(inHead.length ? [] : ["no head"]), ...(width > innerWidth ? [`${width} pixels wide`] : [])];
}"""


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page that is open, in every look."""
    found = []
    for scheme, width, options in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        for violation in Axe().run(page, options=options).response["violations"]:
            found += [f"{scheme} {width}: {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]
    return found


def faults_of(page: Page, addresses: tuple[str, ...]) -> dict[str, list[str]]:
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = faults(page)
    return {address: list_ for address, list_ in found.items() if list_}


@pytest.fixture
def busy_alice(alice: User) -> User:
    """She starred a talk, one that was moved into it, and one that was cancelled, and has a calendar."""
    opening, nesting, last = (Session.objects.get(title=title) for title in (OPENING, NESTING, LAST))
    with recorded([nesting.pk, last.pk], by=None, note="The projector is broken."):
        Session.objects.filter(pk=nesting.pk).update(start=opening.start, end=opening.end)
        Session.objects.filter(pk=last.pk).update(status=Session.Status.CANCELLED)
    give_stars(alice, OPENING, NESTING, LAST)
    CalendarKey.objects.issue(alice, name="Google Calendar", once="any")
    return alice


@pytest.mark.parametrize("pages", VISITORS_PAGES)
def test_visitors_pages_are_accessible(page: Page, trouble: Trouble, pages: str) -> None:
    trouble.foresee(*(["status of 404"] if pages == "not found" else []))

    assert faults_of(page, VISITORS_PAGES[pages]) == {}


@pytest.mark.parametrize("pages", OWN_PAGES)
def test_own_pages_are_accessible(open_page: OpenPage, busy_alice: User, pages: str) -> None:
    assert faults_of(open_page(busy_alice), OWN_PAGES[pages]) == {}


def test_empty_pages_are_accessible(open_page: OpenPage, alice: User) -> None:
    assert faults_of(open_page(alice), ("/agenda/", "/agenda/calendars/")) == {}


def test_now_page_is_accessible_during_the_event(page: Page) -> None:
    with time_machine.travel("2019-10-31T10:40:00Z"):
        page.goto(f"{PROGRAMME}now/")
        expect(page.get_by_role("heading", name="On now")).to_be_visible()

        assert faults(page) == []


def test_added_calendar_is_accessible(open_page: OpenPage, alice: User) -> None:
    page = open_page(alice)
    page.goto("/agenda/calendars/")

    page.get_by_role("button", name="Android").click()

    expect(page.locator("#address")).to_be_visible()
    assert faults(page) == []


def test_signing_up_is_accessible_when_refused_and_when_waiting_for_the_code(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []

    page.get_by_label("Password").fill("long-enough-to-be-taken")
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert faults(page) == []

    page.get_by_label("Code").fill("WRONG")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []


def test_resetting_the_password_is_accessible(page: Page, alice: User) -> None:
    page.goto("/accounts/password/reset/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button", name="Mail me a code").click()
    code = mailed_code(page, alice.email)
    assert faults(page) == []

    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Password").first).to_be_visible()
    assert faults(page) == []


def test_code_pages_are_accessible(open_page: OpenPage, alice: User) -> None:
    page = open_page()
    page.goto("/accounts/login/code/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button", name="Mail me a code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert faults(page) == []

    page = open_page(alice)
    page.goto("/accounts/email/")
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert len(mail.outbox) == 2
    assert faults(page) == []


def test_refusals_are_accessible(open_page: OpenPage, trouble: Trouble, alice: User) -> None:
    trouble.foresee("status of 403 .*/admin/", "status of 403 .*/time-zone/")
    page = open_page(alice)
    assert faults_of(page, ("/admin/",)) == {}

    page.goto("/agenda/time-zone/")
    page.context.clear_cookies()
    page.get_by_role("button", name="Show times in this zone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The page was open too long")
    assert faults(page) == []


@pytest.mark.parametrize("status", [400, 500])
def test_bare_error_page_is_accessible(page: Page, trouble: Trouble, status: int) -> None:
    trouble.foresee(f"status of {status}")
    answer = render_to_string(f"{status}.html")
    page.route("**/broken/", lambda route: route.fulfill(status=status, content_type="text/html", body=answer))

    assert faults_of(page, ("/broken/",)) == {}


def test_failed_star_is_accessible(page: Page, trouble: Trouble) -> None:
    trouble.foresee("status of 500", "Response Status Error Code 500")
    page.goto(f"{PROGRAMME}?q=nested")
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    page.route("**/unstar", lambda route: route.fulfill(status=500))

    star_of(page, OPENING).click()

    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    assert faults(page) == []


def test_narrowest_phone_shows_visitors_pages_whole(open_page: OpenPage, trouble: Trouble) -> None:
    trouble.foresee("status of 404")
    page = open_page(viewport={"width": NARROWEST, "height": 640})

    assert too_narrow(page, VISITORS_PAGES) == {}


def test_narrowest_phone_shows_own_pages_whole(open_page: OpenPage, busy_alice: User) -> None:
    page = open_page(busy_alice, viewport={"width": NARROWEST, "height": 640})

    assert too_narrow(page, OWN_PAGES) == {}

    page.goto("/agenda/calendars/")
    page.get_by_role("button", name="Outlook").click()
    expect(page.locator("#address")).to_be_visible()
    assert page.evaluate(TOO_NARROW) == []


def too_narrow(page: Page, pages: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """What does not fit, by address: what wraps in the head, and pages that scroll sideways."""
    found = {}
    for address in [address for group in pages.values() for address in group]:
        page.goto(address)
        found[address] = page.evaluate(TOO_NARROW)
    return {address: list_ for address, list_ in found.items() if list_}
