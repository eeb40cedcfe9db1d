"""Where an agenda can be synced to, and the one tap that does it there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Place:
    slug: str
    name: str  # of the button, and of the key it makes


PLACES = (
    Place("apple", "iPhone or Mac"),
    Place("google", "Google Calendar"),
    Place("outlook", "Outlook"),
    Place("android", "Android"),
    Place("other", "Other calendar"),
)
BY_SLUG = {place.slug: place for place in PLACES}


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
