"""The changes of a session, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agenda.admin.words import moment
from agenda.models import SessionRevision

# In reading order, because PostgreSQL reorders the keys of a JSON object.
FIELDS = (
    *("title", "byline", "abstract", "language", "start", "end", "room", "track", "status"),
    *("is_published", "slides_included", "speakers", "materials", "slug"),
)
LONG = frozenset({"abstract", "materials"})  # only said to be edited: old and new value are too long


def changes_in_words(revision: SessionRevision, zone: ZoneInfo) -> str:
    """ "room: Forum 3 → Forum 1; abstract edited"; times in the zone."""
    changed = [field for field in FIELDS if field in revision.changes]
    return "; ".join(_in_words(field, revision.changes[field], zone) for field in changed)


def _in_words(field: str, change: list[Any], zone: ZoneInfo) -> str:
    if field in LONG:
        return f"{field} edited"
    old, new = change
    return f"{field.removeprefix('is_').replace('_', ' ')}: {_value(field, old, zone)} → {_value(field, new, zone)}"


def _value(field: str, value: Any, zone: ZoneInfo) -> str:
    if field in ("start", "end"):
        return moment(datetime.fromisoformat(value), zone)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, list) else str(value)) or "none"
