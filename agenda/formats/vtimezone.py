"""Time zones as iCalendar text: VTIMEZONE (RFC 5545 section 3.6.5), from the IANA data that Python reads."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Fixed, so that a zone's text never changes with the clock; no programme of ours lies outside.
YEARS = range(2010, 2038)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Onset(NamedTuple):
    """When a zone's offset or its name changes: `at` in local time as it was until then."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=64)
def vtimezone(name: str) -> bytes:
    """The zone of that IANA name, with its yearly rules where it has some; CRLF at the end of each line.

    What follows no rule (a moon's calendar, a law) is written onset by onset, for YEARS.
    """
    zone = ZoneInfo(name)
    yearly: dict[object, list[Onset]] = defaultdict(list)
    for onset in _onsets(zone):
        yearly[onset.at.month, onset.at.weekday(), onset.at.time(), *onset[1:]].append(onset)
    rules = [(_rule(alike), alike) for alike in yearly.values()]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    if not all(rule for rule, _ in rules) or not rules:  # before the first onset, which may be years away
        begin = datetime(YEARS.start, 1, 1, tzinfo=zone)
        offset = begin.utcoffset() or timedelta(0)
        lines += _observance(Onset(begin.replace(tzinfo=None), offset, offset, begin.tzname() or name), "")
    for rule, alike in rules:
        for onset in alike[:1] if rule else alike:
            lines += _observance(onset, rule)
    lines += ["END:VTIMEZONE", ""]
    return "\r\n".join(lines).encode()


def _onsets(zone: ZoneInfo) -> Iterator[Onset]:
    """All of them in YEARS, in order."""
    day = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    while day.year in YEARS:
        following = day + timedelta(days=1)
        if _seen(day, zone) != _seen(following, zone):
            low, high = day, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _seen(middle, zone) == _seen(low, zone) else (low, middle)
            moment = high.replace(second=0, microsecond=0)
            before, after = _seen(day, zone)[0], _seen(following, zone)
            yield Onset((moment + before).replace(tzinfo=None), before, *after)
        day = following


def _seen(moment: datetime, zone: ZoneInfo) -> tuple[timedelta, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(0), local.tzname() or ""


def _rule(onsets: list[Onset]) -> str:
    """The RRULE that these follow, one in each of YEARS; "" if there is none."""
    if [onset.at.year for onset in onsets] != list(YEARS):
        return ""
    in_common = set.intersection(*(_ordinals(onset.at) for onset in onsets))
    if not in_common:
        return ""
    first = onsets[0].at
    return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={max(in_common)}{WEEKDAYS[first.weekday()]}"


def _ordinals(day: datetime) -> set[int]:
    """Which of its weekday in its month a day is: the second, say, or the last (-1)."""
    is_last = day.day + 7 > monthrange(day.year, day.month)[1]
    return {(day.day - 1) // 7 + 1, *([-1] if is_last else [])}


def _observance(onset: Onset, rule: str) -> Iterable[str]:
    kind = "DAYLIGHT" if onset.after > onset.before else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{onset.at:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(onset.before)}"
    yield f"TZOFFSETTO:{_offset(onset.after)}"
    if rule:
        yield f"RRULE:{rule}"
    yield f"TZNAME:{onset.name}"
    yield f"END:{kind}"


def _offset(offset: timedelta) -> str:
    """UTC-OFFSET (RFC 5545 section 3.3.14)."""
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
