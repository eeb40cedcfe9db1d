"""Where an agenda can be synced to, and the taps that do it there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import CalendarKey
from agenda.calendars.places import BOTH_WAYS, PLACES, Place, davx5_link, own_first, place_of, place_with

ADDRESS = "https://forum.example/calendar/KEY.ics"
WEBCAL = "webcal://forum.example/calendar/KEY.ics"


def place(slug: str) -> Place:
    found = place_with(slug)
    assert found
    return found


def targets(slug: str) -> list[str]:
    return [link.target for link in place(slug).links_to(ADDRESS, "My & your agenda")]


def test_places_are_those_of_the_form():
    assert [place.slug for place in PLACES] == ["apple", "google", "outlook", "android", "other"]
    assert len({place.name for place in PLACES}) == 5


def test_apple_is_told_to_subscribe():
    assert targets("apple") == [WEBCAL]


def test_google_is_told_to_fetch_the_feed_itself():
    (target,) = targets("google")

    assert urlsplit(target).netloc == "calendar.google.com"
    assert parse_qs(urlsplit(target).query) == {"cid": [WEBCAL]}


@pytest.mark.parametrize(("position", "host"), [(0, "outlook.live.com"), (1, "outlook.office.com")])
def test_outlook_is_told_the_address_and_its_name(position, host):
    target = targets("outlook")[position]

    assert urlsplit(target).netloc == host
    assert "+" not in target  # Outlook shows a plus as it stands
    assert parse_qs(urlsplit(target).query) == {"url": [ADDRESS], "name": ["My & your agenda"]}


def test_android_has_an_app_first_and_google_second():
    assert targets("android") == [WEBCAL, *targets("google")]


def test_other_places_have_no_tap():
    assert targets("other") == []


@pytest.mark.parametrize("place", PLACES)
def test_every_tap_says_what_it_does(place):
    assert all(link.words.startswith(("Subscribe", "Open in", "Add to")) for link in place.links)


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "order"),
    [
        (IPHONE, "apple google outlook android other"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Firefox/130.0", "apple google outlook android other"),
        (ANDROID, "android apple google outlook other"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/130.0.0.0", "google apple outlook android other"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/130.0", "outlook apple google android other"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", "apple google outlook android other"),
        ("", "apple google outlook android other"),
    ],
)
def test_this_devices_own_place_comes_first(user_agent, order):
    assert [place.slug for place in own_first(user_agent)] == order.split()


def test_both_ways_is_a_place_of_its_own_kind():
    assert (place("caldav"), BOTH_WAYS.kind) == (BOTH_WAYS, CalendarKey.Kind.CALDAV)
    assert {place.kind for place in PLACES} == {CalendarKey.Kind.FEED}


@pytest.mark.parametrize(
    ("kind", "name", "seen_at", "slug"),
    [
        ("feed", "Android 2", "", "android"),
        ("feed", "Android 2", "google", "google"),
        ("feed", "My phone", "", "other"),
        ("feed", "My phone", "apple", "apple"),
        ("caldav", "Android 2", "android", "caldav"),
    ],
)
def test_calendar_is_where_its_program_or_else_its_name_says(kind, name, seen_at, slug):
    assert place_of(CalendarKey(kind=kind, name=name), place_with(seen_at)).slug == slug


@pytest.mark.parametrize(
    ("server", "link"),
    [
        ("https://forum.example/dav/", "caldavs://alice%2Bkvm%40example.org:KEY@forum.example/dav/"),
        ("http://127.0.0.1:8000/dav/", "caldav://alice%2Bkvm%40example.org:KEY@127.0.0.1:8000/dav/"),
    ],
)
def test_davx5_is_told_server_user_name_and_password(server, link):
    assert davx5_link(server, "alice+kvm@example.org", "KEY") == link
