"""The box "On your phone and calendar": the places to sync to, and what each calendar was last given."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from agenda.calendars import truth
from agenda.calendars.places import BOTH_WAYS, own_first


def sync_box(user: User, own_zone: ZoneInfo | None, user_agent: str) -> dict[str, Any]:
    """The values that templates/agenda/_sync.html shows."""
    truths = truth.of(user, own_zone)
    return {
        "places": own_first(user_agent),
        "both_ways": BOTH_WAYS,
        "truths": truths,
        "misleading": [each for each in truths if each.is_misleading],
    }
