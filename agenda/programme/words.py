"""How pages, calendars and mails say a time, a length of time and a zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format


def length_of_time(span: timedelta) -> str:
    """The length of time in hours and minutes: "1 h 15 min", "30 min", "2 h"."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)


def zone_name(moment: datetime, zone: ZoneInfo) -> str:
    """The zone's name at that moment: "CET"; "UTC+05" if it has only a number."""
    name = moment.astimezone(zone).tzname() or zone.key
    return f"UTC{name}" if name[0] in "+-" else name


def date_and_time(at: datetime, zone: ZoneInfo) -> str:
    """The moment in that zone, in short: "Thu 31 Oct 2019, 11:00 CET"."""
    return date_format(at.astimezone(zone), "D j M Y, H:i T")


def time_beside(moment: datetime, other: datetime, zone: ZoneInfo) -> str:
    """The time of day in that zone, "14:15"; "Thu 14:15" if `other` is on another day there."""
    local, beside = moment.astimezone(zone), other.astimezone(zone)
    return date_format(local, "H:i" if local.date() == beside.date() else "D H:i")
