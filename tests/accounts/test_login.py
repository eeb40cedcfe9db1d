"""Every way to log in that needs no script: each keeps the visitor's star, and none opens another's account."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import (
    TALK,
    TOLD,
    add_talk,
    app_code,
    recovery_codes_of,
    said,
    send_form_with,
    send_mailed_code,
    star,
    starred,
    switch_app_on,
    user_of,
)
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

PAUSE = 60  # seconds, until somebody begins once more


@pytest.fixture(autouse=True)
def talk(db):
    return add_talk()


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to("2019-10-01T08:00:00Z")


def log_in(client: Client, password: str = PASSWORD):
    answer = {"login": "alice@example.org", "password": password, "next": TALK}
    return client.post("/accounts/login/", answer, follow=True)


def ask_for_code(client: Client, email: str = "alice@example.org"):
    return client.post("/accounts/login/code/", {"login": email, "next": TALK}, follow=True)


def sign_up(client: Client, **fields: str):
    form = {"email": "alice@example.org", "next": TALK, **fields}
    return client.post("/accounts/signup/", form, follow=True)


def told_and_starred(client: Client, response) -> tuple[str, list[str], list[str]]:
    """Where somebody with a star ends, what they are told there, and what their account has starred."""
    user = user_of(client)
    assert user
    return response.redirect_chain[-1][0], said(response)[-1:], starred(user)


KEPT = (TALK, [TOLD], ["talk"])


@pytest.mark.parametrize("password", ["marble-lantern-7", ""])
def test_sign_up_keeps_the_star(client, password):
    star(client)

    response = send_mailed_code(client, sign_up(client, password1=password))

    assert told_and_starred(client, response) == KEPT
    assert User.objects.get().has_usable_password() is bool(password)


def test_password_keeps_the_star(client, alice):
    star(client)

    assert told_and_starred(client, log_in(client)) == KEPT


def test_mailed_code_keeps_the_star(client, alice):
    star(client)

    assert told_and_starred(client, send_mailed_code(client, ask_for_code(client))) == KEPT


@pytest.mark.parametrize("first_step", [log_in, lambda client: send_mailed_code(client, ask_for_code(client))])
def test_authenticator_app_keeps_the_star(client, alice, first_step):
    secret = switch_app_on(alice)
    star(client)

    asked = first_step(client)
    before = user_of(client)
    response = send_form_with(client, asked, code=app_code(secret))

    assert before is None
    assert told_and_starred(client, response) == KEPT


def test_recovery_code_keeps_the_star_and_works_once(client, alice):
    switch_app_on(alice)
    code = recovery_codes_of(alice)[0]
    star(client)

    response = send_form_with(client, log_in(client), code=code)
    again = Client()
    refused = send_form_with(again, log_in(again), code=code)

    assert told_and_starred(client, response) == KEPT
    assert user_of(again) is None
    assert page(refused).texts("div", role="alert") == ["That did not match. Try again, or another way."]


def test_star_is_told_once(client, alice):
    star(client)
    log_in(client)

    assert said(client.get(TALK)) == []


def test_log_in_page_sends_the_one_address_to_each_way(client):
    form = page(client.get(f"/accounts/login/?next={TALK}")).one("form", action="/accounts/login/")

    buttons = [(button.text, button.attributes.get("formaction")) for button in form.all("button")]
    address, password = form.one("input", name="login"), form.one("input", name="password")

    assert buttons == [("Log in", None), ("Mail me a code instead", "/accounts/login/code/")]
    assert (address["type"], address["autocomplete"]) == ("email", "username webauthn")
    assert password["autocomplete"] == "current-password"
    assert form.one("input", name="next")["value"] == TALK


def test_sign_up_page_sends_the_one_address_to_each_way(client):
    form = page(client.get("/accounts/signup/")).one("form", action="/accounts/signup/")

    buttons = [(button.text, button.attributes.get("formaction")) for button in form.all("button")]

    assert buttons == [("Sign up", None), ("Sign up with a passkey", "/accounts/signup/passkey/")]
    assert form.one("input", name="email")["autocomplete"] == "email"
    assert form.one("input", name="password1")["autocomplete"] == "new-password"


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_passkeys_are_not_shown_before_a_script_finds_them_usable(client, address):
    root = page(client.get(address))

    (passkey,) = [element for element in root.every() if "data-passkey" in element.attributes]

    assert "hidden" in passkey.attributes


def test_code_asked_for_without_an_address_asks_for_one(client):
    response = client.post("/accounts/login/code/", {"login": "", "password": "typed already"})

    field = page(response).one("input", name="email")
    assert ("autofocus" in field.attributes, field["aria-invalid"]) == (True, "true")
    assert page(response).one("div.errors", role="alert").text == "This field is required."
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("address", "sent", "focused"),
    [
        ("/accounts/login/", {"login": "alice", "password": "x"}, ["login"]),
        ("/accounts/login/", {"login": "alice@example.org", "password": ""}, ["password"]),
        ("/accounts/login/", {"login": "alice@example.org", "password": "x"}, ["login"]),
        ("/accounts/signup/", {"email": "alice", "password1": "short"}, ["email"]),
        ("/accounts/signup/", {"email": "alice@example.org", "password1": "short"}, ["password1"]),
        ("/accounts/signup/passkey/", {"email": "alice"}, ["email"]),
    ],
)
def test_cursor_stands_in_the_first_faulty_field(client, address, sent, focused):
    root = page(client.post(address, sent))

    assert [field["name"] for field in root.all("input") if "autofocus" in field.attributes] == focused


def test_code_page_takes_a_code_from_the_phone_where_the_cursor_stands(client):
    field = page(sign_up(client)).one("input", name="code")

    assert ("autofocus" in field.attributes, field["autocomplete"]) == (True, "one-time-code")


def test_second_step_page_takes_a_code_where_the_cursor_stands(client, alice):
    switch_app_on(alice)

    field = page(log_in(client)).one("input", name="code")

    assert ("autofocus" in field.attributes, field["autocomplete"]) == (True, "one-time-code")


def test_stranger_who_signed_up_with_the_address_has_no_way_in_once_its_owner_comes(client):
    stranger = Client()
    sign_up(stranger, password1="strangers-password")

    sign_up(client)
    response = send_mailed_code(client, ask_for_code(client))
    log_in(stranger, "strangers-password")

    alice = User.objects.get()
    assert response.redirect_chain[-1][0] == TALK
    assert (user_of(client), user_of(stranger), alice.has_usable_password()) == (alice, None, False)


def test_waiting_sign_up_of_a_stranger_is_not_opened_by_its_owner(client):
    stranger = Client()
    sign_up(stranger, password1="strangers-password")

    send_mailed_code(client, ask_for_code(client))
    for address in ("/accounts/confirm-email/", "/accounts/login/", "/accounts/2fa/webauthn/signup/"):
        stranger.get(address)

    assert user_of(stranger) is None


def test_own_password_stays_where_its_owner_confirms_later(client, time_machine):
    sign_up(Client(), password1=PASSWORD)
    time_machine.shift(PAUSE)

    response = send_mailed_code(client, log_in(client))

    assert user_of(client) == User.objects.get()
    assert response.redirect_chain[-1][0] == TALK
    assert User.objects.get().check_password(PASSWORD)


def test_password_stays_when_a_code_is_asked_for_later(client, alice):
    log_in(Client())

    send_mailed_code(client, ask_for_code(client))

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_address_somebody_wants_to_change_to_is_still_free(client, bob, time_machine):
    bobs = Client()
    bobs.post("/accounts/login/", {"login": "bob@example.org", "password": PASSWORD})
    bobs.post("/accounts/email/", {"email": "alice@example.org", "action_add": ""})
    time_machine.shift(PAUSE)

    send_mailed_code(client, sign_up(client))

    assert user_of(client) == User.objects.get(email="alice@example.org") != bob
    assert EmailAddress.objects.get(email="alice@example.org").user != bob


def test_second_step_cannot_be_walked_around(client, alice):
    switch_app_on(alice)
    log_in(client)

    reached = [client.get(address).status_code for address in ("/accounts/", "/accounts/2fa/", "/agenda/calendars/")]

    assert (reached, user_of(client)) == ([302, 302, 302], None)


def test_code_of_the_app_works_once(client, alice):
    secret = switch_app_on(alice)
    code = app_code(secret)
    send_form_with(client, log_in(client), code=code)
    again = Client()

    send_form_with(again, log_in(again), code=code)

    assert (user_of(client), user_of(again)) == (alice, None)


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
def test_setting_the_app_up_gives_recovery_codes(client, alice):
    log_in(client)
    form = client.get("/accounts/2fa/totp/activate/")
    secret = page(form).one("code").text

    response = send_form_with(client, form, code=app_code(secret))

    codes = page(response).one("ol.codes").texts("li")
    assert re.fullmatch("data:image/svg[+]xml;base64,[A-Za-z0-9+/=]+", page(form).one("img.qr")["src"])
    assert said(response) == ["Your authenticator app is on."]
    assert (len(codes), len(set(codes))) == (10, 10)
    assert client.get("/accounts/2fa/recovery-codes/download/").content.decode() == (
        "Recovery codes for alice@example.org\nEach works once, in place of your authenticator app or passkey.\n\n"
        + "\n".join(codes)
        + "\n\n"
    )
    assert mail.outbox[-1].subject == "Your authenticator app is on"


def test_wrong_code_does_not_switch_the_app_on(client, alice):
    log_in(client)

    response = send_form_with(client, client.get("/accounts/2fa/totp/activate/"), code="000000")

    field = page(response).one("input", name="code")
    assert (field["value"], "autofocus" in field.attributes) == ("000000", True)
    assert Authenticator.objects.count() == 0


@pytest.mark.on_postgresql
def test_app_is_switched_off(client, alice):
    secret = switch_app_on(alice)
    send_form_with(client, log_in(client), code=app_code(secret))

    response = client.post("/accounts/2fa/totp/deactivate/", follow=True)

    assert said(response) == ["Your authenticator app is off."]
    assert Authenticator.objects.count() == 0


def test_way_in_is_not_changed_in_a_session_left_open(client, alice):
    client.force_login(alice)

    response = client.get("/accounts/2fa/totp/activate/")

    assert response["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"


def test_password_opens_what_asked_who_is_there(client, alice):
    client.force_login(alice)
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)

    response = send_form_with(client, asked, password=PASSWORD)

    assert page(asked).one("h1").text == "Is it you?"
    assert page(response).one("h1").text == "Set up an authenticator app"


def test_logging_in_again_opens_what_asked_who_is_there(client, alice):
    client.force_login(alice)
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)

    (log_out,) = page(asked).all("form", action="/accounts/logout/")
    again = client.post("/accounts/logout/", log_out.fields(), follow=True)
    response = send_form_with(client, again, login="alice@example.org", password=PASSWORD)

    assert page(response).one("h1").text == "Set up an authenticator app"


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/totp/activate/",
        "/accounts/3rdparty/",
        "/accounts/reauthenticate/",
    ],
)
def test_page_of_ways_in_has_one_heading_and_belongs_to_its_owner(client, alice, address):
    visitor = Client().get(address)
    log_in(client)

    root = page(client.get(address))

    assert visitor["Location"].startswith("/accounts/login/?next=")
    assert len(root.all("h1")) == 1
    assert [element for element in root.every() if "style" in element.attributes] == []


def test_notice_of_a_change_says_what_to_do_and_no_address_of_a_device(client, alice):
    client.force_login(alice)

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "marble-lantern-7", "password2": "marble-lantern-7"},
    )

    (message,) = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "Your password was changed")
    assert message.body == (
        "Your account has a new password.\n\n"
        "If it was not you, log in and see what else may have changed:\n"
        "http://testserver/accounts/\n\n"
        "Forum agenda, http://testserver/"
    )
