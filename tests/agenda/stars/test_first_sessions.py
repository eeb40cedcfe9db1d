"""The random cookie from which a visitor's first session gets its key: nothing that a page shows opens a session."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.middleware.csrf import _unmask_cipher_token
from django.test import Client

from agenda.models import Session
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.pages import page

SESSION, CSRF, BROWSER = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.BROWSER_COOKIE_NAME


@pytest.fixture(autouse=True)
def clock(time_machine, kvm_forum):
    time_machine.move_to(BEFORE, tick=False)


def star(browser: Client) -> str:
    """Stars a session, and returns the key of the browser's cookie session."""
    browser.post(f"{Session.objects.select_related('event').first().get_absolute_url()}star")
    return browser.cookies[SESSION].value


@pytest.mark.parametrize("saved", ["before the star", "after the star"])
def test_saved_page_of_a_visitor_leads_to_no_session_of_theirs(client, saved):
    pages = {"before the star": page(client.get(KVM))}
    key = star(client)
    pages["after the star"] = page(client.get("/agenda/"))
    token = pages[saved].all("input", name="csrfmiddlewaretoken")[0]["value"]

    thief = Client()
    thief.cookies[CSRF] = _unmask_cipher_token(token)

    assert star(thief) != key


def test_no_page_shows_the_cookie_or_the_key_of_the_session(client):
    before = client.get(KVM)
    browser = client.cookies[BROWSER].value
    key = star(client)

    for response in (before, client.get(KVM), client.get("/agenda/"), client.get("/accounts/login/")):
        assert [secret for secret in (browser, key) if secret in response.content.decode()] == []


def test_cookie_comes_with_the_first_form_and_goes_with_the_first_session(client):
    client.get(KVM)
    cookie = client.cookies[BROWSER]
    first = cookie.value
    client.get(KVM)

    assert (client.cookies[BROWSER].value, cookie["httponly"], cookie["samesite"]) == (first, True, "Lax")
    assert first not in star(client)
    assert client.cookies[BROWSER].value == ""
    client.get(KVM)
    assert client.cookies[BROWSER].value == ""


@pytest.mark.parametrize("cookie", [None, "", "a", "x" * 4000, "é" * 43, "../" * 20])
def test_browser_without_a_cookie_of_ours_gets_a_random_session(client, cookie):
    keys = set()
    for _ in range(2):
        browser = Client()
        if cookie is not None:
            browser.cookies[BROWSER] = cookie
        keys.add(star(browser))

    assert len(keys) == 2
