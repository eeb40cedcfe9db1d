"""What ends with a log-in, an address or an account, and what goes on: calendars, which the page names."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.erasing import erase
from accounts.models import CalendarKey, User
from tests.accounts.steps import add_talk, log_in, send_form_with, send_mailed_code, user_of
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

NEW = "marble-lantern-7"
CALDAV = "/agenda/calendars/add/caldav/"
NEW_ADDRESS = "new@example.org"


def reset_password(client, alice):
    asked = client.post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    return send_form_with(client, send_mailed_code(client, asked), password1=NEW, password2=NEW)


def log_out_everywhere(client, alice):
    log_in(client, alice)
    return client.post("/accounts/sessions/", follow=True)


def change_address(client, alice, new=NEW_ADDRESS):
    log_in(client, alice)
    asked = client.post("/accounts/email/", {"email": new, "action_add": ""}, follow=True)
    return send_mailed_code(client, asked)


SHUTTING_OUT = (reset_password, log_out_everywhere, change_address)


@pytest.mark.parametrize("way", SHUTTING_OUT)
def test_calendars_that_go_on_are_named_and_closed_in_one_tap(client, alice, bob, way):
    for owner, name, kind in ((alice, "Phone", "feed"), (alice, "Laptop", "caldav"), (bob, "Other", "feed")):
        CalendarKey.objects.issue(owner, name=name, once=name, kind=kind)

    response = way(client, alice)
    offer = page(response).one("form", action="/accounts/calendars/close")
    client.post("/accounts/calendars/close", offer.fields())

    assert offer.text.startswith("Your calendars “Phone”, “Laptop” go on being updated")
    assert list(CalendarKey.objects.active().values_list("name", flat=True)) == ["Other"]


@pytest.mark.parametrize("way", SHUTTING_OUT)
def test_nothing_is_offered_without_calendars(client, alice, way):
    assert page(way(client, alice)).all("form", action="/accounts/calendars/close") == []


def test_fresh_log_in_makes_a_caldav_password_told_once(client, alice):
    log_in(client, alice)

    for _ in range(2):
        response = client.post("/agenda/calendars/add", {"place": "caldav", "once": "twice"})

    assert response.status_code == 200
    assert [sent.subject for sent in mail.outbox] == ["A calendar got a password"]


@pytest.mark.parametrize("address", [CALDAV, "/agenda/calendars/{key}/renew"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_older_log_in_is_asked_before_a_caldav_password(client, alice, method, address):
    key, _ = CalendarKey.objects.issue(alice, name="Both ways", once="once", kind="caldav")
    address = address.format(key=key.pk)
    client.force_login(alice)

    sent = client.post("/agenda/calendars/add", {"place": "caldav"}) if address == CALDAV else None
    response = sent if sent and method == "post" else getattr(client, method)(address)
    asked = client.get(response["Location"], follow=True) if method == "post" else client.get(address, follow=True)
    back = send_form_with(client, asked, password=PASSWORD)

    assert asked.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    assert (back.status_code, back.redirect_chain[-1][0]) == (200, address)
    assert (CalendarKey.objects.count(), mail.outbox) == (1, [])


@pytest.mark.parametrize("place", ["apple", "google", "other"])
def test_feed_stays_one_tap(client, alice, place):
    client.force_login(alice)

    assert client.post("/agenda/calendars/add", {"place": place}).status_code == 200
    assert mail.outbox == []


def test_unfinished_sign_up_of_a_stranger_blocks_no_change_of_address(client, alice):
    stranger = Client()
    stranger.post("/accounts/signup/", {"email": NEW_ADDRESS, "password1": NEW})
    assert User.objects.count() == 2

    change_address(client, alice)

    alice.refresh_from_db()
    assert (alice.email, User.objects.count()) == (NEW_ADDRESS, 1)
    assert stranger.post("/accounts/confirm-email/", {"code": "AAAA-AAAA"})["Location"] == "/accounts/login/"


@pytest.mark.on_postgresql
def test_address_of_another_account_is_not_taken(client, alice, bob):
    change_address(client, alice, bob.email)

    alice.refresh_from_db()
    assert (alice.email, User.objects.count()) == ("alice@example.org", 2)
    assert EmailAddress.objects.get(email=bob.email).user == bob


SENT = {
    "/meeting/sessions/talk/star": {},
    "/agenda/calendars/add": {"place": "apple"},
    "/accounts/": {"display_name": "Alice"},
    "/accounts/sessions/": {},
    "/accounts/password/change/": {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    "/accounts/email/": {"email": NEW_ADDRESS, "action_add": ""},
    "/agenda/time-zone/": {"time_zone": "Europe/Paris"},
}


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("method", "address"),
    [("post", address) for address in SENT] + [("get", address) for address in SENT if address.endswith("/")],
)
def test_account_that_is_deleted_meanwhile_ends_with_a_sentence(transactional_db, client, alice, address, method):
    add_talk()
    log_in(client, alice)
    client.raise_request_exception = False
    found = []

    def delete_once_known(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not found and 'FROM "accounts_user"' in sql:
            found.append(sql)
            erase(User.objects.get(pk=alice.pk))
        return result

    with connection.execute_wrapper(delete_once_known):
        response = getattr(client, method)(address, SENT[address])

    assert found
    assert user_of(client) is None
    assert response.status_code < 400 or b"<h1>This account was deleted</h1>" in response.content
