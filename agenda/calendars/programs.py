"""The calendar programs: how to tell them from their User-Agent, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from accounts.models import CalendarKey
from agenda.calendars import places


class Remedy(NamedTuple):
    """What the owner of a calendar that is not up to date can do. `renew`: a new address helps."""

    words: str
    renew: bool = False


REFRESH = Remedy("Refresh the calendar there; most programs have a button for it.")
NEVER_FETCHED = Remedy(
    "Most calendars are updated within minutes, Google and Outlook within a day. If you did not finish adding it "
    "there, revoke it and add it again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A calendar program, recognised by a User-Agent that contains one of `marks`.

    `place` is the place whose button adds its calendars; None if any can. No program can be made to remove at once what
    it shows: `after_revoking` says what its owner can do.
    """

    name: str
    marks: tuple[str, ...] = ()
    place: places.Place | None = None
    remedy: Remedy = REFRESH
    after_revoking: str = "What it has already shown may stay there until you remove the calendar there."
    usually: str = ""  # how often it updates, whatever a feed asks


BROWSER = Program(name="a web browser", marks=("Mozilla/",))

# The first whose mark occurs is the program, so the particular come before the general: a web browser on a Mac also
# names its system, and one on an iPhone may be called CriOS/.
PROGRAMS = (
    Program(
        name="Google Calendar",
        marks=("Google-Calendar-Importer",),
        place=places.GOOGLE,
        remedy=Remedy(
            "Google updates calendars when it likes, often only once or twice a day, and nothing forces it. "
            "Renew the address and add the new one: Google reads a new address at once.",
            renew=True,
        ),
        after_revoking="Google goes on showing the talks of its last update, at least until it tries the next one. "
        "That takes from a few hours to a day, and nothing forces it. To be rid of them now, remove the calendar in "
        "Google Calendar’s settings.",
        usually="Google usually updates every 4 to 24 hours",
    ),
    Program(
        name="ICSx5",
        marks=("ICSx5",),
        place=places.ANDROID,
        remedy=Remedy("Open ICSx5 and pull the list of calendars down."),
        after_revoking="ICSx5 will say that it cannot update the calendar any more, and shows what it has until you "
        "delete it there.",
    ),
    Program(
        name="DAVx5",
        marks=("DAVx5",),
        place=places.ANDROID,
        remedy=Remedy("Open your account in DAVx5 and tap the button that synchronises now."),
        after_revoking="DAVx5 will ask for the password, and shows what it has until you delete the account there.",
    ),
    Program(
        name="Outlook",
        marks=("Microsoft", "Outlook", "ms-office"),
        place=places.OUTLOOK,
        remedy=Remedy(
            "On a computer, press Send/Receive All Folders. On the web, Outlook updates when it likes, and nothing "
            "forces it: renew the address and add the new one.",
            renew=True,
        ),
        after_revoking="Outlook goes on showing the talks of its last update, at least until it tries the next one. "
        "That takes from a few hours to a day. To be rid of them now, remove the calendar in Outlook.",
        usually="On the web, Outlook usually updates every 4 to 24 hours",
    ),
    Program(
        name="Thunderbird",
        marks=("Thunderbird",),
        remedy=Remedy("In Thunderbird’s calendar press Synchronise."),
    ),
    Program(name="Evolution", marks=("Evolution",)),
    BROWSER,
    Program(
        name="Apple Calendar on a Mac",
        marks=("macOS/", "Mac OS X/", "Mac_OS_X/", "Mac+OS+X/", "CalendarAgent"),
        place=places.APPLE,
        remedy=Remedy("In Calendar choose View → Refresh Calendars."),
    ),
    Program(
        name="Apple Calendar on an iPhone or iPad",
        marks=("iOS/", "dataaccessd", "accountsd", "remindd"),
        place=places.APPLE,
        remedy=Remedy("Open Calendar, tap Calendars at the bottom, and pull the list down until it loads."),
    ),
    Program(name="khal", marks=("khal",)),
    Program(name="vdirsyncer", marks=("vdirsyncer",), remedy=Remedy("Run vdirsyncer sync.")),
    Program(name="python-caldav", marks=("python-caldav",)),
    Program(name="calcurse", marks=("Python-httplib2",)),  # the library with which calcurse-caldav asks
)


@lru_cache(maxsize=1024)
def program_of(user_agent: str) -> Program:
    """The program with this User-Agent. An unknown program gets the first part of its User-Agent as its name."""
    for program in PROGRAMS:
        if any(mark in user_agent for mark in program.marks):
            return program
    return Program(name=user_agent.partition("/")[0][:60])


def program_with(key: CalendarKey) -> Program:
    """The program that has the calendar: the one that asked last or, if that is unknown, the only one at its place.

    A web browser is no calendar program: the owner looked at the address.
    """
    asked = program_of(key.last_client)
    if asked in PROGRAMS and asked is not BROWSER:
        return asked
    place = places.place_of(key, None)
    there = [program for program in PROGRAMS if program.place == place]
    return there[0] if len(there) == 1 else asked


def remedy_of(key: CalendarKey) -> Remedy:
    """What to do about a calendar that has been updated before, and is not up to date."""
    return program_with(key).remedy


def after_revoking(key: CalendarKey) -> str:
    """What is still shown of a calendar after it is revoked; "" if no program ever had it.

    A program that had a renewed calendar may still show it, even if nothing has fetched the new address.
    """
    return program_with(key).after_revoking if key.last_used_at or key.last_client else ""


def first_rhythm(key: CalendarKey) -> str:
    """A sentence about the next update of a calendar that has not been updated often enough to tell."""
    if usually := program_with(key).usually:
        return f"{usually}; this calendar has not been updated often enough yet to say when next."
    return "It has not been updated often enough yet to say when it is updated next."
