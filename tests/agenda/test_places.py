"""Where an agenda can be synced to, and the taps that do it there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from agenda.places import BY_SLUG, PLACES, links

ADDRESS = "https://forum.example/calendar/KEY.ics"
WEBCAL = "webcal://forum.example/calendar/KEY.ics"


def targets(slug: str) -> list[str]:
    return [target for _, target in links(BY_SLUG[slug], ADDRESS, "My & your agenda")]


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
    assert all(words.startswith(("Subscribe", "Open in", "Add to")) for words, _ in links(place, ADDRESS, "Agenda"))
