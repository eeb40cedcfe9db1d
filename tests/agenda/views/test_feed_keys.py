"""Who never reads a personal feed: any key but the right one opens nothing and costs nothing, and no log has it."""

from __future__ import annotations

import hmac

import pytest
from django.db import DatabaseError, connection

from accounts.keys import LOOKUP_LENGTH
from accounts.models import CalendarKey
from tests.agenda.kvm_forum import BEFORE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def closed_addresses(alice, bob, alice_feed) -> dict[str, str]:
    """Addresses of no calendar, each for another reason."""
    key = alice_feed.removeprefix("/calendar/").removesuffix(".ics")
    revoked, revoked_key = CalendarKey.objects.issue(bob, name="Lost", once="lost")
    CalendarKey.objects.filter(pk=revoked.pk).update(revoked=BEFORE)
    other, _ = CalendarKey.objects.issue(bob, name="Phone", once="phone")
    _, caldav = CalendarKey.objects.issue(bob, name="CalDAV", once="dav", kind="caldav")
    keys = {
        "wrong": "2" * 40,
        "secret wrong by a letter": key[:-1] + ("2" if key[-1] != "2" else "3"),
        "right secret under another lookup": other.lookup + key[LOOKUP_LENGTH:],
        "revoked": revoked_key,
        "for CalDAV": caldav,
        "too short": key[:-1],
        "too long": key + "2",
        "the lookup alone": key[:LOOKUP_LENGTH],
        "of other letters": "é" * 40,
        "another case": key.swapcase(),
        "with a NUL": key[:-1] + "%00",
        "with a space": key + "%20",
    }
    return {reason: f"/calendar/{key}.ics" for reason, key in keys.items()}


def test_every_wrong_key_is_the_same_not_found(client, closed_addresses):
    answers = {reason: client.get(address) for reason, address in closed_addresses.items()}
    answers |= {f"{reason}, guids": client.get(each[:-3] + "json") for reason, each in closed_addresses.items()}

    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({(answer.content, *sorted(answer.headers.items())) for answer in answers.values()}) == 1


def test_key_of_an_inactive_person_is_not_found(client, alice, alice_feed, closed_addresses):
    alice.is_active = False
    alice.save()

    answer = client.get(alice_feed)

    assert answer.status_code == 404
    assert answer.content == client.get(closed_addresses["wrong"]).content


def test_not_found_is_a_sentence_that_repeats_nothing(client, closed_addresses):
    answer = client.get(closed_addresses["revoked"])

    assert answer.content.decode() == (
        "There is no calendar at this address. It may be mistyped, or it was revoked under “My calendars”.\n"
    )
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_wrong_key_takes_no_more_queries_than_a_right_one(
    client, alice_feed, closed_addresses, django_assert_num_queries
):
    for address in (alice_feed, alice_feed):
        client.get(address)

    for address in (alice_feed, *closed_addresses.values()):
        with django_assert_num_queries(2):  # the key; the stars, or that a wrong one is counted
            client.get(address)


def test_wrong_key_is_compared_in_constant_time_like_a_right_one(client, alice_feed, closed_addresses, monkeypatch):
    compared = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *digests: compared.append(digests) or compare(*digests))

    counts = {}
    for address in (alice_feed, *closed_addresses.values()):
        compared.clear()
        client.get(address)
        counts[address] = len(compared)

    assert counts[alice_feed] > 0
    assert set(counts.values()) == {counts[alice_feed]}


@pytest.mark.parametrize(
    "path", ["/calendar/", "/calendar/.ics", "/calendar/a/b.ics", "/calendar/x.ICS", "/calendar/x.ics/"]
)
def test_what_is_no_feed_address_is_not_found(client, db, path):
    assert client.get(path).status_code == 404


def test_deleting_the_person_closes_the_feed(client, alice, alice_feed, starred):
    alice.delete()

    assert client.get(alice_feed).status_code == 404


def test_key_stays_open_when_the_servers_secret_changes(client, alice_feed, settings):
    settings.CALENDAR_SECRETS = ["new", *settings.CALENDAR_SECRETS]
    statuses = [client.get(alice_feed).status_code]
    settings.CALENDAR_SECRETS = ["new"]
    statuses.append(client.get(alice_feed).status_code)

    assert statuses == [200, 404]


@pytest.mark.parametrize(("method", "revoked", "count"), [("GET", None, 1), ("GET", BEFORE, 2), ("POST", None, 2)])
def test_logs_have_the_keys_first_letters_alone(client, alice_feed, logged, method, revoked, count):
    key = alice_feed.removeprefix("/calendar/").removesuffix(".ics")
    CalendarKey.objects.update(revoked=revoked)

    client.generic(method, f"{alice_feed}?from={alice_feed}")

    lines = logged.getvalue().splitlines()
    assert [f"/calendar/{key[:LOOKUP_LENGTH]}…" in line for line in lines] == [True] * count
    assert key[LOOKUP_LENGTH : LOOKUP_LENGTH + 6] not in logged.getvalue()


def test_failure_inside_does_not_log_the_key(client, alice_feed, logged):
    def fail(*args):
        raise DatabaseError

    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        response = client.get(alice_feed)

    assert response.status_code == 500
    assert "Internal Server Error: /calendar/" in logged.getvalue()
    assert alice_feed[len("/calendar/") + LOOKUP_LENGTH : -4] not in logged.getvalue()
