"""The next page: kept for a person who fails to log in, and goes there once they succeed."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.forum.addresses import passkey_data
from tests.pages import page

pytestmark = pytest.mark.any_database

PLACE = "/agenda/calendars/"


def test_failed_passkey_keeps_the_place(client, db):
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": "{}", "next": PLACE}, follow=True)

    assert response.redirect_chain == [("/accounts/login/?next=%2Fagenda%2Fcalendars%2F", 302)]
    assert {form.fields().get("next") for form in page(response).one("main").all("form")} == {PLACE}


@pytest.mark.parametrize("place", ["https://elsewhere.example.org/", "//elsewhere.example.org/", "javascript:alert(1)"])
def test_failed_passkey_leads_nowhere_else(client, db, place):
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": "{}", "next": place})

    assert response["Location"] == "/accounts/login/"


def test_failed_passkey_of_somebody_logged_in_asks_again(client, alice: User):
    alice.set_unusable_password()
    alice.save()
    alice.authenticator_set.create(type="webauthn", data=passkey_data())
    client.force_login(alice)
    form = {"credential": "{}", "next": "/accounts/email/"}

    response = client.post("/accounts/2fa/webauthn/reauthenticate/", form, follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/2fa/webauthn/reauthenticate/?next=%2Faccounts%2Femail%2F"


@pytest.mark.parametrize(
    ("begin", "form", "confirm", "entrance"),
    [
        ("/accounts/login/code/", {"email": "alice@example.org"}, "/accounts/login/code/confirm/", "login/code/"),
        ("/accounts/signup/", {"email": "carol@example.org"}, "/accounts/confirm-email/", "login/"),
    ],
)
def test_code_failed_for_good_keeps_the_place(client, alice, begin, form, confirm, entrance):
    client.post(begin, form)

    answers = [client.post(confirm, {"code": "WRNG-CODE", "next": PLACE}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert answers[-1]["Location"] == f"/accounts/{entrance}?next=%2Fagenda%2Fcalendars%2F"


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/login/code/"])
@pytest.mark.parametrize("target", ["http://[::1", "//[", "http://a]b"])
def test_next_that_cannot_be_read_is_none(client, db, path, target):
    form, sent = client.get(path, {"next": target}), client.post(path, {"next": target})

    assert (form.status_code, sent.status_code) == (200, 200)
