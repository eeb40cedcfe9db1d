"""How many calendars an account may have: the page that lists them says much of each."""

from __future__ import annotations

import pytest

from accounts import models
from accounts.models import CalendarKey, TooManyCalendars, User
from agenda.views import calendars
from tests.agenda.calendar_keys import ADD, address_of, key_of
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_at_most(monkeypatch, time_machine):
    time_machine.move_to(BEFORE, tick=False)
    monkeypatch.setattr(models, "MOST_CALENDARS", 2)


def test_one_too_many_is_refused_in_words_and_none_is_made(client, alice, bob):
    key_of(alice, "Phone")
    client.force_login(alice)
    form = {"place": "other", "once": "form"}
    made = client.post(ADD, form)

    refused = client.post(ADD, {"place": "other", "once": "another"})

    assert (made.status_code, refused.status_code, CalendarKey.objects.count()) == (200, 422, 2)
    assert calendars.TOO_MANY in page(refused).one("main").text
    assert client.post(ADD, form).status_code == 200  # the same form once more shows what it made
    key_of(bob, "Phone")


def test_revoking_one_makes_room_and_renewing_needs_none(client, alice):
    phone, _ = key_of(alice, "Phone"), key_of(alice, "Laptop")
    client.force_login(alice)

    renewed = client.post(address_of(phone, "renew"), {"once": "form"})
    before = client.post(ADD, {"place": "other"}).status_code
    client.post(address_of(CalendarKey.objects.active().get(name="Laptop"), "revoke"))

    assert (renewed.status_code, before) == (200, 422)
    assert client.post(ADD, {"place": "other"}).status_code == 200


def test_undoing_a_revocation_needs_room_too(client, alice):
    phone, _ = key_of(alice, "Phone"), key_of(alice, "Laptop")
    client.force_login(alice)
    client.post(address_of(phone, "revoke"))
    client.post(ADD, {"place": "other"})

    refused = client.post(address_of(phone, "reopen"))

    assert (refused.status_code, CalendarKey.objects.active().count()) == (422, 2)
    assert calendars.TOO_MANY in page(refused).one("main").text


def test_many_at_once_are_no_more_than_that(shared_database, alice):
    names = list("abcdef")

    def work() -> bool:
        name = names.pop()
        try:
            CalendarKey.objects.issue(User.objects.get(), name=name, once=name)
        except TooManyCalendars:
            return False
        return True

    assert sorted(at_once(4, work)) == [False, False, True, True]
