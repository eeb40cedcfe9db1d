"""The box "On your phone and calendar": the places to sync to, and what each calendar was last given."""

from __future__ import annotations

import secrets
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from agenda.calendars import places, truth


def sync_box(user: User, own_zone: ZoneInfo | None) -> dict[str, Any]:
    """The values that templates/agenda/_sync.html shows. `once` makes one key of a button that was tapped twice."""
    truths = truth.of(user, own_zone)
    return {
        "places": places.PLACES,
        "both_ways": places.BOTH_WAYS,
        "truths": truths,
        "misleading": [each for each in truths if each.is_misleading],
        "once": secrets.token_urlsafe(16),
    }
