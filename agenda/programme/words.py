"""How pages, calendars and mails say a day, a time, a length of time and a zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

MINUTE = timedelta(minutes=1)
A_WEEK = 7  # days: from then on a weekday alone could mean another one


def length_of_time(span: timedelta) -> str:
    """The length of time in hours and minutes: "1 h 15 min", "30 min", "2 h"."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)


def time_until(moment: datetime, now: datetime) -> str:
    """The time until then in whole minutes, the last of which has begun: "25 min", "1 min" for 10 seconds."""
    return length_of_time(-((now - moment) // MINUTE) * MINUTE)


def seconds_since(moment: datetime, now: datetime) -> int:
    return int((now - moment).total_seconds())


def zone_name(moment: datetime, zone: ZoneInfo) -> str:
    """The zone's name at that moment and its offset, as there is more than one IST: "CET, UTC+1".

    A zone without a name has its offset alone: "UTC+5:45".
    """
    local = moment.astimezone(zone)
    name, offset = local.tzname() or zone.key, local.utcoffset() or timedelta(0)
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    number = f"UTC{'-' if offset < timedelta(0) else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
    return name if name == "UTC" else number if name[0] in "+-" else f"{name}, {number}"


def zone_names(moments: Iterable[datetime], zone: ZoneInfo) -> str:
    """The zone's name at these moments, and the next one where the clocks change: "CEST, UTC+2, then CET, UTC+1"."""
    locals_ = (moment.astimezone(zone) for moment in moments)
    firsts = {(local.tzname(), local.utcoffset()): local for local in locals_}
    return ", then ".join(zone_name(local, zone) for local in firsts.values())


def day_heading(day: date, zone: ZoneInfo, now: datetime) -> str:
    """The day as a heading: "Thursday, 31 October"; with its year if that is not the present one in the zone."""
    return _heading(day, with_year=day.year != now.astimezone(zone).year)


@lru_cache(maxsize=1_000)
def _heading(day: date, *, with_year: bool) -> str:
    return date_format(day, "l, j F Y" if with_year else "l, j F")


def day_since(day: date, zone: ZoneInfo, now: datetime) -> str:
    """The day on which something was done: "today", "yesterday", "on Thursday, 31 October"."""
    past = (now.astimezone(zone).date() - day).days
    return {0: "today", 1: "yesterday"}.get(past, f"on {day_heading(day, zone, now)}")


def date_and_time(at: datetime, zone: ZoneInfo) -> str:
    """The moment in that zone, in short: "Thu 31 Oct 2019, 11:00 CET"."""
    return date_format(at.astimezone(zone), "D j M Y, H:i T")


@lru_cache(maxsize=20_000)
def time_beside(moment: datetime, other: datetime | None, zone: ZoneInfo) -> str:
    """The time of day in that zone, "14:15"; with its day if `other` is on another, or is None: "Thu 14:15".

    A week or more away the weekday alone would mislead: "Thu 24 Oct, 14:15".
    """
    local = moment.astimezone(zone)
    if other is None:
        return date_format(local, "D H:i")
    beside = other.astimezone(zone)
    return date_format(local, "H:i" if local.date() == beside.date() else _dated(local, beside))


def start_of(start: datetime, end: datetime, zone: ZoneInfo, *, dated: bool) -> str:
    """The start as a row says it: "10:00"; with its day, "Fri 10:00", if `dated` or if the end is on another day."""
    local, last = start.astimezone(zone), end.astimezone(zone)
    return date_format(local, _dated(local, last) if dated or local.date() != last.date() else "H:i")


@lru_cache(maxsize=20_000)  # the same talks and free times again and again
def span_of(start: datetime, end: datetime, zone: ZoneInfo, *, dated: bool = False) -> str:
    """Both times: "10:00–10:30", "Fri 10:00–10:30" if `dated`, "Fri 10:00 – Sat 18:00" if the end is on another day."""
    return until(start_of(start, end, zone, dated=dated), start, end, zone)


def until(said: str, start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The start as it was said, and the end: "10:00–10:30", "Friday, 10:00 – Sat 18:00"."""
    last = time_beside(end, start, zone)
    return f"{said} – {last}" if " " in last else f"{said}–{last}"


def _dated(local: datetime, other: datetime) -> str:
    """The format of a time with its weekday; also with its date if `other` is a week or more away."""
    return "D H:i" if abs((local.date() - other.date()).days) < A_WEEK else "D j M, H:i"
