"""What a stranger began with the owner's address opens nothing once its owner has proven it, by whichever way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.adapter import SocialAccountAdapter
from accounts.models import User
from tests.accounts.fake_provider import Provider
from tests.accounts.steps import log_in, send_form_with, send_mailed_code, user_of
from tests.accounts.test_other_sites import continue_elsewhere, provider
from tests.forum.addresses import passkey_data
from tests.pages import page

pytestmark = pytest.mark.any_database

__all__ = ["provider"]  # a fixture

CAROL, STRANGERS, HERS = "carol@example.org", "strangers-password", "copper-kettle-9"


def sign_up(client: Client, password: str, by: str = "") -> Any:
    return client.post(f"/accounts/signup/{by}", {"email": CAROL, "password1": password}, follow=True)


def elsewhere(client: Client, provider: Provider, sub: str, **claims: object) -> Any:
    provider.person = {"sub": sub, **claims}
    return continue_elsewhere(client)


def begin_elsewhere(client: Client, provider: Provider) -> None:
    elsewhere(client, provider, "stranger", email=CAROL, email_verified=False)


def begin_elsewhere_without_address(client: Client, provider: Provider) -> None:
    send_form_with(client, elsewhere(client, provider, "stranger"), email=CAROL)


def begin_change_of_address(client: Client, provider: Provider) -> None:
    log_in(client, User.objects.get(email="bob@example.org"))
    client.post("/accounts/email/", {"email": CAROL, "action_add": ""})


def begin_everything(client: Client, provider: Provider) -> None:
    """As no page allows it, with a passkey and a session of an account whose address nobody has proven."""
    begin_elsewhere(client, provider)
    carol = User.objects.get(email=CAROL)
    carol.set_password(STRANGERS)
    carol.save()
    carol.authenticator_set.create(type=Authenticator.Type.WEBAUTHN, data=passkey_data())
    client.force_login(carol)


BEGUN: dict[str, Callable[[Client, Provider], object]] = {
    "other site": begin_elsewhere,
    "other site, address typed": begin_elsewhere_without_address,
    "password": lambda client, provider: sign_up(client, STRANGERS),
    "passkey": lambda client, provider: sign_up(client, "", "passkey/"),
    "change of address": begin_change_of_address,
    "everything": begin_everything,
}


def prove_by_signing_up(client: Client, provider: Provider) -> None:
    send_mailed_code(client, sign_up(client, HERS))


def prove_without_password(client: Client, provider: Provider) -> None:
    send_mailed_code(client, sign_up(client, ""))


def prove_by_passkey(client: Client, provider: Provider) -> None:
    """Up to the page that makes the passkey, which needs a browser."""
    assert page(send_mailed_code(client, sign_up(client, "", "passkey/"))).one("h1").text == "Make your passkey"


def prove_by_mailed_code(client: Client, provider: Provider) -> None:
    sign_up(Client(), STRANGERS)  # without an account there would be no code
    send_mailed_code(client, client.post("/accounts/login/code/", {"email": CAROL}, follow=True))


def prove_by_new_password(client: Client, provider: Provider) -> None:
    sign_up(Client(), STRANGERS)
    asked = client.post("/accounts/password/reset/", {"email": CAROL}, follow=True)
    send_form_with(client, send_mailed_code(client, asked), password1=HERS, password2=HERS)


def prove_elsewhere(client: Client, provider: Provider) -> None:
    elsewhere(client, provider, "owner", email=CAROL, email_verified=True)


PROVEN: dict[str, tuple[Callable[[Client, Provider], None], bool]] = {  # and if it chooses her password
    "account_signup": (prove_by_signing_up, True),
    "account_signup without password": (prove_without_password, False),
    "account_signup_by_passkey": (prove_by_passkey, False),
    "account_request_login_code": (prove_by_mailed_code, False),
    "account_reset_password": (prove_by_new_password, True),
    "openid_connect_login": (prove_elsewhere, False),
}
# They go on with one that was begun, or open only an account that has been proven: passwords, passkeys.
LATER = {
    *("login", "account_login", "account_confirm_login_code", "mfa_login_webauthn", "mfa_signup_webauthn"),
    *("socialaccount_signup", "socialaccount_login_cancelled", "socialaccount_login_error"),
}
AS_OPENID = {"github_login", "google_login", "google_login_by_token"}


def names_of(resolver: URLResolver | URLPattern) -> set[str]:
    if isinstance(resolver, URLPattern):
        return {resolver.name or ""}
    return {name for part in resolver.url_patterns for name in names_of(part)}


def test_every_way_in_is_in_the_table():
    names = {name for name in names_of(get_resolver()) if not name.startswith("admin")}
    ways = {name for name in names if any(word in name for word in ("login", "signup", "reset_password"))}

    assert ways == {name.split()[0] for name in PROVEN} | LATER | AS_OPENID


def try_to_get_in(stranger: Client, provider: Provider) -> list[User | None]:
    """The users that a stranger gets to be, by what was begun in this browser and from another one."""
    there = Client()
    for client in (stranger, there):
        for address in ("confirm-email/", "2fa/webauthn/signup/", "3rdparty/signup/", "login/", "signup/", "email/"):
            client.get(f"/accounts/{address}", follow=True)
    found = [user_of(stranger)]
    for client in (stranger, there):
        client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})
        client.post("/accounts/2fa/webauthn/signup/", {"name": "Phone", "credential": "{}"})
        client.post("/accounts/login/", {"login": CAROL, "password": STRANGERS})
        found.append(user_of(client))
        elsewhere(client, provider, "stranger", email=CAROL, email_verified=False)
        found.append(user_of(client))
    return found


@pytest.mark.parametrize("way", PROVEN)
@pytest.mark.parametrize("begun", BEGUN)
def test_what_a_stranger_began_opens_nothing_of_its_owner(client, provider, bob, begun, way):
    stranger = Client()
    BEGUN[begun](stranger, provider)
    prove, chooses_password = PROVEN[way]

    prove(client, provider)

    carol = User.objects.get(email=CAROL)
    assert user_of(client) == (None if way == "account_signup_by_passkey" else carol)
    assert carol not in try_to_get_in(stranger, provider)
    carol.refresh_from_db()
    assert (carol.has_usable_password(), carol.check_password(HERS)) == (chooses_password, chooses_password)
    accounts = SocialAccount.objects.filter(user=carol)
    assert {account.uid for account in accounts} == ({"owner"} if way == "openid_connect_login" else set())
    assert not carol.authenticator_set.exists()
    assert EmailAddress.objects.get(email=CAROL, verified=True).user == carol
    assert client.get("/accounts/").status_code == (302 if way == "account_signup_by_passkey" else 200)


@pytest.mark.parametrize("way", PROVEN)
@pytest.mark.parametrize("begun", ["other site", "password", "passkey"])
def test_what_was_begun_in_the_same_browser_opens_nothing_either(client, provider, time_machine, begun, way):
    time_machine.move_to("2019-10-01T08:00:00Z")
    BEGUN[begun](client, provider)
    time_machine.shift(16 * 60)  # until that sign-up is given up

    PROVEN[way][0](client, provider)

    carol = User.objects.get(email=CAROL)
    assert carol.has_usable_password() is PROVEN[way][1]
    assert carol not in try_to_get_in(Client(), provider)


def test_other_site_whose_sign_up_ends_with_the_mailed_code_stays(client, provider):
    send_mailed_code(client, elsewhere(client, provider, "owner", email=CAROL, email_verified=False))
    again = Client()

    elsewhere(again, provider, "owner", email=CAROL, email_verified=False)

    assert user_of(client) == user_of(again) == User.objects.get(email=CAROL)


def test_change_of_address_leaves_the_ways_in(client, provider, bob):
    elsewhere(client, provider, "bob", email=bob.email, email_verified=True)
    bob.authenticator_set.create(type=Authenticator.Type.WEBAUTHN, data=passkey_data())
    log_in(there := Client(), bob)

    send_mailed_code(there, there.post("/accounts/email/", {"email": CAROL, "action_add": ""}, follow=True))

    assert user_of(client) == user_of(there) == User.objects.get(email=CAROL) == bob
    assert (bob.authenticator_set.count(), SocialAccount.objects.get().user) == (1, bob)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([(CAROL, False), ("mallory@example.org", True)], ["mallory@example.org"]),
        ([(CAROL, False), ("mallory@example.org", False)], [CAROL]),
        ([("mallory@example.org", True), ("m@example.org", True)], ["mallory@example.org", "m@example.org"]),
    ],
)
def test_new_account_has_no_address_of_another_person(said, kept):
    """GitHub says all addresses that an account has, or was given."""
    addresses = [EmailAddress(email=email, verified=verified) for email, verified in said]
    login = SocialLogin(user=User(email=said[0][0]), account=SocialAccount(), email_addresses=addresses)

    SocialAccountAdapter().pre_social_login(RequestFactory().get("/"), login)

    assert ([address.email for address in login.email_addresses], login.user.email) == (kept, kept[0])
