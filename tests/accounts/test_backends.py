"""Sessions and users: only a cookie session and an account that are still valid log a person in."""

from __future__ import annotations

import pytest
import time_machine
from django.conf import settings

from accounts.models import User

ACCOUNT = "/accounts/"


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


def test_signed_in_person_is_known(browser, alice):
    assert browser.get(ACCOUNT).context["user"] == alice


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_account_closed_or_with_another_password_is_signed_out(browser, alice, change):
    User.objects.filter(pk=alice.pk).update(**change)

    assert browser.get(ACCOUNT).status_code == 302


def test_deleted_account_is_signed_out(browser, alice):
    alice.delete()

    assert browser.get(ACCOUNT).status_code == 302


def test_cookie_session_ends_with_its_time(client, alice):
    with time_machine.travel("2019-10-31T10:00Z", tick=False) as clock:
        client.force_login(alice)
        clock.shift(settings.SESSION_COOKIE_AGE - 1)
        before = client.get(ACCOUNT).status_code
        clock.shift(1)

        assert (before, client.get(ACCOUNT).status_code) == (200, 302)


def test_unknown_cookie_session_is_nobodys(client, db):
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32

    assert client.get(ACCOUNT).status_code == 302
