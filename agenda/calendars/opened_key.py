"""The calendar that a secret text opens: its key's row, by the text in an address or a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from accounts import keys
from accounts.models import CalendarKey
from database.prepared import Prepared

# Compared with when there is no such key, so that a wrong one costs the same work as a right one.
NO_DIGEST = "0" * 64


class Opened(NamedTuple):
    """A calendar's key, and its owner's newest line in the log of stars (None: nothing was ever starred)."""

    pk: UUID
    user_id: int
    digest: str
    options: dict[str, Any]  # for agenda/calendars/options.py
    created: datetime
    last_used_at: datetime | None
    last_client: str
    served: str
    served_options: dict[str, Any] | None  # None: the same as `options`
    fetched_every: int | None
    logged: int | None
    logged_at: datetime | None


_keys = Prepared(
    lambda lookup, kind: (
        CalendarKey.objects.active()
        .filter(lookup=lookup, kind=kind, user__is_active=True)
        .order_by("-user__star_log__id")
        .values_list(*Opened._fields[:-2], "user__star_log__id", "user__star_log__at")[:1]
    )
)


def opened_by(key: str, kind: CalendarKey.Kind) -> Opened | None:
    """The key's row; None for a wrong, revoked or malformed key, or one of another kind. One query, always."""
    lookup, secret = keys.split(key)
    found = next((Opened(*row) for row in _keys.rows(lookup, kind.value)), None)
    matches = keys.matches(secret, found.digest if found else NO_DIGEST, settings.CALENDAR_SECRETS)
    return found if matches else None
