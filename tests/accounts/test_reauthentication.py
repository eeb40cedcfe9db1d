"""A session left open changes no way to log in: the person at the keyboard first confirms who they are."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import log_in, recovery_codes_of, send_form_with, send_mailed_code, switch_app_on
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

NEW = "marble-lantern-7"
LATER = 301  # seconds, from which on a proof of who is there is no longer fresh
# Each changes a way in, or shows what is one. The password is changed by entering the present one.
SENSITIVE = [
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/3rdparty/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/keys/{passkey}/remove/",
    "/accounts/2fa/webauthn/keys/{passkey}/edit/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/data/delete",
]
OF_THE_APP = ("totp/deactivate", "recovery-codes", "{passkey}")


@pytest.fixture
def mailed_only(alice: User) -> User:
    """Alice has neither password nor passkey nor second step: she has codes mailed."""
    alice.set_unusable_password()
    alice.save()
    return alice


@pytest.fixture
def left_open(client, mailed_only, time_machine) -> Client:
    """Her browser, minutes after she logged in."""
    time_machine.move_to("2019-10-01T08:00:00Z", tick=False)
    send_mailed_code(client, client.post("/accounts/login/code/", {"email": mailed_only.email}, follow=True))
    time_machine.shift(LATER)
    mail.outbox.clear()
    return client


@pytest.mark.parametrize(
    ("method", "address"),
    [("get", address) for address in SENSITIVE]
    + [("post", address) for address in SENSITIVE if address != "/accounts/2fa/recovery-codes/"],
)
def test_old_session_is_asked_for_the_password_or_the_second_step_that_it_changes(client, alice, method, address):
    address = address.format(passkey=Authenticator.objects.create(user=alice, type="webauthn", data={}).pk)
    if "totp/activate" not in address:
        switch_app_on(alice)
        recovery_codes_of(alice)
    client.force_login(alice)

    response = getattr(client, method)(address, {"email": "new@example.org", "action_add": "", "password1": NEW})
    if method == "post" and response["Location"] == address:
        response = client.get(address)

    has_second_step = address.startswith("/accounts/2fa/") and "totp/activate" not in address
    asked = "/accounts/2fa/reauthenticate/" if has_second_step else "/accounts/reauthenticate/"
    assert response["Location"].partition("?")[0] == asked
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert mail.outbox == []


@pytest.mark.parametrize("address", [address for address in SENSITIVE if not any(own in address for own in OF_THE_APP)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_old_session_of_somebody_without_is_asked_to_log_in_again(left_open, mailed_only, address, method):
    sent = {"email": "new@example.org", "action_add": "", "password1": NEW, "password2": NEW}
    response = getattr(left_open, method)(address, sent)

    root = page(response)
    assert (response.status_code, root.one("h1").text) == (403, "Is it you?")
    assert root.one("main").texts("button") == ["Log in again"]
    assert root.one("input", name="next")["value"] == f"/accounts/login/?next={address}"
    mailed_only.refresh_from_db()
    assert not mailed_only.has_usable_password()
    assert mail.outbox == []


def test_logging_in_again_leads_back_to_what_asked(left_open):
    (log_out,) = page(left_open.get("/accounts/password/set/")).one("main").all("form", action="/accounts/logout/")

    again = left_open.post("/accounts/logout/", log_out.fields(), follow=True)
    next_page = page(again).one("form", action="/accounts/login/").fields()["next"]
    asked = left_open.post("/accounts/login/code/", {"login": "alice@example.org", "next": next_page}, follow=True)
    response = send_mailed_code(left_open, asked)

    assert response.redirect_chain[-1][0] == "/accounts/password/set/"
    assert response.status_code == 200


@pytest.mark.parametrize("address", [address for address in SENSITIVE if not any(own in address for own in OF_THE_APP)])
def test_who_has_just_signed_up_with_a_code_is_not_asked(client, db, address):
    send_mailed_code(client, client.post("/accounts/signup/", {"email": "carol@example.org"}, follow=True))

    assert client.get(address).status_code == 200


def test_sign_up_with_a_code_is_no_proof_for_ever(client, db, time_machine):
    time_machine.move_to("2019-10-01T08:00:00Z", tick=False)
    send_mailed_code(client, client.post("/accounts/signup/", {"email": "carol@example.org"}, follow=True))
    time_machine.shift(LATER)

    assert client.get("/accounts/email/").status_code == 403


def test_password_is_not_changed_without_the_present_one(client, alice):
    client.force_login(alice)

    form = client.get("/accounts/password/change/")
    send_form_with(client, form, oldpassword="a guess", password1=NEW, password2=NEW)

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_address_is_changed_after_the_password_was_asked_for(client, alice):
    client.force_login(alice)

    form = send_form_with(client, client.get("/accounts/email/", follow=True), password=PASSWORD)
    asked = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, follow=True)
    send_mailed_code(client, asked)

    alice.refresh_from_db()
    assert page(form).one("h1").text == "Email address"
    assert alice.email == "new@example.org"


def test_form_sent_too_late_asks_and_leads_back(client, alice, time_machine):
    time_machine.move_to("2019-10-01T08:00:00Z", tick=False)
    log_in(client, alice)
    time_machine.shift(LATER)

    response = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, follow=True)

    assert [place for place, _ in response.redirect_chain] == [
        "/accounts/email/",
        "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F",
    ]
