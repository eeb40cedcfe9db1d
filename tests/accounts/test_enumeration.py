"""Nobody learns from a page, a mail that is not theirs, or the time it took whether an address has an account."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.test_account_pages import NEW_PASSWORD
from tests.pages import page

KNOWN, UNKNOWN = "alice@example.org", "nobody@example.org"
FORMS = {
    "sign up": ("/accounts/signup/", {"email": "EMAIL", "password1": NEW_PASSWORD}),
    "sign up with a passkey": ("/accounts/signup/passkey/", {"email": "EMAIL"}),
    "log in": ("/accounts/login/", {"login": "EMAIL", "password": "a wrong password"}),
    "have a code mailed": ("/accounts/login/code/", {"email": "EMAIL"}),
    "reset the password": ("/accounts/password/reset/", {"email": "EMAIL"}),
}
MADE: list[str] = []


class CountedHasher(MD5PasswordHasher):
    """Notes each password that was hashed: with the real hasher, that is nearly all of the time an answer takes."""

    algorithm = "counted"

    def encode(self, password: str, salt: str) -> str:
        MADE.append(password)
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings) -> list[str]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountedHasher"]
    MADE.clear()
    return MADE


@pytest.fixture
def passwordless(alice: User) -> User:
    alice.set_unusable_password()
    alice.save()
    return alice


def words(response) -> tuple[int, str, list[str]]:
    """Status, where it leads, and all words of the page, without the address that was typed and the fresh token."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    texts = [] if response.status_code == 302 else [re.sub(r"(alice|nobody)@", "somebody@", text)]
    return response.status_code, response.get("Location", ""), texts


def send(name: str, email: str, client: Client):
    address, form = FORMS[name]
    return client.post(address, {field: value.replace("EMAIL", email) for field, value in form.items()})


def asked(name: str, email: str) -> list[object]:
    """What a stranger sees who sends this form, follows where it leads, and enters a wrong code there."""
    client = Client()
    first = send(name, email, client)
    seen: list[object] = [words(first)]
    if first.status_code == 302:
        seen.append(words(client.get(first["Location"])))
        seen += [words(client.post(first["Location"], {"code": "WRNG-CODE"})) for _ in range(4)]
    seen.append(sorted(client.cookies))
    return seen


@pytest.mark.parametrize("name", FORMS)
def test_stranger_sees_the_same_for_an_address_with_and_without_account(alice, name):
    with_account, without = (asked(name, email) for email in (KNOWN, UNKNOWN))

    assert with_account == without


@pytest.mark.parametrize("name", FORMS)
def test_inactive_and_passwordless_accounts_look_like_none(passwordless, name):
    passwordless.is_active = False
    passwordless.save()
    with_account, without = (asked(name, email) for email in (KNOWN, UNKNOWN))

    assert with_account == without


@pytest.mark.parametrize("name", [name for name in FORMS if name != "log in"])
def test_mail_goes_out_either_way(alice, name):
    for email in (KNOWN, UNKNOWN):
        send(name, email, Client())

    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]


def test_log_in_mails_nothing_either_way(alice):
    for email in (KNOWN, UNKNOWN):
        Client().post("/accounts/login/", {"login": email, "password": "a wrong password"})

    assert mail.outbox == []


@pytest.mark.parametrize("name", FORMS)
def test_as_many_passwords_are_hashed_with_and_without_account(alice, hashed, name):
    alice.set_password("correct-horse-battery")
    alice.save()

    made = []
    for email in (KNOWN, UNKNOWN):
        hashed.clear()
        send(name, email, Client())
        made.append(len(hashed))

    assert made[0] == made[1]


def test_taken_address_is_not_told_to_whoever_wants_to_change_to_it(alice, bob):
    seen = []
    for email in ("alice@example.org", "nobody@example.org"):
        client = Client()
        client.force_login(bob)
        response = client.post("/accounts/email/", {"email": email, "action_add": ""}, follow=True)
        seen.append([words(response), [address for address, _ in response.redirect_chain]])

    assert seen[0] == seen[1]
    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]


def test_page_before_the_code_names_only_what_was_typed(alice):
    response = Client().post("/accounts/login/code/", {"email": "ALICE@example.org"}, follow=True)

    assert page(response).texts("strong") == ["alice@example.org"]
