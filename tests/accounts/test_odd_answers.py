"""What other sites answer may be of any shape: it logs a person in, or is a page in words."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.provider import GitHubAnswers, GoogleAnswers
from tests.accounts.fake_provider import ABSENT, Provider
from tests.accounts.steps import user_of
from tests.accounts.test_other_sites import REFUSED, continue_elsewhere, provider, status_and_heading
from tests.accounts.test_slow_sites import CONFIGURATION, START, returning

pytestmark = pytest.mark.any_database

__all__ = ["provider"]  # a fixture

ODD: list[Any] = [ABSENT, None, "", "7", "text", "\0", -7, 1.5, True, [], [7], [{}], {}, {"a": 1}, "x" * 300]
NO_JSON = [b"", b"<!doctype html><title>Sorry</title>", b"\xff\xfe", b"[" * 100_000, b"{", b'"', b"access_token"]
WHOLE: list[Any] = [None, "access_token", 7, True, [], ["access_token"], [{}], {}, *NO_JSON]
ENTER, ONE_MORE, NO_ANSWER = (200, "Enter the code"), (200, "One more thing"), (503, "The other site does not answer")
ALICE = "alice@example.org"
CLAIMS = {"iss": "https://accounts.google.com", "aud": "id", "sub": "7", "email": ALICE, "email_verified": True}
GITHUB = {"/user": {"id": 7}, "/emails": [{"email": ALICE, "primary": True, "verified": True}]}


SITES = ("github", "google", "oidc/oidc")


@pytest.fixture
def sites(provider, settings, monkeypatch) -> Provider:
    """All three answer from this machine that the person is Alice."""
    for adapter in (GitHubAnswers, GoogleAnswers):
        monkeypatch.setattr(adapter, "access_token_url", f"{provider.url}/token/google")
    monkeypatch.setattr(GoogleAnswers, "identity_url", f"{provider.url}/nothing")
    monkeypatch.setattr(GitHubAnswers, "profile_url", f"{provider.url}/user")
    monkeypatch.setattr(GitHubAnswers, "emails_url", f"{provider.url}/emails")
    app = {"APPS": [{"client_id": "id", "secret": "secret"}], "OAUTH_PKCE_ENABLED": True}
    settings.SOCIALACCOUNT_PROVIDERS = provider.settings | {"github": app, "google": app}
    provider.person["email"] = ALICE
    provider.says = {"/token/google": google_token(), **GITHUB}
    return provider


def google_token(**different: Any) -> dict[str, Any]:
    said = CLAIMS | {"iat": int(time.time()), "exp": int(time.time()) + 60} | different
    kept = json.dumps({name: value for name, value in said.items() if value is not ABSENT})
    return {"access_token": "opens-user", "id_token": jwt.PyJWS().encode(kept.encode(), "k" * 32, algorithm="HS256")}


def come_back(client: Client, site: str) -> Any:
    """The page that going to the other site and coming back ends on."""
    if site == "oidc/oidc":
        return continue_elsewhere(client)
    leaving = client.post(f"/accounts/{site}/login/")
    (state,) = parse_qs(urlsplit(leaving["Location"]).query)["state"]
    return client.get(f"/accounts/{site}/login/callback/?code=x&state={state}", follow=True)


def with_member(answer: Any, name: str, value: Any) -> Any:
    """The answer, or each in a list of them, with this member; without it if the value is ABSENT."""
    if isinstance(answer, list):
        return [with_member(each, name, value) for each in answer]
    return {member: said for member, said in {**answer, name: value}.items() if said is not ABSENT}


def outcome(site: str) -> Any:
    """ "Alice" if that logs her in, else the status and heading of the page that coming back ends on."""
    client = Client(raise_request_exception=False)
    response = come_back(client, site)
    return user_of(client).email if user_of(client) else status_and_heading(response)


@pytest.mark.parametrize("site", SITES)
def test_site_that_answers_as_it_should_logs_in(sites, site):
    assert outcome(site) == ALICE == SocialAccount.objects.get().user.email


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("expires_in", ["soon", "", -1, 0, 1.5, 10**30, None, [1], {"a": 1}, True])
def test_end_of_a_token_that_nobody_keeps_does_not_matter(sites, site, expires_in):
    sites.token = {"expires_in": expires_in}
    sites.says["/token/google"] |= {"expires_in": expires_in}

    assert outcome(site) == ALICE


@pytest.mark.parametrize(
    ("site", "path"),
    [
        *(("github", path) for path in ("/token/google", "/user")),
        *(("google", "/token/google"), ("oidc/oidc", "/token"), ("oidc/oidc", "/userinfo")),
    ],
)
def test_answer_of_another_shape_is_a_page_in_words(sites, site, path):
    for answer in WHOLE:
        sites.says[path] = answer

        assert (answer, outcome(site)) == (answer, REFUSED)


@pytest.mark.parametrize("site", ["github", "google"])
def test_token_without_its_members_is_a_page_in_words(sites, site):
    for name in ("access_token", "id_token"):
        for value in ODD:
            sites.says["/token/google"] = with_member(google_token(), name, value)

            assert (name, value, outcome(site)) in [(name, value, REFUSED), (name, value, ALICE)]


def test_github_s_addresses_of_another_shape_prove_nothing(sites):
    answers = [*WHOLE, *([each] for each in WHOLE if not isinstance(each, bytes))]
    for name in ("email", "primary", "verified"):
        answers += [with_member(GITHUB["/emails"], name, value) for value in ODD if (name, value) != ("primary", True)]
    for answer in answers:
        if answer == GITHUB["/emails"]:
            continue
        sites.says["/emails"] = answer

        assert (answer, outcome("github")) in [(answer, REFUSED), (answer, ONE_MORE)]


@pytest.mark.parametrize("name", ["id", "login", "name", "email", "emails"])
def test_github_s_person_of_another_shape_is_nobody_else(sites, name):
    for value in ODD:
        sites.says["/user"] = with_member(GITHUB["/user"], name, value)

        assert (value, outcome("github")) == (value, REFUSED if name == "id" else ALICE)
    assert {account.uid for account in SocialAccount.objects.all()} <= {"7"}


@pytest.mark.parametrize("name", [*CLAIMS, "iat", "exp", "jti", "name", "given_name"])
def test_google_s_claim_of_another_shape_is_a_page_in_words(sites, name):
    for number, value in enumerate(ODD):
        person = {"sub": f"person {number}", "email": f"{number}@example.org"}
        sites.says["/token/google"] = google_token(**{**person, name: value})

        assert (value, outcome("google")) in [(value, each) for each in (REFUSED, ONE_MORE, ENTER, person["email"])]
    own = {f"person {number}" for number in range(len(ODD))}
    assert {account.uid for account in SocialAccount.objects.all()} <= own | {"7", "text"}


ENDPOINTS = ["", "text", "javascript:alert(1)", "//evil.example", "http://[", "http://", "ftp://example.org/"]


@pytest.mark.parametrize("answer", [*WHOLE, {"authorization_endpoint": "https://example.org/"}])
def test_configuration_of_another_shape_is_a_page_in_words(sites, answer):
    sites.says[CONFIGURATION] = answer

    assert status_and_heading(Client(raise_request_exception=False).post(START)) == NO_ANSWER


@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "issuer"]
)
def test_address_in_the_configuration_that_leads_nowhere_is_a_page_in_words(sites, name):
    whole = requests.get(f"{sites.url}{CONFIGURATION}", timeout=5).json()
    for value in [*ODD, *ENDPOINTS]:
        client = Client(raise_request_exception=False)
        address = returning(client)
        sites.says[CONFIGURATION] = with_member(whole, name, value)

        answers = [status_and_heading(each) for each in (client.post(START), client.get(address, follow=True))]

        assert (value, answers[0]) in [(value, NO_ANSWER), (value, (302, ""))]
        assert (value, answers[1]) in [(value, NO_ANSWER), (value, REFUSED), (value, (200, ""))]
        assert (answers[1] == (200, "")) == (user_of(client) is not None)
        del sites.says[CONFIGURATION]


def test_what_was_wrong_is_logged_without_what_was_said(sites, logged):
    sites.says["/user"] = {"id": "someone@example.org"}
    outcome("github")
    sites.says["/user"] = ["someone@example.org"]
    outcome("github")

    warnings = [line.partition(" WARNING ")[2] for line in logged.getvalue().splitlines() if "Log-in with" in line]
    assert warnings == [
        "accounts.adapter: Log-in with GitHub failed: OAuth2Error",
        "accounts.adapter: Log-in with GitHub failed: TypeError",
    ]
