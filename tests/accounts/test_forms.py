"""Every form of an account: what browsers fill in, where the cursor stands after a fault, what stays typed."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from tests.accounts.steps import log_in, send_form_with, send_mailed_code, switch_app_on
from tests.conftest import PASSWORD
from tests.forum.addresses import passkey_data
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

CODE = {"code": "one-time-code"}
# The tokens of HTML's section "Autofill"; "webauthn" is WebAuthn's.
ENTRANCE = {
    "/accounts/login/": {"login": "username webauthn", "password": "current-password"},
    "/accounts/signup/": {"email": "email", "password1": "new-password"},
    "/accounts/signup/passkey/": {"email": "email"},
    "/accounts/login/code/": {"email": "email"},
    "/accounts/password/reset/": {"email": "email"},
}
MINE = {
    "/accounts/": {"display_name": "name", "time_zone": "off"},
    "/accounts/email/": {"email": "email"},
    "/accounts/password/change/": {
        "oldpassword": "current-password",
        "password1": "new-password",
        "password2": "new-password",
    },
    "/accounts/2fa/totp/activate/": CODE,
    "/accounts/2fa/webauthn/add/": {"name": "off"},
    "/accounts/2fa/webauthn/keys/{passkey}/edit/": {"name": "off"},
    "/accounts/reauthenticate/": {"password": "current-password"},
}


def tokens(root: Element) -> dict[str, str | None]:
    """What each field that people see names for browsers to fill it in by."""
    fields = [field for field in root.one("main").all("input") if field.attributes.get("type") != "hidden"]
    return {field["name"]: field.attributes.get("autocomplete") for field in fields}


def faulty(root: Element) -> tuple[list[str], list[str], list[bool]]:
    """Where the cursor stands, which fields are marked as faulty, and whether each of these names its fault."""
    fields = root.one("main").all("input")
    marked = [field for field in fields if field.attributes.get("aria-invalid") == "true"]
    ids = {element["id"]: element.text for element in root.every() if "id" in element.attributes}
    told = [any(ids.get(each) for each in field["aria-describedby"].split() if "error" in each) for field in marked]
    return [field["name"] for field in fields if "autofocus" in field.attributes], [x["name"] for x in marked], told


@pytest.fixture
def passkey(alice: User) -> int:
    return Authenticator.objects.create(user=alice, type="webauthn", data=passkey_data()).pk


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    log_in(client, alice)
    return client


@pytest.mark.parametrize("address", ENTRANCE)
def test_entrance_form_names_its_tokens_and_begins_in_the_first_field(client, db, address):
    root = page(client.get(address))

    assert tokens(root) == ENTRANCE[address]
    assert faulty(root) == ([next(iter(ENTRANCE[address]))], [], [])


@pytest.mark.parametrize("address", MINE)
def test_form_of_my_account_names_its_tokens(mine, passkey, address):
    assert tokens(page(mine.get(address.format(passkey=passkey)))) == MINE[address]


@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"])
def test_code_form_takes_the_mailed_code_and_keeps_a_wrong_one(client, alice, address):
    asked = client.post(address, {"email": "carol@example.org"}, follow=True)
    wrong = page(send_form_with(client, asked, code="WRNG-CODE"))

    assert (tokens(page(asked)), faulty(page(asked))) == (CODE, (["code"], [], []))
    assert (wrong.one("input", name="code")["value"], faulty(wrong)) == ("WRNG-CODE", (["code"], ["code"], [True]))


def test_forms_of_a_new_password_name_their_tokens(client, alice):
    asked = client.post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    reset = send_mailed_code(client, asked)
    wrong = send_form_with(client, reset, password1="short", password2="other")

    assert tokens(page(reset)) == {"password1": "new-password", "password2": "new-password"}
    assert faulty(page(wrong)) == (["password1"], ["password1"], [True])


def test_form_of_a_first_password_names_its_tokens(client, db):
    send_mailed_code(client, client.post("/accounts/signup/", {"email": "carol@example.org"}, follow=True))

    root = page(client.get("/accounts/password/set/"))

    assert tokens(root) == {"password1": "new-password", "password2": "new-password"}


def test_second_step_takes_the_apps_code_and_keeps_a_wrong_one(client, alice):
    switch_app_on(alice)

    asked = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
    wrong = page(send_form_with(client, asked, code="000000"))

    assert (tokens(page(asked)), faulty(page(asked))) == (CODE, (["code"], [], []))
    assert (wrong.one("input", name="code")["value"], faulty(wrong)) == ("000000", (["code"], ["code"], [True]))


def test_app_opens_what_asks_who_is_there(client, alice):
    switch_app_on(alice)
    client.force_login(alice)

    root = page(client.get("/accounts/2fa/reauthenticate/"))

    assert (tokens(root), faulty(root)) == (CODE, (["code"], [], []))


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("address", "sent", "first", "all_of_them"),
    [
        ("/accounts/", {"display_name": "A" * 81, "time_zone": "Mars"}, "display_name", ["display_name", "time_zone"]),
        ("/accounts/email/", {"email": "alice", "action_add": ""}, "email", ["email"]),
        (
            "/accounts/password/change/",
            {"oldpassword": "wrong", "password1": "short", "password2": "other"},
            "oldpassword",
            ["oldpassword", "password1"],
        ),
        ("/accounts/2fa/totp/activate/", {"code": "000000"}, "code", ["code"]),
        ("/accounts/2fa/webauthn/keys/{passkey}/edit/", {"name": ""}, "name", ["name"]),
        ("/accounts/reauthenticate/", {"password": "wrong"}, "password", ["password"]),
    ],
)
def test_cursor_stands_in_the_first_faulty_field_which_names_its_fault(
    mine, passkey, address, sent, first, all_of_them
):
    root = page(mine.post(address.format(passkey=passkey), sent))

    assert faulty(root) == ([first], all_of_them, [True] * len(all_of_them))
    assert len(root.one("main").all("div.errors", role="alert")) == len(all_of_them)
    typed = {name: text for name, text in sent.items() if "password" not in name and name in tokens(root)}
    assert {name: root.one("input", name=name)["value"] for name in typed if typed[name]} == {
        name: text for name, text in typed.items() if text
    }


def test_passkey_that_was_not_made_keeps_its_name_and_says_so(mine):
    root = page(mine.post("/accounts/2fa/webauthn/add/", {"name": "Phone", "credential": ""}))

    assert root.one("input", name="name")["value"] == "Phone"
    assert root.one("main").texts("div", role="alert") == ["This field is required."]
