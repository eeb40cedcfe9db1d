"""VEVENTs kept per change, and the ETag that tells one calendar from another."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from agenda.formats.ical import Style
from agenda.models import Session
from agenda.programme.records import vevent_record
from agenda.programme.vevents import etag, vevents_of
from agenda.version_cache import Version

NOON = datetime(2019, 10, 31, 12, tzinfo=UTC)
ONE, TWO = Version(1, NOON), Version(2, NOON)
SITE = "https://forum.example"


def test_etag_is_strong_and_of_these_versions():
    assert re.fullmatch('"[0-9a-f]{32}"', etag([ONE, TWO], SITE))
    assert etag([ONE, TWO], SITE) == etag([ONE, TWO], SITE)


def test_etag_tells_apart_all_that_bytes_depend_on():
    later = Version(1, NOON + timedelta(microseconds=1))
    tags = [
        etag([], SITE),
        etag([ONE], SITE),
        etag([later], SITE),
        etag([ONE, TWO], SITE),
        etag([TWO, ONE], SITE),
        etag([ONE], "http://forum.example"),
        etag([ONE], SITE, "KVM Forum"),
    ]

    assert len(set(tags)) == len(tags)


def test_vevents_are_in_the_order_asked_for(kvm_forum):
    versions = [Version(*values) for values in Session.objects.order_by("-start").values_list("pk", "updated")[:3]]

    summaries = [re.search(rb"SUMMARY:(.*)\r\n", vevent)[1] for vevent in vevents_of(versions, SITE).values()]

    assert [summary[:12] for summary in summaries] == [b"Bring QEMU t", b"Multi-proces", b"Efficient Pe"]


def test_vevents_of_two_sites_are_kept_apart(opening):
    version = Version(opening.pk, opening.updated)

    here, there = vevents_of([version], SITE)[opening.pk], vevents_of([version], "http://localhost")[opening.pk]

    assert (b"URL:https://forum.example/" in here, b"URL:http://localhost/" in there) == (True, True)


def test_vevents_of_two_styles_are_kept_apart(opening):
    version = Version(opening.pk, opening.updated)

    plain, alarmed = (vevents_of([version], SITE, Style(alarm=minutes))[opening.pk] for minutes in (0, 5))

    assert (plain.count(b"VALARM"), alarmed.count(b"VALARM")) == (0, 2)


def test_session_deleted_meanwhile_is_left_out(opening):
    made = vevents_of([Version(opening.pk + 1000, NOON), Version(opening.pk, opening.updated)], SITE)

    assert list(made) == [opening.pk]


def test_record_of_a_bare_session_has_empty_parts(opening):
    opening.track = opening.room = None

    made = vevent_record(opening, SITE)

    assert (made.track, made.location) == ("", "Lyon Convention Centre, Lyon")
    assert made.url == f"{SITE}/kvm-forum-2019/sessions/managing-matryoshkas-testing-nested-guests/"
