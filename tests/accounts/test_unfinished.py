"""What was begun opens nothing once its account has changed; what is proven gives the session another key."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session as CookieSession
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.adapter import AccountAdapter
from accounts.erasing import erase
from accounts.models import User
from accounts.unfinished import CHANGED, KINDS, state_of
from tests.accounts.device import Device
from tests.accounts.fake_provider import Provider
from tests.accounts.steps import add_talk, be_logged_in, recovery_codes_of, send_form_with, star, switch_app_on, user_of
from tests.accounts.test_codes import mailed
from tests.accounts.test_other_sites import continue_elsewhere, provider
from tests.conftest import PASSWORD, signed_up
from tests.pages import page
from tests.threads import all_at_once

pytestmark = pytest.mark.any_database

__all__ = ["provider"]  # a fixture

CAROL, NEW_ADDRESS, NEW = "carol@example.org", "new@example.org", "marble-lantern-7"
FIRST_PASSKEY = "/accounts/2fa/webauthn/signup/"
RESET = "account_password_reset_verification"
Finish = Callable[[], Any]


def ask(client: Client, address: str, **fields: str) -> Finish:
    """What enters the code that is mailed when this form is sent."""
    asked, code = client.post(address, fields, follow=True), mailed()
    return lambda: send_form_with(client, asked, code=code)


def choose_password(client: Client, alice: User) -> Finish:
    chosen = ask(client, "/accounts/password/reset/", email=alice.email)()
    return lambda: send_form_with(client, chosen, password1=NEW, password2=NEW)


def change_address(client: Client, alice: User) -> Finish:
    be_logged_in(client, alice)
    return ask(client, "/accounts/email/", email=NEW_ADDRESS, action_add="")


def second_step(client: Client, alice: User) -> Finish:
    switch_app_on(alice)
    code = recovery_codes_of(alice)[0]
    asked = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
    return lambda: send_form_with(client, asked, code=code)


def first_passkey(client: Client, _: User) -> Finish:
    asked = ask(client, "/accounts/signup/passkey/", email=CAROL)()
    options = json.loads(page(asked).one("script", id="passkey-options").text)["creation_options"]["publicKey"]
    made = {"name": "Phone", "credential": json.dumps(Device().made(options["challenge"]))}
    return lambda: client.post(FIRST_PASSKEY, made, follow=True)


# By allauth's name for the stage of a log-in, or for its place in the cookie session.
BEGUN: dict[str, Callable[[Client, User], Finish]] = {
    "login_by_code": lambda client, alice: ask(client, "/accounts/login/code/", email=alice.email),
    "verify_email": lambda client, alice: ask(client, "/accounts/signup/", email=CAROL, password1=NEW),
    "mfa_authenticate": second_step,
    "mfa_signup_webauthn": first_passkey,
    RESET: lambda client, alice: ask(client, "/accounts/password/reset/", email=alice.email),
    f"{RESET}, code entered": choose_password,
    "account_email_verification_code": change_address,
}
PROVEN = ("mfa_authenticate", "mfa_signup_webauthn", f"{RESET}, code entered")
NO_PAGE = {"verify_phone", "account_phone_verification", "account_email_reauthentication_code", "_password_reset_key"}
NOTHING_ASKED = {
    "account_login",  # holds the stages
    *("account_authentication_methods", "account_authentication_methods_user", "account_reauthentication_state"),
    *("mfa.totp.secret", "mfa.webauthn.state"),  # of a person who is logged in; of a device without account
    "socialaccount_states",  # of no account, or of a person who is logged in
}


def test_everything_that_can_be_begun_is_in_the_table():
    assert get_resolver().url_patterns  # all pages are loaded, with what they are made of
    modules = [module for name, module in sys.modules.items() if name.startswith("allauth.")]
    kept = {key for module in modules for name, key in vars(module).items() if name.endswith("_SESSION_KEY")}
    stages = {str(import_string(path).key) for path in AccountAdapter().get_login_stages()}
    rows = {name.partition(",")[0] for name in BEGUN}

    assert rows == (stages | kept) - NO_PAGE - NOTHING_ASKED
    assert rows - stages <= set(KINDS) <= rows | NOTHING_ASKED


def move(user: User) -> None:
    """As a change of address that the new one's code has confirmed."""
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email="moved@example.org", verified=True, primary=True)
    User.objects.filter(pk=user.pk).update(email="moved@example.org")


def choose_other_password(user: User) -> None:
    user.set_password("copper-kettle-9")
    user.save()


def replace_app(user: User) -> None:
    user.authenticator_set.all().delete()
    switch_app_on(user)


def log_out_everywhere(user: User) -> None:
    be_logged_in(there := Client(), user)
    there.post("/accounts/sessions/")


CHANGES: dict[str, Callable[[User], object]] = {
    "address": move,
    "password": choose_other_password,
    "second step": replace_app,
    "passkey": lambda user: Device(b"of the owner").keep(user),
    "account": erase,
    "sessions": log_out_everywhere,
}


@pytest.fixture
def alice(alice):
    """Alice has been logged in before: of those who have not, the first log-in ends what was begun."""
    alice.last_login = timezone.now()
    alice.save()
    return alice


def owner_of(begun: str) -> User:
    return User.objects.get(email=CAROL if begun in ("verify_email", "mfa_signup_webauthn") else "alice@example.org")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("begun", BEGUN)
def test_what_was_begun_before_a_change_opens_nothing(client, alice, begun, change):
    finish = BEGUN[begun](client, alice)
    user, was_in, key = owner_of(begun), user_of(client), client.session.session_key
    pk = str(user.pk)
    CHANGES[change](user)
    after = state_of(pk)
    is_over = not CookieSession.objects.filter(pk=key).exists() or (was_in is not None and change == "password")

    response = finish()

    assert state_of(pk) == after
    assert user_of(client) in ({None, was_in} if was_in else {None})
    assert (CHANGED in page(response).one("body").text) is not is_over
    assert client.get("/accounts/login/", follow=True).status_code == 200


@pytest.mark.parametrize("begun", BEGUN)
def test_what_was_begun_goes_on_without_a_change(client, alice, begun):
    finish = BEGUN[begun](client, alice)
    user = owner_of(begun)
    Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})  # elsewhere, which changes nothing

    response = finish()

    user.refresh_from_db()
    assert CHANGED not in page(response).one("body").text
    if begun == RESET:
        assert page(response).all("input", name="password1")
    else:
        assert user_of(client) == user
        assert user.check_password(NEW) is (begun in ("verify_email", f"{RESET}, code entered"))
        assert (user.email == NEW_ADDRESS) is (begun == "account_email_verification_code")


@pytest.mark.parametrize("begun", ["verify_email", "mfa_signup_webauthn"])
def test_first_log_in_elsewhere_ends_a_sign_up(client, alice, begun):
    finish = BEGUN[begun](client, alice)
    ask(Client(), "/accounts/login/code/", email=CAROL)()

    response = finish()

    assert CHANGED in page(response).one("body").text
    assert (user_of(client), owner_of(begun).authenticator_set.count()) == (None, 0)


@pytest.mark.parametrize("begun", PROVEN)
def test_session_that_somebody_planted_finishes_nothing(client, alice, begun):
    add_talk()
    star(client)
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value

    finish = BEGUN[begun](client, alice)
    planted = [thief.get(address).status_code for address in (FIRST_PASSKEY, "/accounts/password/reset/complete/")]

    assert client.cookies["sessionid"].value != thief.cookies["sessionid"].value
    assert (planted, thief.get("/accounts/2fa/authenticate/")["Location"]) == ([302, 302], "/accounts/login/")
    finish()
    assert user_of(client) == owner_of(begun)


@pytest.mark.parametrize("begun", ["login_by_code", RESET])
def test_code_page_does_not_tell_a_stranger_that_an_account_has_changed(client, alice, begun):
    def shown(address: str, change: Callable[[User], object] | None) -> list[str]:
        browser = Client()
        page_of = {
            "login_by_code": "/accounts/login/code/",
            RESET: "/accounts/password/reset/",
        }
        browser.post(page_of[begun], {"email": address})
        change and change(alice)
        confirm = f"{page_of[begun]}confirm/"
        seen = [browser.get(confirm), *(browser.post(confirm, {"code": "WRNG-CODE"}) for _ in range(2))]
        return [page(each).one("main").text.replace(address, "") for each in seen]

    assert shown(alice.email, move) == shown("nobody@example.org", None)


@pytest.mark.parametrize("way", ["/accounts/login/code/", "/accounts/password/reset/", "/accounts/login/"])
def test_unproven_address_of_an_account_that_has_a_proven_one_opens_nothing(client, alice, way):
    EmailAddress.objects.create(user=alice, email="old@example.org")
    before = state_of(str(alice.pk))

    response = ask(client, way, email="old@example.org", login="old@example.org", password=PASSWORD)()

    assert CHANGED in page(response).one("body").text
    assert (state_of(str(alice.pk)), user_of(client)) == (before, None)


def test_passkey_of_a_sign_up_is_told_by_mail(client, alice):
    first_passkey(client, alice)()

    assert (mail.outbox[-1].subject, mail.outbox[-1].to) == ("A passkey was added", [CAROL])


@pytest.mark.on_postgresql
def test_address_that_two_accounts_confirm_at_once_is_given_to_one(shared_database):
    people = [signed_up("alice@example.org"), signed_up("bob@example.org")]
    finishes = [change_address(Client(), person) for person in people]

    pages = all_at_once(*finishes)

    mine = sorted(EmailAddress.objects.values_list("email", "verified", "primary"))
    (loser,) = set(User.objects.exclude(email=NEW_ADDRESS).values_list("email", flat=True))
    assert mine == [(loser, True, True), (NEW_ADDRESS, True, True)]
    assert loser in ("alice@example.org", "bob@example.org")
    assert [response.status_code for response in pages] == [200, 200]


@pytest.mark.on_postgresql
def test_address_that_another_account_gets_midway_changes_nothing(client, alice, bob):
    finish, was = change_address(client, alice), state_of(str(alice.pk))

    def give_it_to_bob(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "account_emailaddress"'):
            execute(
                'UPDATE "account_emailaddress" SET "email" = %s WHERE "user_id" = %s',
                (NEW_ADDRESS, bob.pk),
                False,
                context,
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(give_it_to_bob):
        response = finish()

    assert (response.status_code, state_of(str(alice.pk))) == (200, was)
    assert EmailAddress.objects.get(user=alice, primary=True).email == alice.email
    assert "already confirmed by a different account" in page(response).one("body").text


def begin_elsewhere(client: Client, provider: Provider, email: str = CAROL) -> Finish:
    """A sign-up with another site's account that has no address there."""
    provider.person = {"sub": "carol"}
    asked = continue_elsewhere(client)
    return lambda: send_form_with(client, asked, email=email)


@pytest.mark.on_postgresql
def test_sign_up_elsewhere_gives_the_session_another_key(client, provider):
    star(client)
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value

    finish = begin_elsewhere(client, provider)

    assert thief.get("/accounts/3rdparty/signup/")["Location"] == "/accounts/login/"
    assert page(finish()).one("h1").text == "Enter the code"


@pytest.mark.parametrize("minutes", [16, 0])
def test_sign_up_elsewhere_ends_after_minutes_and_when_another_browser_finished_it(
    client, provider, time_machine, minutes
):
    time_machine.move_to("2019-10-01T08:00:00Z")
    finish = begin_elsewhere(client, provider)
    if minutes:
        time_machine.shift(minutes * 60)
    else:
        begin_elsewhere(Client(), provider, "dave@example.org")()
    before = list(User.objects.values_list("pk"))

    response = finish()

    assert response.redirect_chain[-1][0] == "/accounts/login/"
    assert (list(User.objects.values_list("pk")), user_of(client)) == (before, None)
