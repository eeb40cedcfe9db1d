"""Accounts of other sites: offered only where their keys are set, joined by proven address alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client

from accounts.models import User
from agenda.models import Session
from tests.accounts.fake_provider import ABSENT, running_provider
from tests.accounts.steps import TALK, TOLD, add_talk, log_in, said, send_mailed_code, starred, switch_app_on, user_of
from tests.accounts.test_enumeration import words
from tests.conftest import PASSWORD, signed_up
from tests.pages import page

pytestmark = pytest.mark.any_database


@pytest.fixture
def provider(settings, monkeypatch, db):
    add_talk()
    monkeypatch.setenv("NO_PROXY", "localhost")
    with running_provider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = provider.settings
        yield provider


def continue_elsewhere(client: Client, process: str = "login"):
    """The page that going to the other site and coming back ends on."""
    leaving = client.post(f"/accounts/oidc/oidc/login/?process={process}&next={TALK}")
    back = urlsplit(requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return client.get(f"{back.path}?{back.query}", follow=True)


def test_sign_up_elsewhere_keeps_the_star(client, provider):
    client.post(f"{TALK}star")

    response = continue_elsewhere(client)

    alice = User.objects.get()
    assert response.redirect_chain[-1][0] == TALK
    assert (user_of(client), alice.email, alice.has_usable_password()) == (alice, "alice@example.org", False)
    assert EmailAddress.objects.get().verified is True
    assert (starred(alice), said(response)) == (["talk"], [TOLD])


@pytest.mark.on_postgresql
def test_sign_in_elsewhere_keeps_the_star(client, provider):
    continue_elsewhere(client)
    returning = Client()
    returning.post(f"{TALK}star")

    response = continue_elsewhere(returning)

    assert user_of(returning) == User.objects.get()
    assert (starred(User.objects.get()), said(response)) == (["talk"], [TOLD])


def test_proven_address_joins_the_account_it_has_here(client, provider, alice):
    client.post(f"{TALK}star")

    response = continue_elsewhere(client)

    assert user_of(client) == alice == SocialAccount.objects.get().user
    assert alice.check_password(PASSWORD)
    assert (starred(alice), said(response)) == (["talk"], [TOLD])
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@example.org"], "You can log in with Example")
    ]


UNPROVEN = [False, None, 1, 0, "", "false", "1", "yes", [1], [True], {"a": 1}, ["true"]]


@pytest.mark.parametrize("claim", [{}, *({"email_verified": value} for value in UNPROVEN)])
def test_unproven_address_does_not_join_the_account_it_has_here(client, provider, alice, claim):
    provider.person = {"sub": "1", "email": "alice@example.org", **claim}
    client.post(f"{TALK}star")

    continue_elsewhere(client)

    assert (user_of(client), SocialAccount.objects.count(), User.objects.count()) == (None, 0, 1)
    assert (starred(alice), client.session["stars"]) == ([], [Session.objects.get(slug="talk").pk])
    assert [message.subject for message in mail.outbox] == ["You already have an account"]


@pytest.mark.parametrize("typed", [False, True])
def test_stranger_sees_the_same_whether_the_address_has_an_account(provider, alice, typed):
    seen = []
    for email in ("alice@example.org", "nobody@example.org"):
        client = Client()
        provider.person = {"sub": email} if typed else {"sub": email, "email": email, "email_verified": False}
        asked = continue_elsewhere(client)
        if typed:
            asked = client.post("/accounts/3rdparty/signup/", {"email": email, "next": TALK}, follow=True)
        resent = client.post("/accounts/confirm-email/", {"action": "resend"})
        wrong = [words(client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})) for _ in range(3)]
        seen.append([asked.redirect_chain, words(asked), words(resent), wrong, words(client.get("/accounts/login/"))])

    assert seen[0] == seen[1]
    assert [message.to for message in mail.outbox] == [["alice@example.org"]] * 2 + [["nobody@example.org"]] * 2


def test_unproven_new_address_is_proven_here_first(client, provider):
    provider.person["email_verified"] = False
    client.post(f"{TALK}star")

    asked = continue_elsewhere(client)
    before = user_of(client)
    response = send_mailed_code(client, asked)

    assert (before, user_of(client)) == (None, User.objects.get())
    assert (starred(User.objects.get()), said(response)[-1]) == (["talk"], TOLD)


@pytest.mark.parametrize("verified", [True, "true"])
@pytest.mark.parametrize("known", [False, True])
def test_proven_address_is_proven_as_a_text_too(client, provider, verified, known):
    if known:
        signed_up("alice@example.org")
    provider.person["email_verified"] = verified

    continue_elsewhere(client)

    assert user_of(client) == User.objects.get() == SocialAccount.objects.get().user
    assert EmailAddress.objects.get().verified is True


REFUSED = (401, "That did not work")


def status_and_heading(response) -> tuple[int, str]:
    return response.status_code, response.content.decode().partition("<h1>")[2].partition("</h1>")[0]


ODD = [ABSENT, None, "", 7, True, [1], {"a": 1}, "\0", "x" * 300]


def test_claim_that_is_missing_or_odd_is_a_page_in_words(provider):
    for claim in ("iss", "aud", "exp", "iat", "nbf", "jti", "sub", "email", "email_verified", "name", "given_name"):
        for value in ODD:
            client = Client(raise_request_exception=False)
            provider.id_token = {claim: value}
            said = {"sub": "1", **provider.id_token}
            provider.userinfo = {name: value for name, value in said.items() if value is not ABSENT}

            response = continue_elsewhere(client)

            assert (claim, value, status_and_heading(response)) in [
                (claim, value, REFUSED),
                (claim, value, (200, "Enter the code")),
                (claim, value, (200, "One more thing")),
            ]
            assert user_of(client) is None


@pytest.mark.parametrize("userinfo", [{"sub": "2"}, {"sub": 1}, {"sub": "1 "}, {}, [], [1], "text", 7, True])
def test_userinfo_about_another_person_opens_nothing(client, provider, alice, userinfo):
    proven = {"email": "alice@example.org", "email_verified": True}
    provider.userinfo = {**proven, **userinfo} if isinstance(userinfo, dict) else userinfo

    response = continue_elsewhere(client)

    assert status_and_heading(response) == REFUSED
    assert (user_of(client), SocialAccount.objects.count()) == (None, 0)


@pytest.mark.parametrize(
    "email", [ABSENT, None, "", 7, ["alice@example.org"], {"a": 1}, "no address", "a\u00adb@x.org"]
)
def test_no_address_asks_for_one(client, provider, email):
    provider.person = {"sub": "1"} if email is ABSENT else {"sub": "1", "email": email, "email_verified": True}

    form = page(continue_elsewhere(client)).one("form", action="/accounts/3rdparty/signup/")
    asked = client.post(form["action"], form.fields() | {"email": "carol@example.org"}, follow=True)
    send_mailed_code(client, asked)

    assert user_of(client) == User.objects.get(email="carol@example.org")


def test_proven_address_is_the_same_however_it_is_written(client, provider, alice):
    provider.person = {"sub": "1", "email": "Alice@ｅxample.org", "email_verified": True}

    continue_elsewhere(client)

    assert user_of(client) == alice
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["alice@example.org"]


@pytest.mark.on_postgresql
def test_account_of_a_stranger_who_took_the_address_loses_its_password(client, provider):
    Client().post("/accounts/signup/", {"email": "alice@example.org", "password1": "strangers-password"})

    continue_elsewhere(client)

    alice = User.objects.get()
    assert (user_of(client), alice.has_usable_password()) == (alice, False)
    assert Client().login(email="alice@example.org", password="strangers-password") is False


def test_address_somebody_wants_to_change_to_joins_nothing(client, provider, bob):
    bobs = Client()
    log_in(bobs, bob)
    bobs.post("/accounts/email/", {"email": "alice@example.org", "action_add": ""})

    continue_elsewhere(client)

    assert user_of(client) == User.objects.get(email="alice@example.org") != bob


def test_other_site_that_refuses_leaves_the_star(client, provider):
    provider.refuses = True
    client.post(f"{TALK}star")

    response = continue_elsewhere(client)

    assert page(response).one("h1").text == "Not logged in"
    assert (user_of(client), len(client.session["stars"])) == (None, 1)


@pytest.mark.parametrize("trouble", ["silent", "absent"])
def test_other_site_that_does_not_answer_is_a_page_in_words(client, provider, settings, trouble):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.2
    client.post(f"{TALK}star")
    leaving = client.post(f"/accounts/oidc/oidc/login/?next={TALK}")
    back = urlsplit(requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"])
    with socket.create_server(("127.0.0.1", 0)) as listening:  # takes connections, and never says a word
        port = listening.getsockname()[1] if trouble == "silent" else 1
        app = provider.settings["openid_connect"]["APPS"][0]
        app["settings"]["server_url"] = f"http://127.0.0.1:{port}"
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}

        started = client.post("/accounts/oidc/oidc/login/")
        returned = client.get(f"{back.path}?{back.query}")

    for answer in (started, returned):
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "300", "no-store")
        assert "<h1>The other site does not answer</h1>" in answer.content.decode()
    assert (user_of(client), len(client.session["stars"])) == (None, 1)


def test_forged_answer_is_refused(client, provider):
    response = client.get("/accounts/oidc/oidc/login/callback/?code=made-up&state=made-up")

    assert response.status_code == 401
    assert "<h1>That did not work</h1>" in response.content.decode()
    assert user_of(client) is None


def test_no_token_of_the_other_site_is_kept(client, provider):
    continue_elsewhere(client)

    assert SocialToken.objects.count() == 0


@pytest.mark.on_postgresql
def test_account_elsewhere_is_added_and_removed(client, provider, bob):
    log_in(client, bob)

    response = continue_elsewhere(client, process="connect")
    added = SocialAccount.objects.get()
    client.post("/accounts/3rdparty/", {"account": added.pk})

    assert (added.user, said(response)) == (bob, ["You can log in with Example now."])
    assert SocialAccount.objects.count() == 0
    assert [message.subject for message in mail.outbox] == ["You can log in with Example", "Example was removed"]


def test_account_elsewhere_is_not_added_in_a_session_left_open(client, provider, bob):
    bob.set_unusable_password()
    bob.save()
    client.force_login(bob)

    response = continue_elsewhere(client, process="connect")

    asked = page(response).one("main").one("input", name="next")
    assert (response.status_code, asked["value"]) == (403, "/accounts/login/?next=/accounts/3rdparty/")
    assert (SocialAccount.objects.count(), mail.outbox) == (0, [])


def test_account_elsewhere_of_another_person_is_not_taken(client, provider, bob):
    continue_elsewhere(Client())
    log_in(client, bob)

    response = continue_elsewhere(client, process="connect")

    assert SocialAccount.objects.get().user != bob
    assert said(response) == ["That account opens another account here already. Remove it there first."]


def test_merely_asked_for_it_leads_nowhere(client, provider):
    response = client.get("/accounts/oidc/oidc/login/?process=login")

    assert page(response).one("h1").text == "Continue with Example?"


def test_second_step_is_asked_after_the_other_site(client, provider, alice):
    switch_app_on(alice)

    response = continue_elsewhere(client)

    assert response.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert user_of(client) is None


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["github", "google", "oidc/oidc"])
@pytest.mark.parametrize("end", ["login/", "login/callback/"])
def test_site_without_keys_does_not_exist(client, settings, address, end):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert client.get(f"/accounts/{address}/{end}").status_code == 404
    assert client.post(f"/accounts/{address}/{end}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_no_site_is_offered_without_keys(client, settings, address):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert "Continue with" not in client.get(address).content.decode()


SHOW_LOGIN_PAGE = """
import django
django.setup()
from django.test import Client
response = Client().get("/accounts/login/?next=/agenda/", headers={"host": "localhost"})
print(response["Content-Security-Policy"])
print(response.content.decode())
"""


def test_sites_with_keys_in_the_environment_are_offered(tmp_path, migrated):
    migrated(tmp_path / "db.sqlite3")
    keys = {f"{site}_CLIENT_{part}": "x" for site in ("GITHUB", "GOOGLE", "OIDC") for part in ("ID", "SECRET")}
    environment = {
        **os.environ,
        **keys,
        "OIDC_NAME": "Example",
        "OIDC_SERVER_URL": "https://login.example.org/realm",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "forum.settings",
        "DEBUG": "1",
        "VAR_DIR": str(tmp_path),
    }

    done = subprocess.run([sys.executable, "-c", SHOW_LOGIN_PAGE], env=environment, capture_output=True, text=True)

    policy, _, html = done.stdout.partition("\n")
    assert done.returncode == 0, done.stderr
    assert "form-action 'self' https://github.com https://accounts.google.com https://login.example.org" in policy
    for name in ("GitHub", "Google", "Example"):
        assert f">Continue with {name}</button>" in html
    assert 'formaction="/accounts/github/login/?process=login&amp;next=%2Fagenda%2F"' in html
