"""Who may open /dav/: the key of a calendar of kind caldav, and whoever it is called by."""

from __future__ import annotations

from base64 import b64encode

import pytest
from django.test import Client

from accounts import limits
from accounts.models import CalendarKey
from tests.agenda.caldav.dav import basic
from tests.conftest import PASSWORD

pytestmark = pytest.mark.any_database

METHODS = ["GET", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "DELETE", "POST", "MKCALENDAR", "MOVE"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "path", ["/dav", "/dav/", "/dav/calendars/1/agenda/", "/dav/calendars/1/agenda/x.ics", "/dav/x/y"]
)
def test_nobody_is_asked_for_a_password_and_not_redirected(db, method, path):
    response = Client(enforce_csrf_checks=True).generic(method, path, b"", content_type="application/xml")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Basic realm="Conference agenda", charset="UTF-8"'
    assert response.cookies == {}


@pytest.mark.parametrize("name", ["alice@example.org", "ALICE@Example.ORG", " alice@example.org "])
def test_email_in_any_case_opens(phone, name):
    phone.sign_in(name, phone.password)

    assert phone.propfind(phone.agenda).status_code == 207


def test_shown_user_name_opens(phone):
    phone.sign_in(phone.key.lookup, phone.password)

    assert phone.propfind(phone.agenda).status_code == 207


def change_address(user, email):
    user.email = email
    user.save()


def renewed(phone):
    """With the password of the key in its place, which is all that the device asks for."""
    _, password = CalendarKey.objects.renew(CalendarKey.objects.get(pk=phone.key.pk), once="form")
    return password


def test_name_that_the_key_was_shown_with_opens_after_the_address_changed(phone, alice, bob):
    change_address(alice, "alice@elsewhere.example")
    change_address(bob, "alice@example.org")

    answered = []
    for name in ("Alice@example.org", "alice@elsewhere.example", phone.key.lookup, "bob@example.org"):
        phone.sign_in(name, phone.password)
        answered.append(phone.propfind(phone.agenda).status_code)

    assert answered == [207, 207, 207, 401]


def test_every_name_that_the_key_was_shown_with_opens_after_renewing(phone, alice):
    change_address(alice, "alice@elsewhere.example")
    password = renewed(phone)
    change_address(alice, "alice@third.example")

    answered = []
    for name in ("alice@example.org", "alice@elsewhere.example", "alice@third.example", "alice@fourth.example"):
        phone.sign_in(name, password)
        answered.append(phone.propfind(phone.agenda).status_code)

    assert answered == [207, 207, 207, 401]


def test_key_without_a_name_of_its_own_opens_for_the_current_address(phone, alice):
    phone.change_key(user_names=[])
    change_address(alice, "alice@elsewhere.example")

    phone.sign_in("alice@elsewhere.example", phone.password)

    assert phone.propfind(phone.agenda).status_code == 207


def test_neither_a_cookie_nor_a_redirect_is_answered(phone):
    response = phone.propfind(phone.agenda)

    assert (response.cookies, response["Cache-Control"]) == ({}, "private, no-cache")


WRONG = {
    "no name": ("", "{own}"),
    "another's name": ("bob@example.org", "{own}"),
    "another's key": ("alice@example.org", "{bobs}"),
    "another's lookup": ("{bobs:.8}", "{own}"),
    "a part of the name": ("alice", "{own}"),
    "the account's password": ("alice@example.org", PASSWORD),
    "no password": ("alice@example.org", ""),
    "the lookup": ("alice@example.org", "{own:.8}"),
    "a letter less": ("alice@example.org", "{own:.39}"),
    "a wrong letter": ("alice@example.org", "{own:.39}_"),
    "letters that no key has": ("alice@example.org", "ü" * 40),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_name_or_password_is_refused(phone, bobs_phone, case):
    phone.sign_in(*(part.format(own=phone.password, bobs=bobs_phone.password) for part in WRONG[case]))

    assert phone.propfind(phone.agenda).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer abc", "Basic /w==", "Basic " + "A" * 5000])
def test_broken_header_is_refused(phone, header):
    phone.browser.defaults["HTTP_AUTHORIZATION"] = header

    assert phone.propfind(phone.agenda).status_code == 401


def test_name_in_latin_1_is_read(phone, alice):
    alice.email = "ålice@example.org"
    alice.save()
    encoded = b64encode(f"ålice@example.org:{phone.password}".encode("latin-1")).decode()
    phone.browser.defaults["HTTP_AUTHORIZATION"] = f"Basic {encoded}"

    assert phone.propfind(phone.agenda).status_code == 207


def test_revoked_key_is_refused_at_the_next_request(phone, time_machine):
    before = phone.propfind(phone.agenda).status_code
    phone.change_key(revoked=phone.key.created)

    assert (before, phone.propfind(phone.agenda).status_code) == (207, 401)


def test_inactive_owner_is_refused(phone, alice):
    alice.is_active = False
    alice.save()

    assert phone.propfind(phone.agenda).status_code == 401


def test_feed_key_is_refused(phone, alice):
    _, feed = CalendarKey.objects.issue(alice, name="Feed", once="feed")
    phone.sign_in(alice.email, feed)

    assert phone.propfind(phone.agenda).status_code == 401


def test_caldav_key_opens_no_feed(phone):
    assert Client().get(f"/calendar/{phone.password}.ics").status_code == 404


def test_only_wrong_keys_count_and_too_many_are_told_when_to_come_back(phone, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "wrong calendar key", limits.Limit(60, per_address=2))
    for _ in range(5):
        Client().generic("PROPFIND", "/dav/")  # with none, as clients begin
    stranger = Client(headers={"Authorization": basic("alice@example.org", "x" * 40)})

    answered = [stranger.generic("PROPFIND", "/dav/") for _ in range(3)]

    assert [response.status_code for response in answered] == [401, 401, 429]
    assert answered[2]["Content-Type"] == "text/plain; charset=utf-8"
    assert int(answered[2]["Retry-After"]) > 0
    assert phone.propfind(phone.agenda).status_code == 207


@pytest.mark.parametrize("path", ["/dav/principals/{}/", "/dav/calendars/{}/", "/dav/calendars/{}/agenda/"])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "GET", "OPTIONS", "PROPPATCH", "DELETE"])
def test_what_is_anothers_is_not_there(phone, bob, starred, method, path):
    assert phone(method, path.format(bob.pk), headers={"Depth": "0"}).status_code == 404


def test_who_fetched_and_when_is_noted(phone, clock):
    phone.propfind(phone.home, User_Agent="iOS/17.5 (21F79) dataaccessd/1.0")

    phone.key.refresh_from_db()
    assert (phone.key.last_client, phone.key.served) == ("iOS/17.5 (21F79) dataaccessd/1.0", "")
    assert phone.key.last_used_at is not None
