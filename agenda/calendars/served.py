"""What a calendar last got: CalendarKey.served and served_options, read and written.

A fetch writes the version that it served (agenda/calendars/fetches.py). If the owner then makes other choices, the
options that this version was made with are kept in served_options until another version is served.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from accounts.models import CalendarKey
from agenda.calendars.opened_key import Opened
from agenda.calendars.options import Options, options_of
from agenda.version_cache import from_microseconds, microseconds


class CalendarVersion(NamedTuple):
    """How far a calendar has come: the newest line in its owner's log of stars, and the newest version of a session.

    Both only ever grow, with every commit: agenda/stars/starring.py and agenda/editing/changes.py see to that. A
    database that was restored from a backup gives the numbers of the log a second time; `logged_at` tells them apart.
    """

    logged: int
    logged_at: datetime
    updated: datetime

    def __str__(self) -> str:
        return f"{self.logged}-{microseconds(self.logged_at)}-{microseconds(self.updated)}"

    @classmethod
    @lru_cache(maxsize=2_000)  # a page asks a few times for that of each calendar
    def read(cls, text: str) -> CalendarVersion | None:
        """The version at the beginning of an ETag or sync token of ours, up to a dot; None if there is none."""
        parts = text.strip('"').partition(".")[0].split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 18 for part in parts):
            return None
        logged, logged_at, updated = map(int, parts)
        return cls(logged, from_microseconds(logged_at), from_microseconds(updated))


@dataclass(frozen=True, slots=True)
class Served:
    """What a calendar got: `text` is an ETag or a sync token ("": nothing yet), made with these `options`."""

    text: str
    options: Options
    has_other_choices: bool = False  # the owner has chosen other options since

    @classmethod
    def to_key(cls, key: CalendarKey) -> Served:
        """What the calendar of this key last got."""
        if key.served_options is None:
            return cls(key.served, options_of(key.options))
        return cls(key.served, options_of(key.served_options), has_other_choices=True)

    @classmethod
    def to_opened(cls, opened: Opened) -> Served:
        """What the calendar got before the request that opened it."""
        if opened.served_options is None:
            return cls(opened.served, options_of(opened.options))
        return cls(opened.served, options_of(opened.served_options), has_other_choices=True)

    @property
    def version(self) -> CalendarVersion | None:
        """The version in the text; None if the calendar has not yet asked for all of its sessions."""
        return CalendarVersion.read(self.text)


def choose(key: CalendarKey, options: Options) -> None:
    """Sets the key's options; if its calendar was served with others, keeps those in served_options. Saves nothing."""
    served = Served.to_key(key)
    waits = bool(served.text) and options != served.options
    key.options = options.stored()
    key.served_options = served.options.stored() if waits else None
