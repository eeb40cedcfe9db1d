"""Days of a programme: a talk at 01:30 belongs to the evening before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_ENDS_AT = time(4)  # of the next morning, by the clocks where the event is


@lru_cache(maxsize=20_000)  # the same talks again and again
def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The programme day that a moment belongs to."""
    local = moment.astimezone(zone)
    return local.date() if local.time() >= DAY_ENDS_AT else local.date() - timedelta(days=1)


@lru_cache(maxsize=4_000)
def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open span of a programme day, in that zone: from 04:00 to 04:00 the next morning."""
    return datetime.combine(day, DAY_ENDS_AT, zone), datetime.combine(day + timedelta(days=1), DAY_ENDS_AT, zone)


def date_of(day: date, clock: timedelta) -> date:
    """The date on which a time, since midnight, is on a programme day: 01:30 is in the night that ends the day."""
    return day + timedelta(days=1) if clock < timedelta(hours=DAY_ENDS_AT.hour) else day
