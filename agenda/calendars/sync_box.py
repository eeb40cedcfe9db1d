"""The box "On your phone and calendar": the places to sync to, and what each calendar was last given."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import User
from agenda.calendars import truth
from agenda.calendars.places import BOTH_WAYS, is_phone, own_first, own_places


class CalendarSaid(NamedTuple):
    """What the box says of a calendar."""

    name: str
    is_current: bool
    sentence: str


def sync_box(user: User, own_zone: ZoneInfo | None, user_agent: str) -> dict[str, Any]:
    """The values that templates/agenda/_sync.html shows."""
    truths = truth.of(user, own_zone)
    own = own_places(user_agent)
    return {
        "own_places": own,
        "places": tuple(place for place in own_first(user_agent) if place not in own),
        "both_ways": BOTH_WAYS,
        "is_phone": is_phone(user_agent),
        "truths": truths,
        "calendars": tuple(CalendarSaid(each.key.name, each.is_up_to_date, each.sentence) for each in truths),
        "late": [each for each in truths if each.is_late],
    }
