"""Which calendar program asks, told from its User-Agent in words its owner knows, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

# What a calendar shows once we refuse it. Only of some is it known; nobody can be made to forget at once.
FORGETS_ITSELF = "What it has already shown may stay there until you remove the calendar there."


@dataclass(frozen=True, slots=True)
class Client:
    """`place` is where one with this program adds a calendar (agenda/calendars/places.py); "" if it could be any."""

    name: str
    place: str = ""
    after_revoking: str = FORGETS_ITSELF


GOOGLE = Client(
    "Google Calendar",
    "google",
    "Google goes on showing what it fetched last, at least until it comes again: that takes from a few hours to a "
    "day, and nothing forces it. To be rid of it now, remove the calendar in Google Calendar’s settings.",
)
OUTLOOK = Client(
    "Outlook",
    "outlook",
    "Outlook goes on showing what it fetched last, at least until it comes again: that takes from a few hours to a "
    "day. To be rid of it now, remove the calendar in Outlook.",
)
MAC = Client("Apple Calendar on a Mac", "apple")
IPHONE = Client("Apple Calendar on an iPhone or iPad", "apple")
ICSX5 = Client(
    "ICSx5",
    "android",
    "ICSx5 will say that it cannot fetch the calendar any more, and shows what it has until you delete it there.",
)
DAVX5 = Client(
    "DAVx5",
    "android",
    "DAVx5 will ask for the password, and shows what it has until you delete the account there.",
)
BROWSER = Client("a web browser")

# The first that occurs decides, so the particular stand before the general: ICSx5 and iOS also name their platform,
# and a web browser on a Mac its system.
CLIENTS = (
    ("Google-Calendar-Importer", GOOGLE),
    ("ICSx5", ICSX5),
    ("DAVx5", DAVX5),
    ("Microsoft", OUTLOOK),
    ("Outlook", OUTLOOK),
    ("ms-office", OUTLOOK),
    ("Thunderbird", Client("Thunderbird")),
    ("Evolution", Client("Evolution")),
    ("Mozilla/", BROWSER),
    ("macOS/", MAC),
    ("Mac OS X/", MAC),
    ("Mac_OS_X/", MAC),
    ("Mac+OS+X/", MAC),
    ("CalendarAgent", MAC),
    ("iOS/", IPHONE),
    ("dataaccessd", IPHONE),
    ("accountsd", IPHONE),
    ("remindd", IPHONE),
    ("khal", Client("khal")),
    ("vdirsyncer", Client("vdirsyncer")),
    ("python-caldav", Client("python-caldav")),
    ("Python-httplib2", Client("calcurse")),  # calcurse-caldav leaves its name to the library that it asks with
)


@lru_cache(maxsize=1024)
def client_of(user_agent: str) -> Client:
    """The program; called as it calls itself if we do not know it, and "" if it does not say."""
    for mark, client in CLIENTS:
        if mark in user_agent:
            return client
    return Client(user_agent.partition("/")[0][:60])


def client_name(user_agent: str) -> str:
    """ "Google Calendar", say."""
    return client_of(user_agent).name
