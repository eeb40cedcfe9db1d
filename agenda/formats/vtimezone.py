"""Time zones as iCalendar text: VTIMEZONE (RFC 5545 section 3.6.5), from the IANA data that Python reads."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Fixed, so that a zone's text never changes with the clock. No conference's programme is older than Unix time.
YEARS = range(1970, 2038)
GOES_ON = 10  # years; a rule that was followed for so long up to the last of YEARS is taken to last
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Onset(NamedTuple):
    """When a zone's offset or its name changes: `at` in local time as it was until then."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


class Run(NamedTuple):
    """Onsets that differ only in their year, in consecutive years, and the RRULE that they follow ("": none)."""

    onsets: list[Onset]
    rule: str


@lru_cache(maxsize=64)
def vtimezone(name: str) -> bytes:
    """The zone of that IANA name, from 1970 on, with yearly rules where it follows some; CRLF at each line's end.

    A rule that ended has its UNTIL. Onsets that follow no rule (by a lunar calendar, by a law) are written one by one.
    """
    zone = ZoneInfo(name)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *_observance(_beginning(zone), "")]
    for onsets, rule in sorted(_runs(_onsets(zone)), key=lambda run: run.onsets[0].at):
        for onset in onsets[:1] if rule else onsets:
            lines += _observance(onset, rule)
    lines += ["END:VTIMEZONE", ""]
    return "\r\n".join(lines).encode()


def _beginning(zone: ZoneInfo) -> Onset:
    """The offset and name in force when YEARS begin, which readers could not know from later onsets."""
    begin = datetime(YEARS.start, 1, 1, tzinfo=zone)
    offset = begin.utcoffset() or timedelta(0)
    return Onset(begin.replace(tzinfo=None), offset, offset, begin.tzname() or zone.key)


def _runs(onsets: Iterable[Onset]) -> list[Run]:
    """The onsets of a zone, put together where they are alike."""
    alike: dict[object, list[list[Onset]]] = defaultdict(list)
    for onset in onsets:
        runs = alike[onset.at.month, onset.at.weekday(), onset.at.time(), *onset[1:]]
        if runs and _goes_on(runs[-1], onset):
            runs[-1].append(onset)
        else:
            runs.append([onset])
    return [Run(run, _rule(run)) for runs in alike.values() for run in runs]


def _goes_on(run: list[Onset], onset: Onset) -> bool:
    """True if the onset is in the next year, on the same day of its month as all the run: the last Sunday, say."""
    return onset.at.year == run[-1].at.year + 1 and bool(_in_common([*run, onset]))


def _onsets(zone: ZoneInfo) -> Iterator[Onset]:
    """All onsets of the zone in YEARS, in order."""
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


def _rule(run: list[Onset]) -> str:
    """The RRULE of these onsets; "" if there is only one."""
    if len(run) == 1:
        return ""
    first, last = run[0], run[-1]
    day = f"{max(_in_common(run))}{WEEKDAYS[first.at.weekday()]}"
    lasts = last.at.year == YEARS[-1] and len(run) >= GOES_ON
    # In UTC (RFC 5545 section 3.3.10), and two days late, as some readers take it for local time.
    until = "" if lasts else f";UNTIL={last.at + timedelta(days=2):%Y%m%dT%H%M%SZ}"
    return f"FREQ=YEARLY;BYMONTH={first.at.month};BYDAY={day}{until}"


def _in_common(run: list[Onset]) -> set[int]:
    return set.intersection(*(_ordinals(onset.at) for onset in run))


def _ordinals(day: datetime) -> set[int]:
    """The positions of a day among the same weekdays of its month: 2 for the second, -1 for the last."""
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
