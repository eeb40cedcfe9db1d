"""A personal calendar as a list of guids, for other programs; its wrong keys are in test_feed_keys.py."""

from __future__ import annotations

import pytest

from accounts.models import CalendarKey
from agenda.editing.changes import recording
from agenda.models import Session
from tests.agenda.kvm_forum import BEFORE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def listed(alice_feed):
    return alice_feed.removesuffix("ics") + "json"


def test_list_has_the_guids_and_the_etag_of_the_calendar(client, listed, alice_feed, starred):
    response = client.get(listed)

    etag = client.get(alice_feed)["ETag"]
    in_order = sorted(starred, key=lambda session: session.start)
    assert response.json() == {"etag": etag, "guids": [str(session.guid) for session in in_order]}
    assert (response["ETag"], response["Content-Type"], response["Cache-Control"]) == (
        etag,
        "application/json",
        "private, no-cache",
    )
    assert client.get(listed, headers={"If-None-Match": etag}).status_code == 304


def test_list_holds_what_the_calendar_holds(client, listed, starred):
    cancelled, hidden, stays = starred
    CalendarKey.objects.update(options={"cancelled": "drop"})
    with recording([cancelled.pk, hidden.pk], by=None):
        Session.objects.filter(pk=cancelled.pk).update(status="cancelled")
        Session.objects.filter(pk=hidden.pk).update(is_published=False)

    assert client.get(listed).json()["guids"] == [str(stays.guid)]


def test_list_makes_one_query_more_than_its_key_and_notes_nothing(client, listed, starred, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(listed)

    key = CalendarKey.objects.get()
    assert (key.served, key.last_used_at, key.last_client) == ("", None, "")


def test_list_is_only_read(client, listed):
    assert (client.head(listed).status_code, client.post(listed).status_code) == (200, 405)
