"""Where an agenda can be synced to, and the one tap that does it there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from accounts.models import CalendarKey


@dataclass(frozen=True, slots=True)
class Place:
    slug: str
    name: str  # of the button, and of the key it makes
    kind: CalendarKey.Kind = CalendarKey.Kind.FEED


PLACES = (
    Place("apple", "iPhone or Mac"),
    Place("google", "Google Calendar"),
    Place("outlook", "Outlook"),
    Place("android", "Android"),
    Place("other", "Other calendar"),
)
BOTH_WAYS = Place("caldav", "Both ways", CalendarKey.Kind.CALDAV)
BY_SLUG = {place.slug: place for place in (*PLACES, BOTH_WAYS)}

# Where a person with this device most likely looks at a calendar. The first that occurs in the User-Agent decides.
DEVICES = (
    ("iPhone", "apple"),
    ("iPad", "apple"),
    ("Macintosh", "apple"),
    ("Android", "android"),
    ("CrOS", "google"),
    ("Windows", "outlook"),
)


def place_here(user_agent: str) -> Place:
    """The place of the device that this browser runs on; "other" for a device that we do not know."""
    return BY_SLUG[next((slug for mark, slug in DEVICES if mark in user_agent), "other")]


def own_first(user_agent: str) -> list[Place]:
    """All places, this device's own before the others; in their usual order if we do not know it."""
    here = place_here(user_agent)
    return sorted(PLACES, key=lambda place: place is not here) if here.slug != "other" else list(PLACES)


def place_of(key: CalendarKey, seen_at: str) -> Place:
    """Where a calendar most likely is: where its client was seen (a slug, or ""), else where its name says."""
    if key.kind == CalendarKey.Kind.CALDAV:
        return BOTH_WAYS
    named = (place.slug for place in PLACES if key.name.startswith(place.name))
    return BY_SLUG[seen_at or next(named, "other")]


def links(place: Place, address: str, title: str) -> list[tuple[str, str]]:
    """(words, target) of the taps that subscribe to this feed address there, the best first; none for "other"."""
    webcal = "webcal:" + address.partition(":")[2]
    # Google fetches cid itself and takes webcal: for "a feed, not a calendar of ours".
    google = ("Open in Google Calendar", "https://calendar.google.com/calendar/r?cid=" + quote(webcal, safe=""))
    query = urlencode({"url": address, "name": title}, quote_via=quote)
    return {
        "apple": [("Subscribe in Apple Calendar", webcal)],
        "google": [google],
        "outlook": [
            ("Add to Outlook.com", "https://outlook.live.com/calendar/0/addfromweb?" + query),
            ("Add to Outlook for work or school", "https://outlook.office.com/calendar/0/addfromweb?" + query),
        ],
        "android": [("Open in ICSx5 on this phone", webcal), google],
        "other": [],
    }[place.slug]


def davx5_link(server: str, user_name: str, password: str) -> str:
    """What opens DAVx5 with all three filled in (its manual, "Integration / API"): caldavs:// stands for https://."""
    scheme, host, path, *_ = urlsplit(server)
    return f"{'caldavs' if scheme == 'https' else 'caldav'}://{quote(user_name, safe='')}:{password}@{host}{path}"
