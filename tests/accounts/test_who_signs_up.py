"""SIGN_UP: anybody, nobody, people of some domains, or those who come from another site. Everybody can log in."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import log_in, user_of
from tests.accounts.test_other_sites import continue_elsewhere, provider  # noqa: F401 (a fixture)
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

PAGES = ("/accounts/signup/", "/accounts/signup/passkey/")


def sign_up(client: Client, address: str):
    return client.post("/accounts/signup/", {"email": address, "password1": PASSWORD})


@pytest.mark.parametrize("offered", ["closed", "elsewhere"])
def test_nobody_signs_up_here_where_it_is_closed(client, alice, settings, offered):
    settings.SIGN_UP, settings.CONTACT = offered, "help@example.org"

    for path in PAGES:
        root = page(client.get(path))
        assert root.one("h1").text == {"closed": "No new accounts", "elsewhere": "Sign up with another site"}[offered]
    sign_up(client, "bob@example.org")
    log_in(client, alice)

    assert list(User.objects.all()) == [alice]
    assert user_of(client) == alice


def test_pages_and_mails_offer_no_account_where_none_is_made(client, settings, db):
    settings.SIGN_UP, settings.CONTACT = "closed", "help@example.org"

    root = page(client.get("/accounts/login/"))
    client.post("/accounts/login/code/", {"email": "bob@example.org"})

    assert root.one("nav", aria_label="Account").texts("a") == ["Log in"]
    assert page(client.get("/events/")).link("Log in") == "/accounts/login/?next=/events/"
    assert "/accounts/signup/" not in mail.outbox[0].body
    assert mail.outbox[0].body.splitlines()[-1] == "Questions: help@example.org"


def test_only_addresses_of_the_domains_sign_up(client, settings, db):
    settings.SIGN_UP = "example.com,example.org"

    for address in ("bob@example.net", "bob@sub.example.org", "bob@notexample.org", "bob@example.org.example.net"):
        for path in PAGES:
            response = client.post(path, {"email": address, "password1": PASSWORD})
            assert "Only addresses of example.com, example.org can sign up here." in response.content.decode()
    sign_up(client, "Bob@EXAMPLE.org")

    assert [user.email for user in User.objects.all()] == ["bob@example.org"]


@pytest.mark.parametrize(
    ("offered", "made"), [("open", 1), ("elsewhere", 1), ("closed", 0), ("example.org", 1), ("example.com", 0)]
)
def test_another_site_s_account_signs_up_where_that_is_offered(client, provider, settings, offered, made):  # noqa: F811
    settings.SIGN_UP = offered

    continue_elsewhere(client)

    assert User.objects.count() == made


def test_closed_site_still_lets_in_by_another_site(client, provider, alice, settings):  # noqa: F811
    settings.SIGN_UP = "closed"

    continue_elsewhere(client)

    assert user_of(client) == alice
