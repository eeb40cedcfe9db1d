"""What must be known to one person alone is in no log, whatever happens, and in no mail to the site's keepers."""

from __future__ import annotations

import logging
import re

import pytest
from django.conf import settings as site_settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import DatabaseError, connection
from django.test import Client
from django.utils.log import AdminEmailHandler

from accounts.models import CalendarKey
from tests.conftest import PASSWORD
from tests.forum.secrecy import found, talkative_logs
from tests.pages import page

NEW_PASSWORD = "marble-lantern-7"


@pytest.fixture
def log(logged):
    """All that the site writes, as talkative as it can be made."""
    with talkative_logs():
        yield logged


def code() -> str:
    return str(mail.outbox[-1].body).splitlines()[0]


def cookies_of(client: Client) -> list[str]:
    return [cookie.value for cookie in client.cookies.values() if cookie.value]


def fail(*args: object) -> None:
    raise DatabaseError("the database is gone")


def test_logs_of_every_way_in_have_no_password_code_or_cookie(client, db, log):
    secrets = [NEW_PASSWORD, PASSWORD, "a wrong password"]
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})
    secrets += [code(), *cookies_of(client)]
    client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})
    client.post("/accounts/confirm-email/", {"code": code()})
    secrets += cookies_of(client)
    client.post("/accounts/logout/")
    for password in ("a wrong password", NEW_PASSWORD):
        client.post("/accounts/login/", {"login": "alice@example.org", "password": password})
        secrets += cookies_of(client)
    client.post(
        "/accounts/password/change/", {"oldpassword": NEW_PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    )
    client.post("/accounts/logout/")
    client.post("/accounts/login/code/", {"email": "alice@example.org"})
    secrets += [code(), *cookies_of(client)]
    client.post("/accounts/login/code/confirm/", {"code": code()})
    secrets += cookies_of(client)

    assert "_auth_user_id" in client.session
    assert len(log.getvalue().splitlines()) > 8
    assert found(secrets, log.getvalue()) == []


def test_logs_of_a_reset_have_no_code_and_no_password(client, alice, log):
    client.post("/accounts/password/reset/", {"email": alice.email})
    sent = code()
    client.post("/accounts/password/reset/confirm/", {"code": sent})
    client.post("/accounts/password/reset/complete/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)
    assert found([sent, NEW_PASSWORD, *cookies_of(client)], log.getvalue()) == []


def test_logs_of_an_authenticator_app_have_no_secret_and_no_recovery_code(client, alice, log):
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    shown = page(client.get("/accounts/2fa/totp/activate/"))
    client.post("/accounts/2fa/totp/activate/", {"code": "00000000"})
    secret = client.session["mfa.totp.secret"]

    assert "activate" in log.getvalue()
    assert shown.one("h1").text
    assert found([secret, *cookies_of(client)], log.getvalue()) == []


def test_logs_of_a_calendar_have_the_first_letters_of_its_key_alone(client, alice, log):
    client.force_login(alice)
    address = page(client.post("/agenda/calendars/add", {"place": "other"})).one("code", id="address").text
    key = re.findall(r"/calendar/(\w+)\.ics", address)[0]
    wrong = key[:-4] + "2222"
    for each in (key, wrong):
        client.get(f"/calendar/{each}.ics", headers={"referer": address})
        client.post(f"/calendar/{each}.ics")
        client.get(f"/calendar/{each}.ics/x?next=/calendar/{each}.ics")
        client.get(f"/calendar/{each}.json", headers={"referer": address})

    assert log.getvalue().count(f"/calendar/{key[:8]}…") > 5
    assert found([key[8:], wrong[8:], CalendarKey.objects.get().digest, *cookies_of(client)], log.getvalue()) == []


@pytest.mark.parametrize(
    ("at", "form"),
    [
        ("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD}),
        ("/accounts/signup/", {"email": "carol@example.org", "password1": PASSWORD}),
        ("/agenda/calendars/add", {"place": "other", "once": PASSWORD}),
    ],
)
def test_failure_is_logged_without_what_was_sent(client, alice, log, at, form):
    client.force_login(alice)
    client.raise_request_exception = False

    with connection.execute_wrapper(fail):
        response = client.post(at, form)

    assert (response.status_code, "the database is gone" in log.getvalue()) == (500, True)
    assert found([PASSWORD, *cookies_of(client)], log.getvalue() + response.content.decode()) == []


def test_editing_history_has_field_names_and_no_secrets(root, alice):
    client = Client()
    client.force_login(root)
    CalendarKey.objects.issue(alice, name="Phone", once="once")
    fields = {"email": alice.email, "display_name": "Alice A.", "is_active": "on"}

    client.post(f"/admin/accounts/user/{alice.pk}/change/", fields)

    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.get_change_message()) == (alice.email, "Changed Display name.")


def test_nobody_is_mailed_error_reports():
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]

    assert [each for logger in loggers for each in logger.handlers if isinstance(each, AdminEmailHandler)] == []
    assert (site_settings.ADMINS, site_settings.MANAGERS) == ([], [])
