"""Whose a cookie session is: known without reading it, as anybody may delete their account."""

from __future__ import annotations

from importlib import import_module

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session as CookieSession
from django.core.management import call_command
from django.test import Client

from accounts.models import SessionOwner
from accounts.owners import cookie_sessions_of, logged_in_sessions_of
from tests.accounts.steps import user_of
from tests.agenda.belongings import log_in

pytestmark = pytest.mark.django_db
MIGRATION = import_module("accounts.migrations.0004_owners_and_counters")
CODE = "/accounts/login/code/"


@pytest.fixture
def decoded(monkeypatch) -> list[str]:
    """The keys of the sessions whose data is read from the database in one piece."""
    keys: list[str] = []
    read = CookieSession.get_decoded
    monkeypatch.setattr(CookieSession, "get_decoded", lambda session: keys.append(session.pk) or read(session))
    return keys


def visitor(**begun: str) -> Client:
    client = Client()
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})
    if begun:
        client.post(CODE, begun)
    return client


def key(client: Client) -> str | None:
    return client.session.session_key


def test_sessions_are_found_by_log_in_and_by_address(alice, bob):
    phone, laptop, others = log_in(Client(), alice), log_in(Client(), alice), log_in(Client(), bob)
    begun, _, _ = visitor(email="Alice@Example.org"), visitor(email="nobody@example.org"), visitor()

    assert sorted(cookie_sessions_of(alice)) == sorted(map(key, (phone, laptop, begun)))
    assert sorted(logged_in_sessions_of(alice)) == sorted(map(key, (phone, laptop)))
    assert cookie_sessions_of(bob) == [key(others)]


def test_other_sessions_are_not_read(alice, bob, decoded):
    mine = log_in(Client(), alice)
    for _ in range(5):
        visitor(email="nobody@example.org")
        log_in(Client(), bob)
    decoded.clear()

    cookie_sessions_of(alice)

    assert decoded == [key(mine)]


def test_session_that_changed_hands_is_no_longer_its_first_owners(client, alice, bob):
    client.post(CODE, {"email": alice.email})
    row = CookieSession.objects.get(pk=key(client))
    client.force_login(bob)
    row.session_data = CookieSession.objects.get(pk=key(client)).session_data
    row.save()

    assert (cookie_sessions_of(alice), sorted(cookie_sessions_of(bob))) == ([], sorted([row.pk, key(client)]))


def test_owners_go_with_their_session(client, alice):
    log_in(client, alice)
    client.post("/accounts/logout/")

    assert SessionOwner.objects.exclude(cookie_session__in=CookieSession.objects.all()).count() == 0


def test_sessions_from_before_are_read_once_by_the_migration(alice, bob):
    log_in(Client(), alice), log_in(Client(), bob), visitor(), visitor(email=alice.email)
    known = set(SessionOwner.objects.values_list("cookie_session", "owner"))
    SessionOwner.objects.all().delete()

    MIGRATION.write_owners_down(apps, None)

    found = set(SessionOwner.objects.values_list("cookie_session", "owner"))
    assert (len(found), found <= known) == (3, True)


def test_log_out_everywhere_ends_sessions_that_are_no_device_yet(alice):
    here, elsewhere = log_in(Client(), alice), log_in(Client(), alice)
    UserSession.objects.all().delete()

    here.post("/accounts/sessions/")

    assert (user_of(here), user_of(elsewhere)) == (alice, None)


def test_rows_that_are_put_into_another_database_have_their_owners(alice, tmp_path):
    phone, file = log_in(Client(), alice), str(tmp_path / "all.json")
    call_command("dumpdata", "sessions", "accounts.sessionowner", output=file)
    CookieSession.objects.all().delete()

    call_command("loaddata", file, verbosity=0)

    assert cookie_sessions_of(alice) == [key(phone)]
