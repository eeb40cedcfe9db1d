"""Other sites that are slow without end: a sentence in bounded time, and pages for everybody else meanwhile."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from accounts import elsewhere
from tests.accounts.steps import user_of
from tests.accounts.test_other_sites import continue_elsewhere, provider
from tests.threads import at_once

pytestmark = pytest.mark.any_database

__all__ = ["provider"]  # a fixture

START = "/accounts/oidc/oidc/login/"
CONFIGURATION = "/.well-known/openid-configuration"
SENTENCE = "<h1>The other site does not answer</h1>"
IN_TIME = 10  # seconds; a drip lasts for 30


def returning(client: Client) -> str:
    """The address with which the other site sends the person back."""
    leaving = client.post(START)
    back = urlsplit(requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return f"{back.path}?{back.query}"


@pytest.mark.parametrize("part", ["headers", "body"])
@pytest.mark.parametrize("path", [CONFIGURATION, "/token", "/userinfo"])
def test_site_that_drips_is_a_sentence_in_time_and_is_hung_up_on(client, provider, settings, path, part):
    address = returning(client)
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 1
    provider.drips = {path: part}
    began = time.monotonic()

    answer = client.get(address)

    assert (answer.status_code, answer["Retry-After"], SENTENCE in answer.content.decode()) == (503, "300", True)
    assert provider.hung_up.wait(IN_TIME)
    assert time.monotonic() - began < IN_TIME
    assert user_of(client) is None


def test_all_that_one_page_asks_shares_its_time(rf, settings):
    request, settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = rf.get("/"), 0
    elsewhere.session_for(request)
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

    with pytest.raises(requests.Timeout):
        elsewhere.session_for(request).get("http://127.0.0.1:1/")


def test_sixteen_starts_at_a_slow_site_hold_two_threads(shared_database, provider, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 3
    provider.drips = {CONFIGURATION: "headers"}

    def start() -> tuple[int, float]:
        began = time.monotonic()
        return Client().post(START).status_code, time.monotonic() - began

    answers = at_once(16, start)

    assert {status for status, _ in answers} == {503}
    assert provider.asked == [CONFIGURATION] * elsewhere.MOST_CALLS
    assert sum(seconds < settings.SOCIALACCOUNT_REQUESTS_TIMEOUT for _, seconds in answers) == 16 - elsewhere.MOST_CALLS


def test_starts_at_a_site_that_is_well_wait_for_each_other(shared_database, provider, monkeypatch):
    monkeypatch.setattr(elsewhere, "SOON", IN_TIME)

    assert at_once(8, lambda: Client().post(START).status_code) == [302] * 8


def test_site_that_is_well_again_is_asked_again(client, provider, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    provider.drips = {CONFIGURATION: "body"}
    slow = [client.post(START).status_code for _ in range(3)]
    assert provider.hung_up.wait(IN_TIME)
    provider.drips, settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = {}, 5

    continue_elsewhere(client)

    assert slow == [503] * 3
    assert user_of(client) is not None
