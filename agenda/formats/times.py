"""Dates, times and lengths as programmes write them. What cannot be read is None; nothing here raises."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

FIRST_YEAR, LAST_YEAR = 1970, 2100  # a year outside them is a slip
DAY_BEGINS = time(4)  # where a file does not say: what is on before belongs to the day before, as on our pages

_CLOCK_LENGTH = re.compile(r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?")
_ISO_LENGTH = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE)
_MINUTES = re.compile(r"\d{1,4}")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str) -> ZoneInfo | None:
    """The zone that IANA calls so."""
    return ZoneInfo(name) if name in _zones() else None


def is_usable(moment: date) -> bool:
    """True if its year is no slip. Of a time with an offset, the year in UTC counts, in whatever zone it is written."""
    in_some_zone = FIRST_YEAR - 1 <= moment.year <= LAST_YEAR + 1
    if in_some_zone and isinstance(moment, datetime) and moment.tzinfo:
        moment = moment.astimezone(UTC)
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def moment(text: str, zone: ZoneInfo | None) -> datetime | None:
    """The date and time in ISO 8601 with its own offset, or else in the zone (None: UTC)."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=zone or UTC)
    return found if is_usable(found) else None


def day(text: str) -> date | None:
    """The date of "2019-08-21" or "2019-08-21T09:00:00+02:00", as written there."""
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return found if is_usable(found) else None


def clock(text: str) -> time | None:
    """The time of "9:05", "09:05" or "09:05:00"."""
    match = _CLOCK_LENGTH.fullmatch(text.strip())
    try:
        return time(int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


def length(text: str) -> timedelta | None:
    """The length of "1:30" (hours and minutes), "01:30:00", "PT1H30M" or "90" (minutes)."""
    text = text.strip()
    if match := _CLOCK_LENGTH.fullmatch(text):
        hours, minutes, seconds = (int(each or 0) for each in match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if (match := _ISO_LENGTH.fullmatch(text)) and any(match.groups()):
        days, hours, minutes, seconds = (int(each or 0) for each in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return timedelta(minutes=int(text)) if _MINUTES.fullmatch(text) else None
