"""How often is too often, and for whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory

from accounts import limits
from accounts.adapter import warn_of_proxies
from accounts.limits import HOUR, LIMITS, MINUTE, Limit, TooOften, count, count_mail, networks_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
START = 1_700_000_040  # seconds since 1970; a minute begins


@pytest.fixture(autouse=True)
def two_of_each(monkeypatch, time_machine, counters):
    """Limits that a test reaches soon, at a moment that it sets."""
    monkeypatch.setitem(limits.LIMITS, "knock", Limit(MINUTE, per_address=2))
    monkeypatch.setitem(limits.LIMITS, "ask", Limit(MINUTE, per_address=2, per_account=1))
    time_machine.move_to(START, tick=False)


def request_from(address: str = "192.0.2.1", user=None, **headers: str):
    request = RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)
    request.user = user or AnonymousUser()
    return request


def tried(action: str, *requests) -> list[int]:
    """Of each in turn the seconds it was told to wait, 0 if it passed."""
    return [waiting(action, request) for request in requests]


def waiting(action: str, request) -> int:
    try:
        count(request, action)
    except TooOften as refusal:
        return refusal.seconds
    return 0


def test_what_is_beyond_the_limit_waits_for_the_next_window(time_machine):
    time_machine.move_to(START + 20, tick=False)
    refused = tried("knock", *[request_from()] * 4)
    time_machine.move_to(START + MINUTE, tick=False)

    assert refused == [0, 0, 40, 40]
    assert tried("knock", request_from()) == [0]


def test_each_address_is_counted_alone():
    assert tried("knock", *[request_from()] * 2, request_from("192.0.2.2"), request_from()) == [0, 0, 0, 60]


def test_each_action_is_counted_alone():
    assert tried("knock", *[request_from()] * 2) + tried("ask", request_from()) == [0, 0, 0]


def test_addresses_of_one_household_are_one():
    refused = tried("knock", *(request_from(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3:4:5")))

    assert refused == [0, 0, 60]
    assert tried("knock", request_from("2001:db8:0:1::1")) == [0]


def test_household_after_household_of_one_organisation_is_counted_too():
    households = [request_from(f"2001:db8:0:{number:x}::1") for number in range(10)]

    assert tried("knock", *households) == [0] * 8 + [60] * 2
    assert tried("knock", request_from("2001:db8:1::1"), request_from("192.0.2.1")) == [0, 0]


def test_account_is_counted_wherever_it_is_and_no_other_for_it(alice, bob):
    refused = tried("ask", request_from(user=alice), request_from("192.0.2.2", user=alice), request_from(user=bob))

    assert refused == [0, 60, 0]
    assert tried("ask", *[request_from()] * 3) == [0, 0, 60]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "networks"),
    [
        (0, "198.51.100.9", {"192.0.2.1": 1}),
        (1, "198.51.100.9", {"198.51.100.9": 1}),
        (1, "10.0.0.1, 198.51.100.9", {"198.51.100.9": 1}),
        (2, "10.0.0.1, 198.51.100.9, 203.0.113.5", {"198.51.100.9": 1}),
        (1, "2001:db8:1:2:3::1", {"2001:db8:1:2::/64": 1, "2001:db8:1::/48": 4}),
        (1, "::ffff:198.51.100.9", {"198.51.100.9": 1}),
        (1, "", {"192.0.2.1": 1}),
        (2, "198.51.100.9", {"192.0.2.1": 1}),
        (2, " , ", {"192.0.2.1": 1}),
    ],
)
def test_address_is_the_one_that_our_own_proxy_saw(settings, proxies, forwarded, networks):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert dict(networks_of(request_from(**headers))) == networks


def test_proxies_that_do_not_report_are_said_once(settings, caplog):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    warn_of_proxies.cache_clear()

    for _ in range(3):
        list(networks_of(request_from(**{"X-Forwarded-For": "198.51.100.9"})))

    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "X-Forwarded-For came with 1 addresses, and TRUSTED_PROXY_COUNT is 2"
    ]


@pytest.mark.parametrize("header", ["X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"])
def test_header_that_anyone_can_send_changes_nothing(settings, header):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    requests = [request_from(**{header: f"198.51.100.{number}"}) for number in range(3)]

    assert tried("knock", *requests) == [0, 0, 60]


def test_nothing_is_written_once_the_limit_is_reached(monkeypatch):
    tried("knock", *[request_from()] * 2)
    before = cache.get("limit:knock:192.0.2.1:28333334")

    tried("knock", *[request_from()] * 5)

    assert (before, cache.get("limit:knock:192.0.2.1:28333334")) == (2, 2)


def test_limits_are_tight_for_an_account_and_generous_for_an_address():
    assert {
        action: (limit.per_account or None, limit.per_address, limit.seconds) for action, limit in LIMITS.items()
    } == {
        "search": (120, 1200, MINUTE),
        "search in a file": (None, 1200, MINUTE),
        "star": (1000, 60_000, HOUR),
        "new visitor": (None, 600, MINUTE),
        "new calendar": (20, 600, HOUR),
        "download": (20, 600, HOUR),
        "wrong calendar key": (None, 300, MINUTE),
        "password": (None, 600, MINUTE),
        "mail": (None, 600, MINUTE),
        "invitation": (20, 600, HOUR),
        "knock": (None, 2, MINUTE),
        "ask": (1, 2, MINUTE),
    }


def test_mails_to_one_address_are_counted_whatever_its_case(monkeypatch):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 1)
    count_mail("alice@example.org")
    count_mail("bob@example.org")

    with pytest.raises(TooOften):
        count_mail("Alice@Example.org")


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_mails_that_anybody_can_ask_for_are_limited_together(client, alice, monkeypatch, email):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 1)

    answers = [client.post(f"/accounts/{form}/", {"email": email}) for form in ("login/code", "password/reset")]

    assert ([answer.status_code for answer in answers], len(mail.outbox)) == ([302, 429], 1)
