"""The first page leads to the programme."""

from __future__ import annotations

import pytest

from tests.agenda.kvm_forum import AFTER, BEFORE, KVM, add_event
from tests.pages import page

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_home_leads_to_the_running_event(client, kvm_forum):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")

    assert client.get("/")["Location"] == KVM


def test_home_leads_to_the_next_event_after_one_has_ended(client, kvm_forum, time_machine):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")
    time_machine.move_to(AFTER, tick=False)

    assert client.get("/")["Location"] == "/next-year/"


def test_home_leads_to_the_last_event_when_none_is_to_come(client, kvm_forum, time_machine):
    add_event("last-year", "Europe/Paris", "2018-10-31", "2018-11-01")
    time_machine.move_to(AFTER, tick=False)

    assert client.get("/")["Location"] == KVM


def test_home_keeps_what_was_asked(client, kvm_forum):
    assert client.get("/?q=nested+guests&day=all")["Location"] == f"{KVM}?q=nested+guests&day=all"


def test_home_without_events_says_what_to_do(client, db):
    root = page(client.get("/"))

    assert root.texts("h1") == ["No programme yet"]
    assert root.link("Edit the programme") == "/admin/"


def test_home_refuses_other_methods(client, kvm_forum):
    assert client.post("/").status_code == 405
