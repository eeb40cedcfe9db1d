"""What is in a personal feed, line by line, and what becomes of it when the programme or the stars change."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import vobject
from django.conf import settings

from accounts.keys import LOOKUP_LENGTH
from agenda.editing.changes import recording, touch
from agenda.models import Session, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import Dav, refusal, token_in
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.calendars import content_lines, values

pytestmark = pytest.mark.any_database

SAMPLE = Path(__file__).parents[2] / "samples" / "alice-feed.ics"
PAGE = StarLog.Through.PAGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_feed_of_three_stars_is_the_sample(client, alice_feed, starred):
    versioned = f"PRODID:-//Forum agenda {settings.VERSION}//EN".encode()

    assert client.get(alice_feed).content.replace(versioned, b"PRODID:-//Forum agenda//EN") == SAMPLE.read_bytes()


def test_another_release_is_another_feed_and_the_same_sessions(client, alice, alice_feed, starred, settings):
    phone, before = Dav(alice), client.get(alice_feed)
    token = token_in(phone.sync())
    settings.VERSION = "99.1"

    after = client.get(alice_feed, headers={"if-none-match": before["ETag"]})

    assert values(after, "PRODID") == ["-//Forum agenda 99.1//EN"]
    assert content_lines(after)[3:] == content_lines(before)[3:]
    dated = client.get(alice_feed, headers={"if-modified-since": after["Last-Modified"]})
    assert (after["Last-Modified"], dated.status_code) == (before["Last-Modified"], 304)  # it has this version by now
    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")


def test_vobject_reads_what_was_starred(client, alice_feed, starred):
    calendar = vobject.readOne(client.get(alice_feed).content.decode())

    assert calendar.validate(raiseException=True)
    assert [(vevent.uid.value, vevent.summary.value) for vevent in calendar.vevent_list] == [
        (str(session.guid), session.title) for session in starred
    ]
    assert [(vevent.dtstart.value, vevent.dtend.value) for vevent in calendar.vevent_list] == [
        (session.start, session.end) for session in starred
    ]


def test_khal_shows_what_was_starred_in_its_own_zone(client, alice_feed, starred, khal, tmp_path):
    (tmp_path / "feed.txt").write_bytes(client.get(alice_feed).content)

    shown = khal(
        "printics", "--format", "{start-long-full}|{end-time}|{title}|{location}|{status}", tmp_path / "feed.txt"
    )

    place = "Forum 3, Lyon Convention Centre, Lyon"
    assert shown.splitlines()[1:] == [
        f"2019-10-31 19:30|20:00|Nesting&testing|{place}|CONFIRMED ",
        f"2019-11-01 17:00|17:30|What's Going On? Taking Advantage of TCG's Total System Awareness|{place}|CONFIRMED ",
        f"2019-11-01 21:45|22:15|KubeVirt Community Update|{place}|CONFIRMED ",
    ]


def test_feed_without_stars_is_an_empty_calendar(client, alice_feed):
    response = client.get(alice_feed)

    assert response.status_code == 200
    assert content_lines(response)[0::9] == ["BEGIN:VCALENDAR", "END:VCALENDAR"]


@pytest.mark.on_postgresql
def test_every_line_is_crlf_ended_and_at_most_75_octets(client, alice, alice_feed, kvm_forum):
    star(alice, Session.objects.values_list("pk", flat=True), through=PAGE)

    *lines, rest = client.get(alice_feed).content.split(b"\r\n")

    assert rest == b""
    assert max(map(len, lines)) == 75
    assert [line for line in lines if b"\n" in line or b"\r" in line] == []
    assert b"".join(lines).decode()  # no line is cut inside a character
    assert [line.decode() for line in lines if not line.strip()] == []


def test_vevent_says_all_that_the_session_is(client, alice, alice_feed, opening):
    star(alice, [opening.pk], through=PAGE)

    response = client.get(alice_feed)

    address = f"http://testserver{opening.get_absolute_url()}"
    expected = {
        "UID": str(opening.guid),
        "SEQUENCE": "0",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "DTSTART": "20191031T100000Z",
        "DTEND": "20191031T103000Z",
        "SUMMARY": "Managing Matryoshkas: Testing Nested Guests",
        "LOCATION": r"Forum 3\, Lyon Convention Centre\, Lyon",
        "URL": address,
        "CATEGORIES": "KVM Forum Track 2",
    }
    assert {name: values(response, name) for name in expected} == {name: [value] for name, value in expected.items()}
    (description,) = values(response, "DESCRIPTION")
    assert description.startswith(r"Marc Hartmayer\, IBM\n\nThe nested virtualization functionality")
    assert description.endswith(rf"\n\n{address}")


def test_calendar_says_its_name_and_how_often_to_ask(client, alice_feed):
    assert content_lines(client.get(alice_feed))[1:-2] == [
        "VERSION:2.0",
        f"PRODID:-//Forum agenda {settings.VERSION}//EN",
        "CALSCALE:GREGORIAN",
        "NAME:My agenda · Forum agenda",
        "X-WR-CALNAME:My agenda · Forum agenda",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "COLOR:teal",
    ]


def test_feed_has_no_method_no_address_and_no_secret(client, alice, alice_feed, kvm_forum):
    star(alice, Session.objects.values_list("pk", flat=True), through=PAGE)

    body = client.get(alice_feed).content.decode()

    key = alice_feed.removeprefix("/calendar/").removesuffix(".ics")
    unfolded = body.replace("\r\n ", "")
    unwanted = ["METHOD", "ORGANIZER", "ATTENDEE", "@", "alice", key, key[LOOKUP_LENGTH:], key[:LOOKUP_LENGTH]]
    assert [word for word in unwanted if word in unfolded] == []


def test_stamps_are_the_rows_and_never_the_clocks(client, alice_feed, starred):
    response = client.get(alice_feed)

    for name in ("DTSTAMP", "LAST-MODIFIED", "CREATED"):
        assert values(response, name) == ["20191001T000000Z"] * 3


def test_sessions_of_two_events_are_in_one_feed(client, alice, alice_feed, opening):
    other = add_event("tokyo-forum", "Asia/Tokyo", "2019-11-05", "2019-11-05")
    elsewhere = add_session(other, "In Tokyo", "2019-11-05 09:00")
    star(alice, [elsewhere.pk, opening.pk], through=PAGE)

    response = client.get(alice_feed)

    assert values(response, "SUMMARY") == [opening.title, "In Tokyo"]
    assert values(response, "DTSTART") == ["20191031T100000Z", "20191105T000000Z"]


@pytest.mark.parametrize(
    ("zone", "day", "start", "utc"),
    [
        ("America/New_York", "2019-11-03", "2019-11-03 00:30", "20191103T043000Z"),
        ("America/New_York", "2019-11-03", "2019-11-03 02:30", "20191103T073000Z"),
        ("Australia/Lord_Howe", "2019-10-06", "2019-10-06 01:45", "20191005T151500Z"),
        ("Australia/Lord_Howe", "2019-10-06", "2019-10-06 02:45", "20191005T154500Z"),
    ],
)
def test_times_are_right_on_both_sides_of_a_clock_change(client, alice, alice_feed, db, zone, day, start, utc):
    session = add_session(add_event("abroad", zone, day, day), "Night", start)
    star(alice, [session.pk], through=PAGE)

    assert values(client.get(alice_feed), "DTSTART") == [utc]


def test_bob_s_stars_are_not_in_alices_feed(client, alice_feed, bob, starred, opening):
    star(bob, [opening.pk], through=PAGE)

    assert values(client.get(alice_feed), "SUMMARY") == [session.title for session in starred]


def test_unstarred_session_is_gone(client, alice, alice_feed, starred):
    unstar(alice, starred[0], through=PAGE)

    assert values(client.get(alice_feed), "SUMMARY") == [session.title for session in starred[1:]]


def test_unpublished_session_is_gone_and_comes_back(client, alice_feed, starred):
    counts = []
    for published in (False, True):
        with recording([starred[0].pk], by=None):
            Session.objects.filter(pk=starred[0].pk).update(is_published=published)
        counts.append(len(values(client.get(alice_feed), "UID")))

    assert counts == [2, 3]


def test_cancelled_session_says_so_and_frees_its_time(client, alice_feed, starred):
    with recording([starred[0].pk], by=None):
        Session.objects.filter(pk=starred[0].pk).update(status="cancelled")

    response = client.get(alice_feed)

    assert [values(response, name)[0] for name in ("SUMMARY", "STATUS", "TRANSP", "SEQUENCE")] == [
        "CANCELLED: Nesting&testing",
        "CANCELLED",
        "TRANSPARENT",
        "1",
    ]


def test_moved_session_keeps_uid_and_has_a_higher_sequence(client, alice_feed, starred):
    moved = starred[0]
    with recording([moved.pk], by=None):
        Session.objects.filter(pk=moved.pk).update(
            start=moved.start + timedelta(minutes=15), end=moved.end + timedelta(minutes=15)
        )

    response = client.get(alice_feed)

    assert [values(response, name)[0] for name in ("UID", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED")] == [
        str(moved.guid),
        "20191031T104500Z",
        "20191031T111500Z",
        "1",
        "20191030T080000Z",
    ]


def test_renamed_room_is_followed_with_the_same_sequence(client, alice_feed, starred):
    before = client.get(alice_feed)
    room = starred[0].room
    room.name = "Forum 5"
    room.save()
    touch(room)

    after = client.get(alice_feed)

    assert values(after, "LOCATION") == [r"Forum 5\, Lyon Convention Centre\, Lyon"] * 3
    assert values(after, "SEQUENCE") == values(before, "SEQUENCE")
    assert after["ETag"] != before["ETag"]


def test_change_of_another_session_leaves_the_feed_as_it_was(client, alice_feed, starred, opening):
    before = client.get(alice_feed)
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(title="Other")

    after = client.get(alice_feed)

    assert (after.content, after["ETag"], after["Last-Modified"]) == (
        before.content,
        before["ETag"],
        before["Last-Modified"],
    )
