"""How many changes of starred talks their reader has not seen yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpRequest

from agenda.models import Event, Session
from agenda.programme.changes_seen import seen_until
from agenda.programme.what_changed import steps_of
from agenda.version_cache import EPOCH, Version


class MyChanges(NamedTuple):
    """The changes of one event's starred talks since their reader last looked; all, if they never did."""

    event: Event
    number: int
    has_looked: bool


def my_changes(request: HttpRequest, sessions: Iterable[Session]) -> list[MyChanges]:
    """The events in which these starred sessions have changed. One query if any has since the last call.

    That a talk is new is no news for one's own.
    """
    public = {session.pk: session for session in sessions if session.is_public}
    events = {session.event for session in public.values()}
    seen = {event: seen_until(request, event) for event in events}
    counts: Counter[Event] = Counter()
    for pk, steps in steps_of(Version(pk, session.updated) for pk, session in public.items()).items():
        event = public[pk].event
        since = seen[event] or EPOCH
        counts[event] += sum(step.at > since for step in steps if step.is_telling and not step.is_new)
    return [MyChanges(event, count, seen[event] is not None) for event, count in counts.items() if count]
