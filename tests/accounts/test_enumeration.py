"""Nobody learns from a page, a mail that is not theirs, or the time it took whether an address has an account."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import log_in
from tests.accounts.test_account_pages import NEW_PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

KNOWN, UNKNOWN = "alice@example.org", "nobody@example.org"
FORMS = {
    "sign up": ("/accounts/signup/", {"email": "EMAIL", "password1": NEW_PASSWORD}),
    "sign up with a passkey": ("/accounts/signup/passkey/", {"email": "EMAIL"}),
    "log in": ("/accounts/login/", {"login": "EMAIL", "password": "a wrong password"}),
    "have a code mailed": ("/accounts/login/code/", {"email": "EMAIL"}),
    "reset the password": ("/accounts/password/reset/", {"email": "EMAIL"}),
}
AROUND = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/confirm-email/",
    "/accounts/login/code/confirm/",
    "/accounts/password/reset/confirm/",
    "/accounts/password/reset/complete/",
    "/accounts/2fa/webauthn/signup/",
    "/accounts/2fa/authenticate/",
)
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
    """What a stranger sees who sends this form, looks around, asks for another code, and enters wrong ones."""
    client = Client()
    first = send(name, email, client)
    seen: list[object] = [words(first)]
    if first.status_code == 302:
        seen += [words(client.get(address)) for address in (first["Location"], *AROUND)]
        seen.append(words(client.post(first["Location"], {"action": "resend"})))
        seen += [words(client.post(first["Location"], {"code": "WRNG-CODE"})) for _ in range(4)]
    seen.append(sorted(client.cookies))
    return seen


def cancelled(name: str, email: str) -> list[object]:
    """What a stranger sees who sends this form, cancels where it leads, and goes back there."""
    client = Client()
    waiting = send(name, email, client).get("Location", "/accounts/login/")
    client.post("/accounts/logout/", {"next": "/accounts/login/"})
    return [words(client.get(address)) for address in (waiting, *AROUND)]


@pytest.mark.parametrize("name", FORMS)
def test_stranger_sees_the_same_for_an_address_with_and_without_account(alice, name):
    with_account, without = (asked(name, email) for email in (KNOWN, UNKNOWN))

    assert with_account == without


@pytest.mark.parametrize("name", FORMS)
def test_cancelling_shows_the_same_for_an_address_with_and_without_account(alice, name):
    with_account, without = (cancelled(name, email) for email in (KNOWN, UNKNOWN))

    assert with_account == without


@pytest.mark.parametrize("name", FORMS)
def test_address_that_was_never_proven_looks_like_none(alice, name):
    alice.emailaddress_set.update(verified=False)

    assert asked(name, KNOWN) == asked(name, UNKNOWN)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("proven", [True, False])
def test_inactive_and_passwordless_accounts_look_like_none(passwordless, name, proven):
    passwordless.is_active = False
    passwordless.save()
    passwordless.emailaddress_set.update(verified=proven)
    with_account, without = (asked(name, email) for email in (KNOWN, UNKNOWN))

    assert with_account == without


@pytest.mark.parametrize("name", [name for name in FORMS if name != "log in"])
def test_mail_goes_out_either_way(alice, name):
    for email in (KNOWN, UNKNOWN):
        send(name, email, Client())

    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]


@pytest.mark.parametrize("name", ["sign up", "sign up with a passkey"])
def test_as_many_mails_go_out_either_way_when_another_code_is_asked_for(alice, name):
    for email in (KNOWN, UNKNOWN):
        client = Client()
        send(name, email, client)
        for _ in range(5):
            client.post("/accounts/confirm-email/", {"action": "resend"})

    assert [message.to for message in mail.outbox] == [[KNOWN]] * 3 + [[UNKNOWN]] * 3


def test_another_code_asked_for_too_often_mails_nothing_either_way(alice):
    statuses = []
    for email in (KNOWN, UNKNOWN):
        for client in (Client(), Client(), stranger := Client()):
            send("sign up", email, client)
        statuses.append(stranger.post("/accounts/confirm-email/", {"action": "resend"}).status_code)

    assert statuses == [429, 429]
    assert [message.to for message in mail.outbox] == [[KNOWN]] * 3 + [[UNKNOWN]] * 3


@pytest.mark.parametrize("name", [name for name in FORMS if name != "log in"])
def test_limits_are_the_same_either_way(alice, name):
    answers = [[words(send(name, email, Client())) for _ in range(8)] for email in (KNOWN, UNKNOWN)]

    assert answers[0] == answers[1]
    assert answers[0][-1][0] == 429


def test_log_in_mails_nothing_either_way(alice):
    for email in (KNOWN, UNKNOWN):
        Client().post("/accounts/login/", {"login": email, "password": "a wrong password"})

    assert mail.outbox == []


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("state", ["usual", "without a password", "inactive", "never proven"])
def test_as_many_passwords_are_hashed_with_and_without_account(alice, hashed, name, state):
    alice.set_password(None if state == "without a password" else "correct-horse-battery")
    alice.is_active = state != "inactive"
    alice.save()
    alice.emailaddress_set.update(verified=state != "never proven")

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
        log_in(client, bob)
        response = client.post("/accounts/email/", {"email": email, "action_add": ""}, follow=True)
        seen.append([words(response), [address for address, _ in response.redirect_chain]])

    assert seen[0] == seen[1]
    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]


def test_page_before_the_code_names_only_what_was_typed(alice):
    response = Client().post("/accounts/login/code/", {"email": "ALICE@example.org"}, follow=True)

    assert page(response).texts("strong") == ["alice@example.org"]
