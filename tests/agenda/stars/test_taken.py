"""What was deleted in the phone's calendar: my agenda says so for a day, and gives it back in one tap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agenda.models import Star, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import Dav
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

AGENDA = "/agenda/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def phone(clock, client, alice, starred) -> Dav:
    """With the first of Alice's three stars deleted on it."""
    phone = Dav(alice)
    phone("DELETE", phone.address_of(starred[0]))
    client.force_login(alice)
    return phone


def taken(client) -> list[str]:
    return [title for notice in page(client.get(AGENDA)).all("div.taken") for title in notice.texts("a")]


def test_agenda_says_what_was_deleted_on_the_phone(client, phone, starred):
    shown = page(client.get(AGENDA))

    assert shown.one("div.taken").texts("a") == [starred[0].title]
    assert shown.one("span", id="star-count").text == "2"


def test_it_is_back_after_one_tap(client, phone, alice, starred):
    button = page(client.get(AGENDA)).one("div.taken").one("button.star")

    client.post(button["formaction"], {"next": AGENDA})

    assert Star.objects.filter(user=alice, session=starred[0]).exists()
    assert taken(client) == []
    assert phone("GET", phone.address_of(starred[0])).status_code == 200


def test_after_a_day_nothing_is_said(client, phone, time_machine):
    time_machine.shift(timedelta(hours=23, minutes=59))
    before = taken(client)
    time_machine.shift(timedelta(minutes=2))

    assert (len(before), taken(client)) == (1, [])


def test_what_was_unstarred_on_the_page_is_not_said(client, phone, alice, starred):
    star(alice, [starred[0].pk], through=StarLog.Through.PAGE)
    unstar(alice, starred[0], through=StarLog.Through.PAGE)

    assert taken(client) == []


def test_bob_sees_nothing_of_it(client, phone, bob):
    client.force_login(bob)

    assert taken(client) == []


def test_another_person_s_stars_do_not_take_it_back(client, phone, bob, starred):
    star(bob, [starred[0].pk], through=StarLog.Through.PAGE)

    assert taken(client) == [starred[0].title]
