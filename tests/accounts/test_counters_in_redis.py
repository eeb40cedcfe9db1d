"""Limits in Redis: what only a Redis can do wrong. What both places do alike is tested beside the database's."""

from __future__ import annotations

import socket
import time

import pytest
import redis
from django.core.cache import cache
from django.test import Client

from accounts.limits import MINUTE, may_be_tried
from tests.conftest import PASSWORD
from tests.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def in_redis(redis_server, settings):
    settings.CACHES = redis_server.caches


@pytest.fixture
def inside(redis_server):
    """A look into it, past the site."""
    with redis.Redis(port=redis_server.port) as client:
        yield client


def log_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


def test_counter_that_ends_begins_again_and_ends_again(inside):
    def tries() -> list[bool]:
        return [may_be_tried("code", 2, 1) for _ in range(3)]

    first, second = tries(), time.sleep(1.05) or tries()

    assert (first, second) == ([True, True, False], [True, True, False])
    assert [0 < inside.pttl(key) <= 1000 for key in inside.scan_iter()] == [True]


def test_counter_that_ends_while_it_counts_is_no_error_and_stays_for_no_longer(shared_database, inside):
    def work() -> None:
        end = time.monotonic() + 2.2
        while time.monotonic() < end:
            may_be_tried("code", 2, 1)

    at_once(4, work)

    assert [inside.pttl(key) <= 1000 for key in inside.scan_iter()] in ([True], [])
    time.sleep(1.05)
    assert list(inside.scan_iter()) == []


def test_counting_is_one_command(inside):
    for _ in range(3):
        may_be_tried("code", 2, MINUTE)

    assert [inside.info("commandstats")[f"cmdstat_{name}"]["calls"] for name in ("eval", "incr", "expire")] == [3, 3, 1]
    assert "cmdstat_set" not in inside.info("commandstats")


def test_nothing_is_kept_under_its_name_and_nothing_as_code(client, alice, inside):
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.77")
    cache.set("a list", [1.5, True, None, "ü"])

    kept = {key: inside.get(key) for key in inside.scan_iter()}

    assert len(kept) >= 3
    assert {len(key) for key in kept} == {64}  # an HMAC in hexadecimal
    assert [value for value in kept.values() if value.startswith(b"\x80")] == []  # where a pickle begins
    assert cache.get("a list") == [1.5, True, None, "ü"]


def test_redis_gone_is_said_and_nothing_is_left_of_it_once_it_is_back(alice, redis_server):
    client = Client(raise_request_exception=False)
    before = log_in(client, alice.email, "wrong")

    redis_server.kill()
    gone = (log_in(client, alice.email), client.get("/health/ready").content, client.get("/events/").status_code)
    redis_server.start()

    assert (before, gone) == (200, (503, b"no cache\n", 200))
    assert (client.get("/health/ready").content, log_in(client, alice.email)) == (b"ok\n", 302)


def test_redis_that_refuses_to_write_is_an_outage(alice, inside):
    inside.config_set("maxmemory", "1")
    client = Client(raise_request_exception=False)

    assert (log_in(client, alice.email), client.get("/health/ready").content) == (503, b"no cache\n")


def test_redis_that_never_answers_holds_nobody_up(alice, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        location = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        limits = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": location, "OPTIONS": limits}}
        began = time.monotonic()

        status = log_in(Client(raise_request_exception=False), alice.email)

    assert (status, time.monotonic() - began < 4) == (503, True)
