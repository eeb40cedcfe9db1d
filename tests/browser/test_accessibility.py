"""Nobody is shut out: axe finds nothing on any page in any look, and the narrowest phone shows all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator as Factor
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Announcement, Session
from forum.bodies import LARGEST_BODY
from tests.accounts.steps import app_code, recovery_codes_of, switch_app_on
from tests.browser.axe import COLOURS, EVERYTHING, violations
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    LAST,
    NESTING,
    OPENING,
    PROGRAMME,
    Authenticator,
    expect_starred,
    give_stars,
    mailed_code,
    settle,
    sign_in,
    star_of,
)
from tests.browser.trouble import Trouble
from tests.forum.addresses import passkey_data

pytestmark = pytest.mark.browser

LOOKS = (("light", 1280, EVERYTHING), ("dark", 1280, COLOURS), ("dark", 390, COLOURS), ("light", 390, EVERYTHING))

VISITORS_PAGES = {
    "programme": (
        PROGRAMME,
        f"{PROGRAMME}?q=vm&slides=1&starred=1",
        f"{PROGRAMME}?track=unknown&day=someday&view=3d",
    ),
    "full programme": (f"{PROGRAMME}?view=full&day=2019-11-01",),
    "grid": (f"{PROGRAMME}?view=grid",),
    "session": (f"{PROGRAMME}sessions/nesting-testing/", f"{PROGRAMME}now/", "/agenda/", "/agenda/time-zone/"),
    "changes": (f"{PROGRAMME}changes/", f"{PROGRAMME}changes/?starred=1"),
    "speakers": (f"{PROGRAMME}speakers/", f"{PROGRAMME}speakers/?q=nobody", f"{PROGRAMME}speakers/alex-bennee/"),
    "events": ("/events/", f"{PROGRAMME}offline/"),
    "apps": (f"{PROGRAMME}apps/", "/agenda/apps/"),
    "entrance": ("/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"),
    "not found": (f"{PROGRAMME}sessions/no-such-talk/",),
}
OWN_PAGES = {
    "apps": ("/agenda/apps/",),
    "agenda": (
        "/agenda/",
        "/agenda/?view=calendar",
        "/agenda/calendars/",
        "/agenda/calendars/add/apple/",
        "/agenda/calendars/add/caldav/",
    ),
    "account": (
        "/accounts/",  # where she is logged in and what is stored of her included
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/3rdparty/",
        "/accounts/data/delete",
        "/accounts/logout/",
    ),
    "passkeys": (
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/webauthn/keys/{passkey}/edit/",
        "/accounts/2fa/webauthn/keys/{passkey}/remove/",
    ),
    "second step": (
        "/accounts/2fa/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/reauthenticate/",
        "/accounts/2fa/webauthn/reauthenticate/",
    ),
}
THEN = "?at=2019-10-31T11:10"
EDITORS_PAGES = {
    "import": ("/edit/import/", f"{PROGRAMME}edit/import/"),
    "preview": (f"{PROGRAMME}{THEN}", f"{PROGRAMME}now/{THEN}", f"/agenda/{THEN}"),
}
NARROWEST, ZOOMED = 360, 320  # CSS pixels: small phones, and those whose letters are larger
TOO_NARROW = """() => {
  const lines = (element) => {
    // Of its words: an icon above them, and the number on it, are no line.
    const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const rects = [];
    while (words.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(words.currentNode);
      const isNumber = words.currentNode.parentElement.matches(".star-count");
      rects.push(...[...range.getClientRects()].filter((rect) => rect.width && !isNumber));
    }
    return rects.some((one) => rects.some((other) => other.top > one.bottom - 2)) ? 2 : rects.length && 1;
  };
  const inHead = [...document.querySelectorAll(".site-head a")].filter((link) => lines(link));
  const wrapped = inHead.filter((link) => lines(link) > 1).map((link) => `wraps: ${link.textContent.trim()}`);
  const width = document.documentElement.scrollWidth;
  return [...wrapped, ...(inHead.length ? [] : ["no head"]), ...(width > innerWidth ? [`${width} pixels wide`] : [])];
}"""
WIDER = "() => document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : []"
BOTTOM_BAR = """() => [...document.querySelectorAll(".site-nav a")]
  .filter((link) => link.checkVisibility())
  .filter((link) => link.getBoundingClientRect().left < 0 || link.getBoundingClientRect().right > innerWidth
    || link.scrollWidth > link.clientWidth)
  .map((link) => link.textContent)"""


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page that is open, in every look."""
    found = []
    for scheme, width, options in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{scheme} {width}: {broken}" for broken in violations(page, options)]
    return found


def open_address(page: Page, address: str) -> None:
    """This very page, not one that it sends elsewhere to; with the passkey that is there in its place."""
    settle(page)
    address = address.format(passkey=pk) if (pk := passkey_id()) else address
    page.goto(address)
    expect(page).to_have_url(address)


def passkey_id() -> int | None:
    return Factor.objects.filter(type=Factor.Type.WEBAUTHN).values_list("pk", flat=True).first()


def faults_of(page: Page, addresses: tuple[str, ...]) -> dict[str, list[str]]:
    found = {}
    for address in addresses:
        open_address(page, address)
        found[address] = faults(page)
    return {address: list_ for address, list_ in found.items() if list_}


@pytest.fixture
def busy_alice(alice: User) -> User:
    """She starred a talk, one that was moved into it, and one that was cancelled, and has a calendar."""
    opening, nesting, last = (Session.objects.get(title=title) for title in (OPENING, NESTING, LAST))
    with recording([nesting.pk, last.pk], by=None, note="The projector is broken."):
        Session.objects.filter(pk=nesting.pk).update(start=opening.start, end=opening.end)
        Session.objects.filter(pk=last.pk).update(status=Session.Status.CANCELLED)
    give_stars(alice, OPENING, NESTING, LAST)
    CalendarKey.objects.issue(alice, name="Google Calendar", once="any")
    return alice


@pytest.fixture
def alices_page(page: Page, busy_alice: User, settings: Settings) -> Page:
    """She has just logged in, and every further way to do so."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {"APPS": [{"client_id": name, "secret": name}]} for name in ("github", "google")
    }
    page.goto("/accounts/login/")
    sign_in(page, busy_alice.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("My agenda")
    SocialAccount.objects.create(user=busy_alice, provider="github", uid="1")
    Factor.objects.create(user=busy_alice, type=Factor.Type.WEBAUTHN, data=passkey_data())
    secret = switch_app_on(busy_alice)
    recovery_codes_of(busy_alice)
    page.goto("/accounts/2fa/reauthenticate/?next=/accounts/2fa/")
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys and second step")
    return page


@pytest.mark.parametrize("pages", VISITORS_PAGES)
def test_visitors_pages_are_accessible(page: Page, trouble: Trouble, pages: str) -> None:
    trouble.foresee(*(["status of 404"] if pages == "not found" else []))

    assert faults_of(page, VISITORS_PAGES[pages]) == {}


@pytest.mark.parametrize("pages", EDITORS_PAGES)
def test_editors_pages_are_accessible(open_page: OpenPage, editor: User, pages: str) -> None:
    assert faults_of(open_page(editor), EDITORS_PAGES[pages]) == {}


@pytest.mark.parametrize("pages", OWN_PAGES)
def test_own_pages_are_accessible(alices_page: Page, pages: str) -> None:
    assert faults_of(alices_page, OWN_PAGES[pages]) == {}


def test_empty_pages_are_accessible(open_page: OpenPage, alice: User) -> None:
    assert faults_of(open_page(alice), ("/agenda/", "/agenda/calendars/")) == {}


def test_now_page_is_accessible_during_the_event(page: Page) -> None:
    with time_machine.travel("2019-10-31T10:40:00Z"):
        page.goto(f"{PROGRAMME}now/")
        expect(page.get_by_role("heading", name="All rooms")).to_be_visible()

        assert faults(page) == []


@pytest.fixture
def busy_morning(busy_alice: User) -> User:
    """Talks of hers and others have changed, and the organisers announce something about the room of one."""
    others = Session.objects.exclude(title__in=(OPENING, NESTING, LAST)).order_by("start")
    with recording([session.pk for session in others[:2]], by=None) as edit:
        edit.change_all(title="A title of which there are two", room=None)
    with recording([session.pk for session in others[2:9]], by=None) as edit:
        edit.change_all(abstract="Other words.")
    opening, now = Session.objects.get(title=OPENING), timezone.now()
    for room in (None, opening.room):
        announced = {"text": "Water in the hall.", "start": now - timedelta(days=1), "end": now + timedelta(hours=1)}
        Announcement.objects.create(event=opening.event, room=room, **announced)
    return busy_alice


def test_changes_and_announcements_are_accessible(open_page: OpenPage, busy_morning: User) -> None:
    page = open_page(busy_morning)
    page.goto("/agenda/")
    expect(page.get_by_role("heading", name="2 changes")).to_be_visible()
    assert faults_narrowest_too(page) == []

    page.get_by_role("link", name="All changes of my talks").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What changed")
    assert faults_narrowest_too(page) == []

    page.get_by_role("link", name="All", exact=True).click()
    expect(page.get_by_text("Details changed:")).to_be_visible()
    assert faults_narrowest_too(page) == []
    assert faults_of(page, (PROGRAMME, Session.objects.get(title=OPENING).get_absolute_url())) == {}


def test_added_calendar_is_accessible(open_page: OpenPage, alice: User) -> None:
    page = open_page(alice)
    page.goto("/agenda/calendars/")

    page.get_by_role("link", name="Android").click()
    assert faults(page) == []
    page.get_by_role("button", name="Make my private address").click()

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

    page = open_page()
    page.goto("/accounts/login/?next=/accounts/email/")
    sign_in(page, alice.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Email address")
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert len(mail.outbox) == 2
    assert faults(page) == []


def test_refusals_are_accessible(open_page: OpenPage, trouble: Trouble, alice: User) -> None:
    trouble.foresee("status of 403 .*/admin/", "status of 409 .*/time-zone/", "status of 403 .*/time-zone/")
    page = open_page(alice)
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not do that")
    assert faults(page) == []

    for refused, words in ((page, "Another person’s page"), (open_page(), "The page was open too long")):
        refused.goto("/agenda/time-zone/")
        refused.context.clear_cookies()
        refused.get_by_role("button", name="Show times in this zone").click()
        expect(refused.get_by_role("heading", level=1)).to_have_text(words)
        assert faults(refused) == []


def faults_narrowest_too(page: Page) -> list[str]:
    found = faults(page)
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    return [*found, *page.evaluate(TOO_NARROW)]


def test_setting_up_an_authenticator_app_is_accessible(page: Page, alice: User) -> None:
    page.goto("/accounts/login/?next=/accounts/2fa/totp/activate/")
    sign_in(page, alice.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")
    assert faults_narrowest_too(page) == []

    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults_narrowest_too(page) == []


def test_second_step_is_accessible(page: Page, alice: User) -> None:
    switch_app_on(alice)
    page.goto("/accounts/login/")

    sign_in(page, alice.email)

    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    assert faults_narrowest_too(page) == []


def test_signing_up_by_passkey_is_accessible(page: Page) -> None:
    Authenticator(page).be_refused()
    page.goto("/accounts/signup/passkey/")
    assert faults_narrowest_too(page) == []

    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or another way.")
    assert faults_narrowest_too(page) == []


def test_first_password_is_accessible(page: Page, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    page.goto("/accounts/login/code/?next=/accounts/password/set/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code").fill(mailed_code(page, alice.email))

    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_url("/accounts/password/set/")
    assert faults_narrowest_too(page) == []


def test_too_many_tries_are_told_accessibly(page: Page, trouble: Trouble, alice: User) -> None:
    trouble.foresee("status of 429 .*/accounts/login/")
    for _ in range(6):
        page.goto("/accounts/login/")
        settle(page)
        page.get_by_label("Email").fill(alice.email)
        page.get_by_label("Password").fill("not-the-password")
        page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("That was too often")
    assert faults_narrowest_too(page) == []


def test_too_large_a_form_is_told_accessibly(page: Page, trouble: Trouble) -> None:
    trouble.foresee("status of 413 .*/accounts/login/code/")
    page.goto("/accounts/login/code/")
    page.get_by_label("Email").evaluate("(field, size) => { field.value = 'x'.repeat(size); }", LARGEST_BODY)

    page.get_by_label("Email").evaluate("field => HTMLFormElement.prototype.submit.call(field.form)")

    expect(page.get_by_role("heading", level=1)).to_have_text("That was too large")
    assert faults_narrowest_too(page) == []


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


def test_narrowest_phone_shows_editors_pages_whole(open_page: OpenPage, editor: User) -> None:
    page = open_page(editor, viewport={"width": NARROWEST, "height": 640})

    assert too_narrow(page, EDITORS_PAGES) == {}


def test_narrowest_phone_shows_own_pages_whole(alices_page: Page) -> None:
    alices_page.set_viewport_size({"width": NARROWEST, "height": 640})

    assert too_narrow(alices_page, OWN_PAGES) == {}

    alices_page.goto("/agenda/calendars/")
    alices_page.get_by_role("link", name="Outlook").click()
    alices_page.get_by_role("button", name="Make my private address").click()
    expect(alices_page.locator("#address")).to_be_visible()
    assert alices_page.evaluate(TOO_NARROW) == []


def too_narrow(page: Page, pages: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """What does not fit, by address: what wraps in the head, a bottom bar in part, and pages that scroll sideways."""
    found = {}
    for address in [address for group in pages.values() for address in group]:
        open_address(page, address)
        found[address] = page.evaluate(TOO_NARROW)
        page.set_viewport_size({"width": ZOOMED, "height": 568})
        found[address] += [*page.evaluate(BOTTOM_BAR), *page.evaluate(WIDER)]
        page.set_viewport_size({"width": NARROWEST, "height": 640})
    return {address: list_ for address, list_ in found.items() if list_}
