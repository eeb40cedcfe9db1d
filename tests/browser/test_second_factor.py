"""The authenticator app and its recovery codes, in the browser: set up, asked for, and each way around it shut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.accounts.steps import app_code, recovery_codes_of, switch_app_on
from tests.browser.steps import (
    OPENING,
    PROGRAMME,
    Authenticator,
    expect_not_starred,
    expect_starred,
    log_out,
    settle,
    sign_in,
    star_of,
)
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


def star_and_sign_in(page: Page) -> None:
    """As far as the second step."""
    page.goto(PROGRAMME)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    page.get_by_role("link", name="Sign up or log in").click()
    sign_in(page, "alice@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    settle(page)


def expect_back_with_the_star(page: Page) -> None:
    expect(page).to_have_url(re.compile(re.escape(PROGRAMME) + "$"))
    expect(page.get_by_role("status")).to_contain_text("1 talk you starred is now in your agenda.")
    expect_starred(page, OPENING)


def test_app_is_set_up_and_its_recovery_codes_are_saved(
    page: Page, trouble: Trouble, alice: User, tmp_path: Path
) -> None:
    page.goto("/accounts/login/?next=/accounts/2fa/")
    sign_in(page, "alice@example.org")

    page.get_by_role("link", name="Set up").click()
    picture = page.get_by_role("img", name="The secret below, as a QR code")
    page.get_by_label("Authenticator code").fill(app_code(page.locator("code").inner_text()))
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    page.get_by_role("button", name="Switch it on").click()

    expect(page.get_by_role("status")).to_contain_text("Your authenticator app is on.")
    codes = page.get_by_role("list", name="Unused codes").get_by_role("listitem").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    download.value.save_as(tmp_path / "codes")
    assert (tmp_path / "codes").read_text().split()[-10:] == codes


def test_recovery_codes_are_printed_without_the_site_around_them(page: Page, alice: User) -> None:
    secret = switch_app_on(alice)
    recovery_codes_of(alice)
    page.goto("/accounts/login/?next=/accounts/2fa/recovery-codes/")
    sign_in(page, "alice@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    settle(page)
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Continue").click()
    codes = page.get_by_role("list", name="Unused codes")
    expect(codes).to_be_visible()

    page.emulate_media(media="print")

    expect(codes).to_be_visible()
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    expect(page.get_by_role("link", name="Save as a file")).to_be_hidden()


def test_code_of_the_app_is_asked_for_and_keeps_the_star(page: Page, alice: User) -> None:
    secret = switch_app_on(alice)
    star_and_sign_in(page)
    expect(page.get_by_label("Code")).to_be_focused()

    page.keyboard.type(app_code(secret))
    page.keyboard.press("Enter")

    expect_back_with_the_star(page)


def test_recovery_code_stands_in_for_the_app_and_keeps_the_star(page: Page, alice: User) -> None:
    switch_app_on(alice)
    code = recovery_codes_of(alice)[0]
    star_and_sign_in(page)

    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()

    expect_back_with_the_star(page)


def test_wrong_code_is_said_where_the_cursor_stands(page: Page, alice: User) -> None:
    switch_app_on(alice)
    star_and_sign_in(page)

    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continue").click()

    field = page.get_by_label("Code")
    expect(page.get_by_role("alert")).to_have_text("That did not match. Try again, or another way.")
    expect(field).to_have_value("000000")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_second_step_that_is_cancelled_leaves_a_visitor_with_the_star(page: Page, alice: User) -> None:
    switch_app_on(alice)
    star_and_sign_in(page)

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")

    page.goto("/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_passkey_is_both_steps_at_once(page: Page, alice: User) -> None:
    device = Authenticator(page)
    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    sign_in(page, "alice@example.org")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    log_out(page)
    switch_app_on(alice)
    page.goto(PROGRAMME)
    expect_not_starred(page, OPENING)
    star_of(page, OPENING).click()
    expect_starred(page, OPENING)
    device.see_owner()

    page.get_by_role("link", name="Sign up or log in").click()

    expect_back_with_the_star(page)
