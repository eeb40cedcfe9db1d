"""The changes of starred talks that their reader has not seen yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from agenda.models import Event, Session
from agenda.programme.changes_seen import seen_until
from agenda.programme.history import old_to_new
from agenda.programme.what_changed import Step, steps_of
from agenda.version_cache import EPOCH, Version


class MyChange(NamedTuple):
    """A talk, and what became of it in few words, each with its kind (history.marks)."""

    session: Session
    said: list[tuple[str, str]]


class MyChanges(NamedTuple):
    """The changes of one event's starred talks since their reader last looked (None: ever), the newest first."""

    event: Event
    zone: ZoneInfo
    since: datetime | None
    latest: datetime
    changes: list[MyChange]


def my_changes(request: HttpRequest, sessions: Iterable[Session], own_zone: ZoneInfo | None) -> list[MyChanges]:
    """The events in which these starred sessions have changed. One query if any has since the last call.

    That a talk is new is no news for one's own.
    """
    public = {session.pk: session for session in sessions if session.is_public}
    told: dict[Event, list[tuple[datetime, MyChange]]] = defaultdict(list)
    for pk, steps in steps_of(Version(pk, session.updated) for pk, session in public.items()).items():
        session = public[pk]
        since = seen_until(request, session.event) or EPOCH if steps else EPOCH
        news = [step for step in steps if step.at > since and step.is_telling and not step.is_new]
        if said := old_to_new(_together(news), session, own_zone or session.event.zone) if news else []:
            told[session.event].append((news[0].at, MyChange(session, said)))
    found = []
    for event, changes in told.items():
        changes.sort(key=lambda change: change[0], reverse=True)
        zone = own_zone or event.zone
        shown = [change for _, change in changes]
        found.append(MyChanges(event, zone, seen_until(request, event), changes[0][0], shown))
    return found


def _together(steps: Iterable[Step]) -> dict[str, list[Any]]:
    """Several changes of a session, the newest first, as one from what readers saw before them."""
    changes: dict[str, list[Any]] = {}
    for step in steps:
        for field, (old, new) in step.changes.items():
            changes[field] = [old, changes[field][1] if field in changes else new]
    return changes
