"""The zones of a client's calendar text: by IANA's name, as the text itself defines them, or by Outlook's name."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from agenda.formats.contentlines import Component, Property, Zones, parse

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The parts of a rule that are read: zones change once a year, on a day of a month. Other rules are refused, as it could
# take for ever to follow them.
READ = {"FREQ", "INTERVAL", "UNTIL", "BYMONTH", "BYDAY", "BYMONTHDAY", "WKST"}
FURTHEST = timedelta(hours=24)  # of a zone from UTC; Python's limit
MOST = 300  # observances of a zone, and onsets that it lists; those with the most have one for each change since 1900


@dataclass(frozen=True, slots=True)
class Rule:
    """A yearly RRULE: in that month, the nth of the days that fit, from the end if it is negative."""

    month: int
    weekday: int | None
    nth: int
    days: frozenset[int]  # of the month; empty: any
    until: datetime | None  # UTC

    def day_in(self, year: int) -> int | None:
        """The day of the month; None if there is none in that year."""
        first, length = monthrange(year, self.month)
        days = [
            day
            for day in range(1, length + 1)
            if self.weekday in (None, (first + day - 1) % 7)
            and (not self.days or day in self.days or day - length - 1 in self.days)
        ]
        place = self.nth - 1 if self.nth > 0 else self.nth
        return days[place] if -len(days) <= place < len(days) else None


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT: from each onset on, local time is `after` instead of `before` ahead of UTC.

    Local times are written here as if they were UTC; an onset is in local time as it was until then.
    """

    start: datetime
    before: timedelta
    after: timedelta
    dates: tuple[datetime, ...]
    rule: Rule | None

    def last_onset(self, local: datetime) -> datetime | None:
        """The last onset that is not later than this local time; None if there is none."""
        return max((onset for onset in self._onsets(local.year) if onset <= local), default=None)

    def _onsets(self, year: int) -> Iterator[datetime]:
        """All onsets among which the last one of that year is."""
        yield from (self.start, *self.dates)
        if self.rule is None:
            return
        last = min(year, self.rule.until.year) if self.rule.until else year
        for each in range(max(last - 1, self.start.year), last + 1):
            if day := self.rule.day_in(each):
                onset = self.start.replace(year=each, month=self.rule.month, day=day)
                if onset >= self.start and not (self.rule.until and onset - self.before > self.rule.until):
                    yield onset


class DefinedZone(tzinfo):
    """A zone as a VTIMEZONE defines it (RFC 5545 section 3.6.5)."""

    def __init__(self, vtimezone: Component) -> None:
        """Raises ValueError for one that cannot be read."""
        parts = [child for child in vtimezone.children if child.name in ("STANDARD", "DAYLIGHT")]
        listed = sum(each.value.count(",") + 1 for part in parts for each in part.named("RDATE"))
        if not parts or len(parts) + listed > MOST:
            raise ValueError("no observance, or too many")
        self._observances = [_observance(part) for part in parts]

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        local = moment.replace(tzinfo=UTC)
        onsets = [(onset, each.after) for each in self._observances if (onset := each.last_onset(local))]
        return max(onsets)[1] if onsets else min(self._observances, key=lambda each: each.start).before

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None


def zones_of(calendar: Component) -> Zones:
    """A function that finds the zone of a TZID in this calendar. It raises ValueError for an unknown one.

    IANA's data is preferred to a VTIMEZONE with an IANA name, which may be older.
    """
    defined = {_first(each, "TZID").value: each for each in calendar.children_named("VTIMEZONE") if each.named("TZID")}

    @cache
    def zone(name: str) -> tzinfo:
        with suppress(ValueError):
            return by_iana(name)
        with suppress(ValueError):
            if name in defined:
                return DefinedZone(defined[name])
        if name in WINDOWS_TO_OLSON:
            return ZoneInfo(WINDOWS_TO_OLSON[name])
        raise ValueError(f"no such zone: {name}")

    return zone


def zone_in(text: str) -> tzinfo:
    """The zone in a calendar with one VTIMEZONE and nothing else (RFC 4791 section 5.2.2). ValueError if it is none."""
    calendar = parse(text.strip().encode())
    if [child.name for child in calendar.children] != ["VTIMEZONE"]:
        raise ValueError("not one VTIMEZONE")
    (vtimezone,) = calendar.children
    defined = DefinedZone(vtimezone)
    with suppress(ValueError):
        return by_iana(_first(vtimezone, "TZID").value)
    return defined


def by_iana(name: str) -> ZoneInfo:
    """The IANA zone. Some programs write its name, of two or three parts, at the end of a longer name of their own."""
    for parts in (0, 3, 2):
        with suppress(OSError, ValueError, LookupError):
            return ZoneInfo("/".join(name.split("/")[-parts:]))
    raise ValueError(f"no such zone: {name}")


def iana_name(name: str) -> str:
    """IANA's name of a zone by that name in any case, by Outlook's, or by "UTC+1"; empty if there is none."""
    with suppress(ValueError):
        return by_iana(name).key
    return WINDOWS_TO_OLSON.get(name) or _in_any_case().get(name.strip().casefold().replace(" ", "_")) or _at(name)


@cache
def _in_any_case() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _at(name: str) -> str:
    """The zone that is always so many whole hours from UTC: "Etc/GMT-1", with the other sign, for "UTC+01:00"."""
    word, sign, offset = name.strip()[:3].upper(), name.strip()[3:4], name.strip()[4:].replace(":", "")
    if word not in ("UTC", "GMT") or sign not in ("+", "-") or not (offset.isascii() and offset.isdecimal()):
        return ""
    hours = int(offset[:-2] if len(offset) > 2 else offset) if offset[2:] in ("", "0", "00") and len(offset) < 5 else 99
    found = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"
    return found if found in available_timezones() else ""


def _first(component: Component, name: str) -> Property:
    for each in component.named(name):
        return each
    raise ValueError(f"no {name}")


def _observance(part: Component) -> Observance:
    start, before, after = (_first(part, name).value for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"))
    rules = [each.value for each in part.named("RRULE")]
    if len(rules) > 1:
        raise ValueError("several rules")
    begin = _local(start)
    dates = tuple(_local(value) for each in part.named("RDATE") for value in each.value.split(","))
    return Observance(begin, _offset(before), _offset(after), dates, _rule(rules[0], begin) if rules else None)


def _local(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _offset(value: str) -> timedelta:
    """A UTC-OFFSET (RFC 5545 section 3.3.14)."""
    digits = value[1:]
    if value[:1] not in ("+", "-") or not (digits.isascii() and digits.isdecimal()) or len(digits) not in (4, 6):
        raise ValueError(f"not an offset: {value}")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:] or 0))
    if offset >= FURTHEST:
        raise ValueError(f"no zone is so far away: {value}")
    return -offset if value[0] == "-" else offset


def _rule(text: str, start: datetime) -> Rule:
    """The RRULE of an observance. Raises ValueError for one that is not yearly."""
    parts = dict(part.upper().partition("=")[::2] for part in text.split(";") if part)
    if parts.keys() - READ or parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1":
        raise ValueError(f"not a rule of a zone: {text}")
    month, by_day = int(parts.get("BYMONTH", start.month)), parts.get("BYDAY", "")
    if not 1 <= month <= 12:
        raise ValueError(f"no such month: {text}")
    days = frozenset(int(day) for day in parts.get("BYMONTHDAY", "").split(",") if day)
    weekday = WEEKDAYS.index(by_day[-2:]) if by_day else None
    if not by_day and not days:
        days = frozenset({start.day})
    until = _until(parts["UNTIL"]) if "UNTIL" in parts else None
    return Rule(month, weekday, int(by_day[:-2] or 1), days, until)


def _until(value: str) -> datetime:
    """An UNTIL; a date is that whole day."""
    return _local(value.removesuffix("Z")) if "T" in value else _local(f"{value}T235959")
