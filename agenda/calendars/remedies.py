"""The program that has a calendar: how often it comes, and what to do where it is behind."""

from __future__ import annotations

from typing import NamedTuple

from accounts.models import CalendarKey
from agenda.calendars.places import place_of
from agenda.calendars.programs import BROWSER, CLIENTS, GOOGLE, OUTLOOK, Client, client_of

KNOWN = frozenset(client for _, client in CLIENTS) - {BROWSER}
AT_PLACE = {"google": GOOGLE, "outlook": OUTLOOK}  # who comes from there; from elsewhere it may be anyone


class Remedy(NamedTuple):
    """What whoever has the calendar can do; `renew` where a new address is what helps."""

    words: str
    renew: bool = False


# By the names that agenda/calendars/programs.py gives. Who fetches for many people, on a server, cannot be told to.
REMEDIES = {
    "Google Calendar": Remedy(
        "Google comes when it likes, often only once or twice a day, and nothing forces it. Renew the address, and add "
        "the new one: that is fetched at once.",
        renew=True,
    ),
    "Outlook": Remedy(
        "On a computer, press Send/Receive All Folders. On the web Outlook comes when it likes, and nothing forces it: "
        "renew the address and add the new one.",
        renew=True,
    ),
    "Apple Calendar on an iPhone or iPad": Remedy(
        "Open Calendar, tap Calendars at the bottom, and pull the list down until it loads."
    ),
    "Apple Calendar on a Mac": Remedy("In Calendar choose View → Refresh Calendars."),
    "ICSx5": Remedy("Open ICSx5 and pull the list of calendars down."),
    "DAVx5": Remedy("Open your account in DAVx5 and tap the button that synchronises now."),
    "Thunderbird": Remedy("In Thunderbird’s calendar press Synchronise."),
    "vdirsyncer": Remedy("Run vdirsyncer sync."),
}
USUALLY = {"Google Calendar": "Google", "Outlook": "On the web, Outlook"}  # every 4 to 24 hours, whatever a feed asks
OTHERWISE = Remedy("Refresh the calendar there; most programs have a button for it.")
NEVER_FETCHED = Remedy(
    "Most calendars come within minutes, Google and Outlook within a day. If you did not finish adding it there, "
    "revoke it and add it anew."
)


def program_of(key: CalendarKey) -> Client:
    """The program that has the calendar: the one that came, or where we do not know it, the one it is named after.

    A web browser is no calendar: its owner looked at the address.
    """
    came = client_of(key.last_client)
    return came if came in KNOWN else AT_PLACE.get(place_of(key, "").slug, came)


def remedy_of(key: CalendarKey) -> Remedy:
    """What to do where a calendar that has come before is behind."""
    return REMEDIES.get(program_of(key).name, OTHERWISE)


def after_revoking(key: CalendarKey) -> str:
    """What is still to be seen where the calendar is; empty where it never was.

    A renewed one may be there, under its old address, though nothing has fetched it at the new one.
    """
    return program_of(key).after_revoking if key.last_used_at or key.last_client else ""


def first_rhythm(key: CalendarKey) -> str:
    """Of a calendar that has not come as often as to have a habit."""
    if who := USUALLY.get(program_of(key).name):
        return f"{who} usually comes every 4 to 24 hours; it has not come often enough yet to say when next."
    return "It has not come often enough yet to say when it comes next."
