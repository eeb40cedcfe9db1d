"""axe finds nothing on any page, light and dark, and no page scrolls sideways on the narrowest phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import CalendarKey, User
from agenda import changes
from agenda.models import Session
from tests.browser.conftest import OpenPage
from tests.browser.steps import LAST, NESTING, OPENING, PROGRAMME, VIRTIO_FS, expect_starred, give_stars, star_of
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser

NARROWEST = 360  # CSS pixels: small phones
VISITOR_PAGES = (
    PROGRAMME,
    f"{PROGRAMME}?view=full&day=2019-11-01",
    f"{PROGRAMME}?q=nothing&track=unknown",
    f"{PROGRAMME}?q=vm&slides=1&room=forum-3",
    f"{PROGRAMME}sessions/nesting-testing/",
    f"{PROGRAMME}speakers/",
    f"{PROGRAMME}speakers/?q=nobody",
    f"{PROGRAMME}speakers/alex-bennee/",
    f"{PROGRAMME}now/",
    "/agenda/",
    "/agenda/time-zone/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    f"{PROGRAMME}sessions/no-such/",
)
OWN_PAGES = (
    "/agenda/",
    "/agenda/calendars/",
    "/accounts/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
)


def check(page: Page) -> list[str]:
    """What axe and a ruler find wrong with this page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    faults = [
        f"{page.url}: {violation['id']}: {node['html'][:160]}" for violation in found for node in violation["nodes"]
    ]
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return faults + ([f"{page.url}: {too_wide} pixels too wide"] if too_wide else [])


@pytest.fixture(params=[("light", NARROWEST), ("dark", NARROWEST), ("light", 1280), ("dark", 1280)], ids=str)
def look(request: pytest.FixtureRequest) -> dict[str, object]:
    scheme, width = request.param
    return {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}


def test_visitors_pages(open_page: OpenPage, trouble: Trouble, look: dict[str, object]) -> None:
    trouble.foresee("status of 404")
    page = open_page(**look)
    faults = []

    for address in VISITOR_PAGES:
        page.goto(address)
        faults += check(page)

    assert faults == []


def test_own_pages(open_page: OpenPage, alice: User, look: dict[str, object]) -> None:
    give_stars(alice, OPENING, NESTING, VIRTIO_FS, LAST)
    overlap_and_cancel()
    CalendarKey.objects.issue(alice, name="Google Calendar", once="any")
    page = open_page(alice, **look)
    faults = []

    for address in OWN_PAGES:
        page.goto(address)
        faults += check(page)
    page.goto("/agenda/calendars/")
    page.get_by_role("button", name="Android").click()
    expect(page.locator("#address")).to_be_visible()
    faults += check(page)

    assert faults == []


def test_empty_agenda_and_calendars(open_page: OpenPage, alice: User, look: dict[str, object]) -> None:
    page = open_page(alice, **look)
    faults = []

    for address in ("/agenda/", "/agenda/calendars/"):
        page.goto(address)
        faults += check(page)

    assert faults == []


def test_pages_that_answer_a_form(open_page: OpenPage, trouble: Trouble, look: dict[str, object]) -> None:
    trouble.foresee("status of 403")
    page = open_page(**look)
    faults = []

    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    faults += check(page)
    page.get_by_label("Password").fill("long-enough-to-be-taken")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Code")).to_be_visible()
    faults += check(page)
    page.goto("/agenda/time-zone/")
    page.context.clear_cookies()
    page.get_by_role("button", name="Show times in this zone").click()
    faults += check(page)

    assert faults == []


def test_stars_that_failed_or_were_saved(open_page: OpenPage, trouble: Trouble, look: dict[str, object]) -> None:
    trouble.foresee("status of 500", "Response Status Error Code 500")
    page = open_page(**look)
    page.goto(PROGRAMME)
    star_of(page, NESTING).click()
    expect_starred(page, NESTING)
    page.route("**/star", lambda route: route.fulfill(status=500))

    star_of(page, OPENING).click()

    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    assert check(page) == []


def overlap_and_cancel() -> None:
    """One starred session moved into another, one is cancelled."""
    opening, nesting, last = (Session.objects.get(title=title) for title in (OPENING, NESTING, LAST))
    with changes.recorded([nesting.pk, last.pk], by=None, note="The projector is broken."):
        Session.objects.filter(pk=nesting.pk).update(start=opening.start, end=opening.end)
        Session.objects.filter(pk=last.pk).update(status=Session.Status.CANCELLED)
