"""What people do in the browser tests, in their words."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from django.core import mail
from playwright.sync_api import BrowserContext, Error, Locator, Page, Request, expect

from accounts.models import User
from agenda.models import Session, Star
from tests.conftest import PASSWORD

PROGRAMME = "/kvm-forum-2019/"
FULL_VIEW = f"{PROGRAMME}?view=full"
OPENING = "Managing Matryoshkas: Testing Nested Guests"
NESTING = "Nesting&testing"
VIRTIO_FS = "virtio-fs: A Shared File System for Virtual Machines"
OFFER = "3 talks starred. Sign up to have them in your phone’s calendar."
LAST = "Bring QEMU to Micro Service World"
MOST_LOOKS = 3_000  # every 5 ms: far more than any page needs on a busy machine
UNANSWERED: WeakKeyDictionary[BrowserContext, set[Request]] = WeakKeyDictionary()


def address_of(title: str) -> str:
    return Session.objects.get(title=title).get_absolute_url()


def star_of(page: Page, title: str) -> Locator:
    return page.get_by_role("button", name=f"Star: {title}", exact=True)


def expect_starred(page: Page, *titles: str) -> None:
    for title in titles:
        expect(star_of(page, title)).to_have_attribute("aria-pressed", "true")


def expect_not_starred(page: Page, *titles: str) -> None:
    for title in titles:
        expect(star_of(page, title)).to_have_attribute("aria-pressed", "false")


def expect_star_count(page: Page, count: int) -> None:
    expect(page.locator("#star-count")).to_have_text(str(count or ""))


def unstarred_row_of(page: Page, title: str) -> Locator:
    return row_of(page, title).filter(has=page.get_by_role("button", name=f"Undo and star {title} again"))


def hour_of(page: Page, title: str) -> Locator:
    """In the programme's list, the heading and the talks of that talk's hour."""
    return page.locator("li.hour").filter(has=star_of(page, title))


def row_of(page: Page, title: str) -> Locator:
    rows = page.locator("li.session").filter(has=star_of(page, title))
    return rows.or_(page.locator("li.choice").filter(has=star_of(page, title)))


def give_stars(user: User, *titles: str) -> None:
    """Stars are there already; no test of how they came."""
    sessions = Session.objects.filter(title__in=titles)
    assert len(sessions) == len(titles)
    Star.objects.bulk_create(Star(user=user, session=session) for session in sessions)


def count_requests(context: BrowserContext) -> None:
    """Lets settle() know what the pages of `context` still wait for."""
    waiting = UNANSWERED[context] = set()
    context.on("request", lambda request: waiting.add(request))
    context.on("requestfinished", lambda request: waiting.discard(request))
    context.on("requestfailed", lambda request: waiting.discard(request))


# htmx is done with what it fetched, and the page's scripts have seen it.
IS_WHOLE = (
    "document.readyState === 'complete' && !document.querySelector('.htmx-swapping, .htmx-settling, .htmx-added')"
)


def settle(page: Page) -> None:
    """Until all is loaded, what passkeys ask for included, and stands in its place.

    Left earlier, a page's loading is noted as failed. Playwright's own "networkidle" takes half a second more.
    """
    for _ in range(MOST_LOOKS):
        page.wait_for_timeout(5)
        # A page from the back/forward cache is complete and never loads.
        if not UNANSWERED[page.context] and page.evaluate(IS_WHOLE):
            return
    raise AssertionError(f"{page.url} still waits for {[request.url for request in UNANSWERED[page.context]]}")


def leave(page: Page, script: str) -> None:
    """Runs what leaves the page, which may be gone before it has answered."""
    try:
        page.evaluate(script)
    except Error as error:
        if "context was destroyed" not in error.message:
            raise


def sign_in(page: Page, email: str) -> None:
    """From the log-in page, with the password all people of the tests have."""
    settle(page)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()


def sign_up_by_passkey(page: Page, email: str) -> None:
    """From the sign-up page to the end, on a device that knows its owner."""
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Sign up with a passkey").click()
    page.get_by_label("Code").fill(mailed_code(page, email))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")


def log_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_contain_text("You are logged out.")


def sign_up(page: Page, email: str) -> None:
    """From the sign-up page to the end, with the code that was mailed."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up", exact=True).click()
    page.get_by_label("Code").fill(mailed_code(page, email))
    page.get_by_role("button", name="Continue").click()


def mailed_code(page: Page, email: str) -> str:
    """The code in the latest mail, once the page says that it was sent."""
    expect(page.get_by_role("main")).to_contain_text(f"We sent a code to {email}")
    message = mail.outbox[-1]
    assert message.to == [email]
    return str(message.body).split()[0]


def open_editing(page: Page, editor: User) -> None:
    """From /admin/ through the site's own sign-in to the list of sessions."""
    page.goto("/admin/")
    sign_in(page, editor.email)
    expect(page).to_have_url("/admin/")
    page.get_by_role("link", name="Sessions", exact=True).click()


def move_session(page: Page, title: str, *, start: str) -> None:
    """In the editors' list of sessions: another time of day, entered in the event's zone."""
    page.get_by_role("link", name=title, exact=True).click()
    page.locator("[name=start_1]").fill(start)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def cancel_session(page: Page, title: str) -> None:
    """In the editors' list of sessions, by the list's action."""
    page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
    page.locator("[name=action]").select_option("cancel")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_role("button", name="Cancel 1 session").click()
    expect(page.get_by_text("Cancelled 1 session.")).to_be_visible()


def add_to_calendar(page: Page, place: str) -> str:
    """From my agenda, by the place's own page; the address that is shown, this once."""
    page.get_by_role("navigation", name="Add to my calendar").get_by_role("link", name=place).click()
    page.get_by_role("button", name="Make my private address").click()
    address = page.locator("#address")
    expect(address).to_have_text(re.compile(r"^http://localhost:\d+/calendar/\w+\.ics$"))
    return str(address.text_content())


class Taps:
    """Counts what somebody taps on their way. Typing is free, where the cursor stands in the field already."""

    def __init__(self) -> None:
        self.count = 0

    def tap(self, target: Locator) -> None:
        target.click()
        self.count += 1


def type_where_the_cursor_is(page: Page, label: str, text: str) -> None:
    settle(page)
    expect(page.get_by_label(label)).to_be_focused()
    page.keyboard.type(text)


class Authenticator:
    """A device that keeps passkeys, through the DevTools protocol; it knows its owner at once, or waits for them."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id: str = added["authenticatorId"]

    def wait_for_owner(self) -> None:
        self.devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": False})

    def see_owner(self) -> None:
        self.devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": True})

    def be_refused(self) -> None:
        """The owner is not recognised, which is what a cancelled question looks like to a page."""
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})

    def be_trusted(self) -> None:
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": True})
