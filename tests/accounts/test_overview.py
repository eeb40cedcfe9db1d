"""My account on one page: the state of each way to log in, calendars, data and the way out."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts.models import CalendarKey, User
from tests.agenda.belongings import log_in
from tests.pages import page

pytestmark = pytest.mark.any_database

OVERVIEW = "/accounts/"
OIDC = {"APPS": [{"provider_id": "oidc", "name": "Conference ID", "client_id": "id", "secret": "secret"}]}
GITHUB = {"APPS": [{"client_id": "id", "secret": "secret"}]}


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def settings_of(client: Client) -> dict[str, tuple[str, list[str]]]:
    """Each line of the page by its name: what the link says, and the state."""
    rows = page(client.get(OVERVIEW)).one("main").all("ul.settings")[0].all("li")
    return {row.all("span")[0].text: (row.one("a").text, row.texts("span.sub")) for row in rows}


def add_authenticator(user: User, kind: str, **data: str) -> None:
    Authenticator.objects.create(user=user, type=kind, data=data)


def test_new_account_has_a_password_and_nothing_else(signed_in):
    assert settings_of(signed_in) == {
        "Email": ("Change the email address", ["alice@example.org"]),
        "Password": ("Change the password", ["Set"]),
        "Passkeys": ("Add one passkeys", ["None yet. With one you log in by finger, face or PIN."]),
        "Second step": ("Set up the second step", ["Off"]),
        "Calendars": ("Open my calendars", ["None yet"]),
    }


def test_everything_set_up_shows_its_state(signed_in, alice):
    for name in ("Phone", "Blue key"):
        add_authenticator(alice, "webauthn", name=name)
    add_authenticator(alice, "totp")
    add_authenticator(alice, "recovery_codes")
    for once in "abc":
        CalendarKey.objects.issue(alice, name="Phone", once=once)
    CalendarKey.objects.filter(name="Phone 3").update(revoked=timezone.now())

    shown = settings_of(signed_in)

    assert shown["Passkeys"] == ("Change passkeys", ["2 passkeys: Phone, Blue key"])
    assert shown["Second step"] == (
        "Change the second step",
        ["On: a code from your authenticator app, or a recovery code"],
    )
    assert shown["Calendars"][1] == ["Your stars are synced to 2 calendars."]


def test_what_bob_set_up_is_not_mine(signed_in, bob):
    add_authenticator(bob, "webauthn", name="Bob's")
    add_authenticator(bob, "totp")
    CalendarKey.objects.issue(bob, name="Phone", once="a")

    shown = settings_of(signed_in)

    assert [shown[name][1] for name in ("Second step", "Calendars")] == [["Off"], ["None yet"]]
    assert "Bob's" not in signed_in.get(OVERVIEW).content.decode()


def test_address_that_waits_for_its_code_is_shown(signed_in, alice):
    EmailAddress.objects.create(user=alice, email="new@example.org")

    assert settings_of(signed_in)["Email"][1] == ["alice@example.org", "new@example.org, not confirmed yet"]


def test_without_a_password_the_page_says_how_to_log_in(signed_in, alice):
    alice.set_unusable_password()
    alice.save()
    signed_in.force_login(alice)
    before = settings_of(signed_in)["Password"]
    add_authenticator(alice, "webauthn", name="Phone")

    assert before == ("Set one", ["None. You log in with a code that we mail you."])
    assert settings_of(signed_in)["Password"][1] == [
        "None. You log in with a passkey, or with a code that we mail you."
    ]


def test_name_of_a_passkey_is_escaped(signed_in, alice):
    add_authenticator(alice, "webauthn", name="<b>Key</b>")

    assert settings_of(signed_in)["Passkeys"][1] == ["1 passkey: <b>Key</b>"]


@pytest.mark.on_postgresql
def test_accounts_elsewhere_are_shown_where_a_provider_is_set(signed_in, alice, settings):
    without = settings_of(signed_in)
    settings.SOCIALACCOUNT_PROVIDERS = {"github": GITHUB, "openid_connect": OIDC}
    none_yet = settings_of(signed_in)["Accounts elsewhere"]
    for provider in ("github", "oidc", "gone"):
        SocialAccount.objects.create(user=alice, provider=provider, uid="7")

    assert "Accounts elsewhere" not in without
    assert none_yet == ("Change accounts elsewhere", ["None connected"])
    assert settings_of(signed_in)["Accounts elsewhere"][1] == ["You can log in with GitHub, Conference ID, gone."]


def test_links_lead_to_pages_that_are_there(signed_in):
    links = [link["href"] for link in page(signed_in.get(OVERVIEW)).one("main").all("a")]

    assert links == [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/",
        "/agenda/calendars/",
        "/accounts/data/download",
        "/accounts/data/delete",
    ]
    assert {signed_in.get(link, follow=True).status_code for link in links} <= {200, 403}


def test_way_out_is_a_button(signed_in):
    (form,) = page(signed_in.get(OVERVIEW)).one("main").all("form", action="/accounts/logout/")

    assert signed_in.post(form["action"], form.fields())["Location"] == "/"
    assert signed_in.get(OVERVIEW).status_code == 302


def test_page_is_kept_by_nobody(signed_in):
    assert "no-store" in signed_in.get(OVERVIEW)["Cache-Control"]


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_as_many_queries_for_1_and_3(client, alice, settings, django_assert_num_queries, count):
    settings.SOCIALACCOUNT_PROVIDERS = {"github": GITHUB}
    for number in range(count):
        log_in(Client(), alice)
        add_authenticator(alice, "webauthn", name=f"Key {number}")
        CalendarKey.objects.issue(alice, name="Phone", once=str(number))
        SocialAccount.objects.create(user=alice, provider="github", uid=str(number))
    log_in(client, alice)

    # Cookie session, user, the form's own row of it; authenticators, addresses, accounts elsewhere;
    # devices and their cookie sessions; calendars; the current event, how many stars.
    with django_assert_num_queries(11):
        client.get(OVERVIEW)
