"""How a personal feed is fetched, and fetched again: headers, 304, and what is remembered of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import CalendarKey
from agenda.models import Session, StarLog
from agenda.stars.starring import star, unstar
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import AFTER, BEFORE
from tests.calendars import values

pytestmark = pytest.mark.any_database

PAGE = StarLog.Through.PAGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_same_rows_are_the_same_bytes_whenever_they_are_asked_for(client, alice_feed, starred, time_machine):
    first = client.get(alice_feed)
    VersionCache.clear_all()
    time_machine.move_to(AFTER, tick=False)

    second = client.get(alice_feed)

    assert (first.content, first["ETag"], first["Last-Modified"]) == (
        second.content,
        second["ETag"],
        second["Last-Modified"],
    )


def test_answer_is_a_calendar_with_a_strong_etag(client, alice_feed, starred):
    response = client.get(alice_feed)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert re.fullmatch(r'"\d+-\d{16}-\d{16}\.[0-9a-f]{32}"', response["ETag"])
    assert response["Last-Modified"] == "Wed, 30 Oct 2019 08:00:00 GMT"
    assert response["Content-Length"] == str(len(response.content))


def test_answer_is_private_and_sets_no_cookie(client, alice, alice_feed, starred):
    client.force_login(alice)

    response = client.get(alice_feed)

    assert response["Cache-Control"] == "private, no-cache"
    assert response.cookies == {}
    assert "Vary" not in response.headers


def test_answer_is_the_same_whoever_is_signed_in(client, alice_feed, bob, starred):
    visitor = client.get(alice_feed).content
    client.force_login(bob)

    assert client.get(alice_feed).content == visitor


@pytest.mark.parametrize(
    "user_agent", [None, "", "Google-Calendar-Importer", "curl/8.0", "Mozilla/5.0 (bot)", "\xff" * 500, "<script>"]
)
def test_any_program_may_fetch_without_a_redirect(alice_feed, starred, user_agent):
    client = Client() if user_agent is None else Client(headers={"User-Agent": user_agent})

    assert client.get(alice_feed).status_code == 200


def test_feed_is_not_compressed_so_that_its_etag_stays_strong(client, alice_feed, starred):
    whole = client.get(alice_feed).content

    response = client.get(alice_feed, headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in response.headers
    assert response.content == whole


def test_search_engines_need_not_list_it(client, alice_feed):
    assert client.get(alice_feed)["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a",W/"b", W/{}', "*"])
def test_client_that_has_this_version_gets_304(client, alice_feed, starred, form):
    tag = client.get(alice_feed)["ETag"]

    response = client.get(alice_feed, headers={"If-None-Match": form.format(tag)})

    assert (response.status_code, response.content) == (304, b"")
    assert (response["ETag"], response["Cache-Control"]) == (tag, "private, no-cache")
    assert response["Last-Modified"] == "Wed, 30 Oct 2019 08:00:00 GMT"


@pytest.mark.parametrize("form", ['"other"', 'W/"other"', "nonsense", "", '"'])
def test_client_that_has_another_version_gets_the_whole(client, alice_feed, starred, form):
    whole = client.get(alice_feed).content

    response = client.get(alice_feed, headers={"If-None-Match": form})

    assert (response.status_code, response.content) == (200, whole)


def test_client_with_an_old_version_gets_the_new(client, alice, alice_feed, starred):
    tag = client.get(alice_feed)["ETag"]
    unstar(alice, starred[0], through=PAGE)

    response = client.get(alice_feed, headers={"If-None-Match": tag})

    assert (response.status_code, len(values(response, "UID"))) == (200, 2)


def test_date_of_the_version_last_served_gets_304(client, alice_feed, starred):
    date = client.get(alice_feed)["Last-Modified"]

    assert client.get(alice_feed, headers={"If-Modified-Since": date}).status_code == 304


def test_date_alone_gets_the_whole_before_this_version_was_served(client, alice, alice_feed, starred):
    date = client.get(alice_feed)["Last-Modified"]
    unstar(alice, starred[0], through=PAGE)  # within the same second

    response = client.get(alice_feed, headers={"If-Modified-Since": date})

    assert (response.status_code, response["Last-Modified"], len(values(response, "UID"))) == (200, date, 2)
    assert client.get(alice_feed, headers={"If-Modified-Since": date}).status_code == 304


@pytest.mark.parametrize("date", ["Tue, 29 Oct 2019 08:00:00 GMT", "yesterday", "Fri, 31 Feb 2019 08:00:00 GMT"])
def test_older_or_broken_date_gets_the_whole(client, alice_feed, starred, date):
    client.get(alice_feed)

    assert client.get(alice_feed, headers={"If-Modified-Since": date}).status_code == 200


def test_tag_counts_for_more_than_date(client, alice_feed, starred):
    date = client.get(alice_feed)["Last-Modified"]

    response = client.get(alice_feed, headers={"If-None-Match": '"other"', "If-Modified-Since": date})

    assert response.status_code == 200


def test_unstarring_moves_the_date_on(client, alice, alice_feed, starred, time_machine):
    before = client.get(alice_feed)["Last-Modified"]
    time_machine.move_to(BEFORE + timedelta(hours=1), tick=False)
    unstar(alice, starred[0], through=PAGE)

    after = client.get(alice_feed)["Last-Modified"]

    assert (before, after) == ("Wed, 30 Oct 2019 08:00:00 GMT", "Wed, 30 Oct 2019 09:00:00 GMT")


def test_head_has_the_headers_without_the_body_and_is_not_noted(client, alice_feed, starred):
    head = client.head(alice_feed)
    noted = CalendarKey.objects.get().last_used_at

    assert (head.status_code, head.content, noted) == (200, b"", None)
    assert head.headers == client.get(alice_feed).headers


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_are_refused(client, alice_feed, method):
    assert getattr(client, method)(alice_feed).status_code == 405


def fetches() -> tuple[datetime | None, str]:
    key = CalendarKey.objects.get()
    return key.last_used_at, key.last_client


def test_fetch_is_noted_with_its_time_and_client(alice_feed, starred):
    response = Client(headers={"User-Agent": "khal/0.11"}).get(alice_feed)

    assert fetches() == (BEFORE, "khal/0.11")
    assert CalendarKey.objects.get().served == response["ETag"]


def test_client_that_says_much_is_noted_in_short(alice_feed):
    Client(headers={"User-Agent": "x" * 5000}).get(alice_feed)

    assert fetches() == (BEFORE, "x" * 120)


@pytest.mark.parametrize(("minutes", "queries"), [(9, 2), (10, 3)])
def test_fetch_of_the_same_is_noted_every_ten_minutes(
    client, alice_feed, starred, time_machine, django_assert_num_queries, minutes, queries
):
    client.get(alice_feed)
    time_machine.move_to(BEFORE + timedelta(minutes=minutes), tick=False)

    with django_assert_num_queries(queries):
        client.get(alice_feed)

    assert fetches()[0] == (BEFORE + timedelta(minutes=minutes) if minutes == 10 else BEFORE)


def test_fetch_of_a_new_version_is_noted_at_once(client, alice, alice_feed, starred, time_machine):
    client.get(alice_feed)
    time_machine.move_to(BEFORE + timedelta(minutes=1), tick=False)
    unstar(alice, starred[0], through=PAGE)

    client.get(alice_feed)

    assert fetches()[0] == BEFORE + timedelta(minutes=1)


def test_clients_that_share_an_address_are_noted_every_ten_minutes(alice_feed, starred, time_machine):
    noted = []
    for minutes, agent in [(0, "khal"), (1, "curl"), (2, "khal"), (10, "curl")]:
        time_machine.move_to(BEFORE + timedelta(minutes=minutes), tick=False)
        Client(headers={"User-Agent": agent}).get(alice_feed)
        noted.append(fetches())

    assert noted == [(BEFORE, "khal")] * 3 + [(BEFORE + timedelta(minutes=10), "curl")]


def test_fetch_answered_304_is_noted_too(client, alice_feed, starred, time_machine):
    tag = client.get(alice_feed)["ETag"]
    time_machine.move_to(BEFORE + timedelta(hours=1), tick=False)

    client.get(alice_feed, headers={"If-None-Match": tag})

    assert fetches()[0] == BEFORE + timedelta(hours=1)


def test_fetch_of_one_key_is_not_noted_on_another(client, alice, alice_feed):
    other, _ = CalendarKey.objects.issue(alice, name="Laptop", once="laptop")

    client.get(alice_feed)

    other.refresh_from_db()
    assert other.last_used_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_feed_takes_as_many_queries_for_1_and_3(client, alice, alice_feed, kvm_forum, django_assert_num_queries, count):
    star(alice, Session.objects.values_list("pk", flat=True)[:count], through=PAGE)
    VersionCache.clear_all()

    with django_assert_num_queries(4):  # key, stars, sessions, and what is noted
        tag = client.get(alice_feed)["ETag"]
    with django_assert_num_queries(2):
        client.get(alice_feed)
    with django_assert_num_queries(2):
        client.get(alice_feed, headers={"If-None-Match": tag})
