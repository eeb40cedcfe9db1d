"""The pages that lead to a calendar: a place's instruction, undoing a revocation, and tidying what was never added."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import CalendarKey
from tests.accounts.steps import log_in
from tests.agenda.calendar_keys import ADD, CALENDARS, TIDY, address_of, address_shown, key_of, offered, said, sent
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SLUGS = ("apple", "google", "outlook", "android", "other", "caldav")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.mark.parametrize("slug", SLUGS)
def test_looking_at_an_instruction_makes_no_key(client, alice, slug):
    log_in(client, alice)

    form = offered(client, slug)

    assert len(form.all("button")) == 1
    assert CalendarKey.objects.count() == 0


@pytest.mark.parametrize("slug", SLUGS)
def test_its_button_makes_one_key_however_often_it_is_tapped(client, alice, slug):
    log_in(client, alice)
    form = offered(client, slug)

    for _ in range(2):
        client.post(form["action"], sent(form))

    assert CalendarKey.objects.count() == 1


@pytest.mark.parametrize(
    ("slug", "untick", "options"),
    [("apple", False, {"alarm": 10}), ("apple", True, {}), ("caldav", False, {"alarm": 10}), ("google", False, {})],
)
def test_reminder_is_ticked_where_the_calendar_can_remind(client, alice, slug, untick, options):
    log_in(client, alice)
    form = offered(client, slug)
    fields = sent(form)
    if untick:
        del fields["remind"]

    client.post(form["action"], fields)

    assert CalendarKey.objects.get().options == options


def test_place_asks_for_sign_in_and_comes_back(client, db):
    response = client.get(f"{ADD}/apple/")

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={ADD}/apple/")


def test_unknown_place_is_not_found(client, alice):
    log_in(client, alice)

    assert client.get(f"{ADD}/paper/").status_code == 404


@pytest.mark.parametrize(
    ("passed", "opens"), [(0, True), (59.9, True), (60, False), (60.1, False), (3600, False), (-5, True)]
)
def test_revoking_is_undone_for_a_minute(client, alice, alice_feed, time_machine, passed, opens):
    key = CalendarKey.objects.get()
    log_in(client, alice)
    root = page(client.post(address_of(key, "revoke"), follow=True))
    assert client.get(alice_feed).status_code == 404
    time_machine.move_to(BEFORE + timedelta(seconds=passed), tick=False)

    words = said(client.post(root.one("form.undo")["action"], follow=True))

    assert client.get(alice_feed).status_code == (200 if opens else 404)
    late = "It is too late to undo. Add “Phone” once more if you miss it."
    assert words[-1] == ("“Phone” is back: its old address works again." if opens else late)


def test_undo_is_offered_for_a_minute_and_to_its_owner_alone(client, alice, bob, time_machine):
    key = key_of(alice, revoked=BEFORE)
    address = f"{CALENDARS}?revoked={key.pk}"
    client.force_login(bob)
    assert page(client.get(address)).all("form.undo") == []
    client.force_login(alice)
    assert page(client.get(address)).one("form.undo").text.startswith("Phone was revoked.")

    time_machine.move_to(BEFORE + timedelta(minutes=1), tick=False)

    assert page(client.get(address)).all("form.undo") == []
    assert page(client.get(f"{CALENDARS}?revoked=any")).all("form.undo") == []


@pytest.mark.on_postgresql
def test_undoing_what_is_open_says_nothing(client, alice):
    log_in(client, alice)

    assert said(client.post(address_of(key_of(alice), "reopen"), follow=True)) == []


@pytest.mark.on_postgresql
def test_calendars_never_added_are_removed_together(client, alice, bob):
    long_ago = BEFORE - timedelta(days=1, seconds=1)
    unused = [key_of(user, f"Unused {n}", created=long_ago) for user in (alice, bob) for n in range(2)]
    used = key_of(alice, "Used", created=long_ago, last_used_at=BEFORE)
    new = key_of(alice, "New", created=BEFORE - timedelta(days=1))
    log_in(client, alice)
    form = page(client.get(CALENDARS)).one("form.undo")
    assert form.text == "2 calendars were never added: remove them"

    assert said(client.post(form["action"], follow=True)) == ["2 calendars were removed."]

    assert set(CalendarKey.objects.active()) == {*unused[2:], used, new}
    assert page(client.get(CALENDARS)).all("form.undo") == []
    assert said(client.post(TIDY, follow=True)) == []


def test_reopened_calendar_keeps_its_address(client, alice):
    log_in(client, alice)
    form = offered(client, "other")
    address = address_shown(page(client.post(form["action"], sent(form))))
    key = CalendarKey.objects.get()

    client.post(address_of(key, "revoke"))
    client.post(address_of(key, "reopen"))

    assert client.get(address).status_code == 200
