"""Every way in begins a new session, and what it was opened with opens nothing again, however fast it is repeated."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from accounts.models import User
from tests.accounts.device import LOG_IN, Device, asked_to_log_in
from tests.accounts.steps import (
    app_code,
    log_in,
    recovery_codes_of,
    send_form_with,
    send_mailed_code,
    star,
    switch_app_on,
    user_of,
)
from tests.accounts.test_codes import log_in_by_code, recovery_code, reset_password, second_step, sign_up
from tests.accounts.test_other_sites import REFUSED, continue_elsewhere, provider, status_and_heading
from tests.accounts.test_passkeys import send
from tests.accounts.test_slow_sites import returning
from tests.threads import at_once

__all__ = ["provider"]  # a fixture


def by_mailed_code(client: Client, alice: User) -> None:
    send_mailed_code(client, log_in_by_code(client, alice)[0])


def by_signing_up(client: Client, alice: User) -> None:
    send_mailed_code(client, sign_up(client, alice)[0])


def by_new_password(client: Client, alice: User) -> None:
    form = send_mailed_code(client, reset_password(client, alice)[0])
    send_form_with(client, form, password1="copper-kettle-9", password2="copper-kettle-9")


def by_passkey(client: Client, alice: User) -> None:
    device = Device()
    device.keep(alice)
    send(client, LOG_IN, device.used(asked_to_log_in(client), alice))


def by_second_step(client: Client, alice: User) -> None:
    asked, code = second_step(client, alice)
    send_form_with(client, asked, code=code)


def by_recovery_code(client: Client, alice: User) -> None:
    asked, code = recovery_code(client, alice)
    send_form_with(client, asked, code=code)


WAYS: dict[str, Callable[[Client, User], object]] = {
    "password": log_in,
    "mailed code": by_mailed_code,
    "sign-up": by_signing_up,
    "new password": by_new_password,
    "passkey": by_passkey,
    "app": by_second_step,
    "recovery code": by_recovery_code,
    "other site": lambda client, alice: continue_elsewhere(client),
}


@pytest.mark.parametrize("way", WAYS)
def test_session_that_somebody_planted_is_not_the_one_that_is_logged_in(client, provider, alice, way):
    star(client)
    planted = client.cookies["sessionid"].value
    thief = Client()
    thief.cookies["sessionid"] = planted

    WAYS[way](client, alice)

    assert user_of(client) is not None
    assert client.cookies["sessionid"].value != planted
    assert thief.get("/accounts/").status_code == 302
    assert thief.get("/agenda/").context["user"].is_anonymous


@pytest.mark.parametrize("way", [log_in_by_code, sign_up, second_step, recovery_code])
def test_code_that_is_sent_many_times_at_once_logs_in_once(shared_database, client, alice, way):
    asked, code = way(client, alice)
    address, log_ins = asked.redirect_chain[-1][0], []
    user_logged_in.connect(note := lambda **of: log_ins.append(of["user"]), weak=False)

    def send_it() -> int:
        browser = Client()
        browser.cookies.load(client.cookies)
        return browser.post(address, {"code": code}).status_code

    statuses = at_once(4, send_it)
    user_logged_in.disconnect(note)

    assert len(log_ins) == 1
    assert {302} <= set(statuses) <= {302, 409, 200}  # one that comes late is led back to the page that sends codes


@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_code_of_the_second_step_opens_one_of_many_sessions(shared_database, alice, kind):
    secret, browsers = switch_app_on(alice), [Client() for _ in range(4)]
    code = app_code(secret) if kind == "app" else recovery_codes_of(alice)[0]
    for browser in browsers:
        log_in(browser, alice)
    waiting = iter(browsers)

    at_once(4, lambda: next(waiting).post("/accounts/2fa/authenticate/", {"code": code}))

    assert sum(user_of(browser) is not None for browser in browsers) == 1


def test_callback_opens_nothing_again_nor_in_another_browser(client, provider):
    address = returning(client)
    stolen = [status_and_heading(Client().get(address))]
    client.get(address)
    assert user_of(client) is not None
    client.post("/accounts/logout/")

    again = [status_and_heading(browser.get(address)) for browser in (client, Client())]

    assert stolen + again == [REFUSED] * 3
    assert user_of(client) is None


def test_code_of_another_browser_opens_nothing(client, provider):
    """A stranger's code (their account there) with the state of this browser: PKCE binds the two (RFC 7636)."""
    theirs, mine = (urlsplit(returning(each)) for each in (Client(), client))
    state = dict(part.split("=") for part in mine.query.split("&"))["state"]
    code = dict(part.split("=") for part in theirs.query.split("&"))["code"]

    response = client.get(f"{mine.path}?code={code}&state={state}")

    assert (status_and_heading(response), user_of(client)) == (REFUSED, None)


def test_link_that_a_stranger_began_adds_nothing_to_who_follows_it(client, provider, alice, bob):
    log_in(stranger := Client(), bob)
    leaving = stranger.post("/accounts/oidc/oidc/login/?process=connect")
    back = urlsplit(requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"])
    log_in(client, alice)

    response = client.get(f"{back.path}?{back.query}")

    assert (status_and_heading(response), SocialAccount.objects.count()) == (REFUSED, 0)
    assert user_of(client) == alice
