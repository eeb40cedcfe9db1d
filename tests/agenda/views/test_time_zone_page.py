"""Whose clock the times are shown by: chosen with one tap or from a list, and remembered."""

from __future__ import annotations

import pytest

from agenda.programme.zones import CHOSEN
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

ZONES = "/agenda/time-zone/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def first_time(root: Element) -> str:
    return root.all("time.from")[0].text


def test_list_offers_places(client, db):
    root = page(client.get(ZONES))

    names = root.one("select", id="time_zone").texts("option")
    assert names[0] == "each event’s own zone"
    assert names[1:] == sorted(names[1:])
    assert {"Europe/Paris", "America/New_York", "Australia/Lord_Howe"} <= set(names)
    assert [name for name in names if name.startswith("Etc/")] == []


def test_visitors_choice_is_remembered(client, kvm_forum):
    response = client.post(ZONES, {"time_zone": "Asia/Tokyo", "next": KVM})

    assert (response.status_code, response["Location"]) == (302, KVM)
    assert client.session[CHOSEN] == "Asia/Tokyo"
    assert first_time(page(client.get(KVM))) == "19:00"


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("Asia/Calcutta", "15:30"),
        ("Europe/Kiev", "12:00"),
        ("US/Pacific", "03:00"),
        ("Etc/GMT+5", "05:00"),
        ("UTC", "10:00"),
    ],
)
def test_zone_is_known_by_any_name_that_a_browser_sends(client, kvm_forum, name, time):
    client.post(ZONES, {"time_zone": name})

    assert first_time(page(client.get(KVM))) == time


def test_alices_choice_is_remembered_with_her_account(client, alice, bob, kvm_forum):
    client.force_login(alice)

    client.post(ZONES, {"time_zone": "Asia/Tokyo"})

    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.time_zone, bob.time_zone) == ("Asia/Tokyo", "")
    assert first_time(page(client.get(KVM))) == "19:00"


@pytest.mark.parametrize("who", ["visitor", "alice"])
def test_events_own_zone_can_be_had_back(client, request, kvm_forum, who):
    if who == "alice":
        client.force_login(request.getfixturevalue("alice"))
    client.post(ZONES, {"time_zone": "Asia/Tokyo"})

    client.post(ZONES, {"time_zone": "event"})

    assert first_time(page(client.get(KVM))) == "11:00"


def test_button_on_a_page_comes_back_to_it(client, kvm_forum):
    form = page(client.get(f"{KVM}?day=2019-10-31")).one("form.zone")

    response = client.post(form["action"], form.fields() | {"time_zone": "Asia/Tokyo"}, follow=True)

    assert response.redirect_chain == [(f"{KVM}?day=2019-10-31", 302)]
    assert first_time(page(response)) == "19:00"


def test_button_without_javascript_leads_to_the_list_and_back(client, kvm_forum):
    form = page(client.get(f"{KVM}?day=2019-10-31")).one("form.zone")

    listed = page(client.post(form["action"], form.fields()))
    response = client.post(ZONES, listed.one("form.form").fields() | {"time_zone": "Asia/Tokyo"})

    assert listed.one("h1").text == "Time zone"
    assert response["Location"] == f"{KVM}?day=2019-10-31"


def test_button_of_a_reader_in_their_own_zone_goes_back_to_the_events(client, kvm_forum):
    client.post(ZONES, {"time_zone": "Asia/Tokyo"})
    form = page(client.get(KVM)).one("form.zone")

    client.post(form["action"], form.fields())

    assert form.one("button").text == "show CET, UTC+1"
    assert first_time(page(client.get(KVM))) == "11:00"


def test_chosen_zone_is_selected_in_the_list(client, db):
    client.post(ZONES, {"time_zone": "Asia/Tokyo"})

    assert page(client.get(ZONES)).one("option", selected="").text == "Asia/Tokyo"


@pytest.mark.parametrize(
    "name", ["Mars/Base", "../../etc/passwd", "europe/paris", "Asia/Tokyo\x00", "<b>", "x" * 10_000]
)
def test_unknown_zone_is_refused_in_words(client, db, name):
    response = client.post(ZONES, {"time_zone": name, "next": "/agenda/"})

    root = page(response)
    assert response.status_code == 422
    assert root.one("p.errors", role="alert").text == (
        f"“{name[:80]}” is not a time zone we know. Choose one from the list."
    )
    assert root.one("form.form").fields()["next"] == "/agenda/"
    assert CHOSEN not in client.session


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_way_back_is_never_another_site(client, db, next_):
    assert client.post(ZONES, {"time_zone": "event", "next": next_})["Location"] == "/"
    assert page(client.get(ZONES, {"next": next_})).one("form.form").fields()["next"] == "/"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, db, method):
    assert getattr(client, method)(ZONES).status_code == 405
