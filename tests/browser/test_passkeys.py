"""Passkeys with Chromium's virtual authenticator: making them, logging in with them, and what it costs in taps."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator as Kept
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as CookieSession
from playwright.sync_api import Page, expect

from accounts.models import User
from agenda.models import Star
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    NESTING,
    OPENING,
    PROGRAMME,
    Authenticator,
    Taps,
    expect_starred,
    log_out,
    mailed_code,
    settle,
    sign_in,
    sign_up,
    sign_up_by_passkey,
    star_of,
    type_where_the_cursor_is,
)

pytestmark = pytest.mark.browser

SIGN_UP, LOG_IN = "/accounts/signup/", "/accounts/login/"


@pytest.fixture
def device(page: Page) -> Authenticator:
    return Authenticator(page)


@pytest.fixture
def carol(page: Page, device: Authenticator) -> User:
    """She has a passkey on this device, is logged out, and the device waits until it is asked."""
    page.goto(f"{SIGN_UP}?next={PROGRAMME}")
    sign_up_by_passkey(page, "carol@example.org")
    log_out(page)
    device.wait_for_owner()
    return User.objects.get(email="carol@example.org")


def forget_when_they_logged_in() -> None:
    """As half an hour later."""
    for session in CookieSession.objects.all():
        store = SessionStore(session.session_key)
        store.pop("account_authentication_methods", None)
        store.save()


def expect_back_with_the_star(page: Page) -> None:
    """On the programme, told once of the one star, which is in the account."""
    expect(page).to_have_url(re.compile(re.escape(PROGRAMME) + "$"))
    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")
    expect_starred(page, OPENING)
    page.reload()
    expect(page.get_by_role("status")).to_be_empty()
    assert list(Star.objects.values_list("user__email", "session__title")) == [("carol@example.org", OPENING)]


def test_visitor_with_a_star_has_an_account_by_passkey_in_three_taps(page: Page, device: Authenticator) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    taps = Taps()

    taps.tap(page.get_by_role("main").get_by_role("link", name="Sign up", exact=True))
    type_where_the_cursor_is(page, "Email", "carol@example.org")
    taps.tap(page.get_by_role("button", name="Sign up with a passkey"))
    type_where_the_cursor_is(page, "Code", mailed_code(page, "carol@example.org"))
    taps.tap(page.get_by_role("button", name="Continue"))

    expect_back_with_the_star(page)
    assert taps.count == 3
    assert Kept.objects.get().wrap().is_passwordless is True


def test_returning_by_passkey_takes_two_taps(page: Page, device: Authenticator, carol: User) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    taps = Taps()

    taps.tap(page.get_by_role("link", name="Sign up or log in"))
    expect(page.locator("form[data-passkey]")).to_have_attribute("data-state", "asking")
    device.see_owner()
    taps.tap(page.get_by_role("button", name="Use a passkey"))

    expect_back_with_the_star(page)
    assert taps.count == 2


def test_passkey_suggested_at_the_address_takes_one_tap(page: Page, device: Authenticator, carol: User) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    device.see_owner()  # chooses the suggestion at once
    taps = Taps()

    taps.tap(page.get_by_role("link", name="Sign up or log in"))

    expect_back_with_the_star(page)
    assert taps.count == 1


def test_returning_by_mailed_code_takes_three_taps(page: Page, device: Authenticator, carol: User) -> None:
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    taps = Taps()

    taps.tap(page.get_by_role("link", name="Sign up or log in"))
    type_where_the_cursor_is(page, "Email", "carol@example.org")
    taps.tap(page.get_by_role("button", name="Mail me a code instead"))
    type_where_the_cursor_is(page, "Code", mailed_code(page, "carol@example.org"))
    taps.tap(page.get_by_role("button", name="Continue"))

    expect_back_with_the_star(page)
    assert taps.count == 3


def test_passkey_that_was_cancelled_is_told_and_can_be_tried_again(
    page: Page, device: Authenticator, carol: User
) -> None:
    page.goto(LOG_IN)
    form = page.locator("form[data-passkey]")
    expect(form).to_have_attribute("data-state", "asking")
    device.be_refused()
    device.see_owner()

    page.get_by_role("button", name="Use a passkey").click()
    expect(form.get_by_role("alert")).to_have_text("No passkey was used. Try again, or another way.")
    device.be_trusted()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url(re.compile("/agenda/$"))
    settle(page)


def test_passkey_that_was_removed_here_no_longer_opens(page: Page, device: Authenticator, carol: User) -> None:
    Kept.objects.all().delete()
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")  # as browsers that suggest none
    page.goto(f"{LOG_IN}?next={PROGRAMME}")
    device.see_owner()

    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("That did not match. Try again, or another way.")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Mail me a code instead").click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_url(re.compile(re.escape(PROGRAMME) + "$"))


def test_passkey_is_added_right_after_signing_up_with_a_code(page: Page, device: Authenticator) -> None:
    page.goto(f"{SIGN_UP}?next=/accounts/2fa/webauthn/add/")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Sign up", exact=True).click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Make a passkey").click()

    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    assert Kept.objects.get(type="webauthn").user.email == "carol@example.org"


def test_sign_up_goes_on_when_the_device_hesitated(page: Page, device: Authenticator) -> None:
    device.be_refused()
    page.goto(f"{SIGN_UP}?next={PROGRAMME}")
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Sign up with a passkey").click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or another way.")

    device.be_trusted()
    page.get_by_role("button", name="Make a passkey").click()

    expect(page).to_have_url(re.compile(re.escape(PROGRAMME) + "$"))
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")


def test_sign_up_that_was_left_asks_the_next_person_before_it_asks_the_device(
    page: Page, device: Authenticator
) -> None:
    device.wait_for_owner()
    page.goto(SIGN_UP)
    page.get_by_label("Email").fill("carol@example.org")
    page.get_by_role("button", name="Sign up with a passkey").click()
    page.get_by_label("Code").fill(mailed_code(page, "carol@example.org"))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("form[data-passkey]")).to_have_attribute("data-state", "asking")

    page.goto(PROGRAMME)
    device.see_owner()
    page.get_by_role("link", name="Sign up or log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    settle(page)
    expect(page.get_by_role("main").locator("strong")).to_have_text("carol@example.org")
    page.get_by_role("button", name="Not you? Start again").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    settle(page)
    assert Kept.objects.count() == 0


def test_passkey_is_added_renamed_used_and_removed(page: Page, device: Authenticator, alice: User) -> None:
    page.goto(f"{LOG_IN}?next=/accounts/2fa/webauthn/")
    sign_in(page, "alice@example.org")

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Rename Phone").click()
    page.get_by_label("Name").fill("Old phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    page.get_by_role("button", name="Remove it").click()

    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    expect(page.get_by_role("main")).to_contain_text("None yet.")


def test_passkey_opens_what_asks_who_is_there(page: Page, device: Authenticator, carol: User) -> None:
    device.see_owner()
    page.goto(f"{LOG_IN}?next=/accounts/2fa/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkeys and second step")
    forget_when_they_logged_in()

    page.get_by_role("link", name="Set up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")


def test_lost_passkey_leaves_the_mailed_code(open_page: OpenPage, carol: User) -> None:
    elsewhere = open_page()
    elsewhere.goto(f"{LOG_IN}?next=/accounts/2fa/webauthn/")
    settle(elsewhere)
    elsewhere.get_by_label("Email").fill("carol@example.org")
    elsewhere.get_by_role("button", name="Mail me a code instead").click()
    elsewhere.get_by_label("Code").fill(mailed_code(elsewhere, "carol@example.org"))
    elsewhere.get_by_role("button", name="Continue").click()

    elsewhere.get_by_role("link", name="Remove").click()
    elsewhere.get_by_role("button", name="Remove it").click()

    expect(elsewhere.get_by_role("status")).to_contain_text("The passkey is removed.")
    assert Kept.objects.count() == 0


def test_without_scripts_no_passkey_is_offered_and_the_other_ways_work(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(PROGRAMME)
    star_of(page, NESTING).click()
    expect_starred(page, NESTING)

    page.get_by_role("main").get_by_role("link", name="Sign up", exact=True).click()
    expect(page.get_by_role("button", name="passkey")).to_have_count(0)
    sign_up(page, "carol@example.org")

    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")
