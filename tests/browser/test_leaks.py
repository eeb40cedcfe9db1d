"""The search for secrets that every browser test ends with finds each kind of them, wherever it turned up."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.accounts.steps import recovery_codes_of, switch_app_on
from tests.browser.conftest import OpenPage
from tests.browser.leaks import Leaks
from tests.browser.steps import OPENING, PROGRAMME, add_to_calendar, give_stars, sign_in, sign_up
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def planted(leaks: Leaks) -> Iterator[Leaks]:
    """What is planted here on purpose is no fault of the site's."""
    yield leaks
    leaks.log.truncate(0)
    leaks.referers.clear()
    LogEntry.objects.all().delete()


def test_passwords_codes_and_cookies_in_the_log_are_found(page: Page, planted: Leaks) -> None:
    page.goto("/accounts/signup/")
    sign_up(page, "carol@example.org")
    expect(page.get_by_role("status")).to_contain_text("carol@example.org")
    code = str(mail.outbox[-1].body).split()[0]
    cookies = [
        str(cookie["value"]) for cookie in page.context.cookies() if cookie["name"] in ("sessionid", "csrftoken")
    ]
    assert "forum.access: POST /accounts/signup/ 302" in planted.log.getvalue()
    assert (len(cookies), planted.found()) == (2, [])

    planted.log.write("".join(f"Look: {secret}!\n" for secret in (PASSWORD, code, *cookies)))

    page.goto(PROGRAMME)
    assert planted.found() == sorted([PASSWORD, code, *cookies])


def test_secrets_of_the_second_step_in_the_log_are_found(planted: Leaks, alice: User) -> None:
    secret = switch_app_on(alice)
    codes = recovery_codes_of(alice)

    planted.log.write(f"{secret} {codes[9]}\n")

    assert planted.found() == sorted([secret, codes[9]])


def test_whole_calendar_address_in_a_referer_is_found_and_its_first_letters_are_not(
    open_page: OpenPage, planted: Leaks, alice: User
) -> None:
    give_stars(alice, OPENING)
    page = open_page(alice)
    page.goto("/agenda/")
    address = add_to_calendar(page, "Android")
    key = address.rpartition("/")[2].removesuffix(".ics")
    page.request.get(address)
    logging.getLogger("accounts").info("/calendar/%s…", key[:8])
    assert planted.found() == []

    page.request.get(PROGRAMME, headers={"Referer": address})

    assert planted.found() == sorted([key, f"/calendar/{key[:9]}"])


def test_browser_s_own_referers_are_looked_at(page: Page, planted: Leaks) -> None:
    page.goto(f"{PROGRAMME}?q=/calendar/abcdefghi.ics")

    page.get_by_role("navigation", name="View").get_by_role("link", name="Full").click()

    expect(page).to_have_url(re.compile("view=full"))
    assert planted.found() == ["/calendar/abcdefghi"]


def test_key_that_nobody_fetched_is_found_by_its_first_letters(page: Page, planted: Leaks, alice: User) -> None:
    give_stars(alice, OPENING)
    page.goto("/accounts/login/")
    sign_in(page, alice.email)
    key = add_to_calendar(page, "Android").rpartition("/")[2].removesuffix(".ics")

    planted.log.write(f"Made {key}\n")

    assert planted.found() == [key[:9]]


def test_password_in_the_editing_history_is_found(page: Page, planted: Leaks, alice: User) -> None:
    page.goto("/accounts/login/")
    sign_in(page, alice.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("My agenda")

    LogEntry.objects.create(user=alice, action_flag=CHANGE, object_repr=PASSWORD, change_message="")

    assert planted.found() == [PASSWORD]
