"""When and where all public sessions of an event take place, kept until its programme changes; and its version."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from agenda.models import Event, Session
from agenda.models.event import WITH_PUBLIC_PROGRAMME
from agenda.models.session import SessionQuerySet, is_editor
from agenda.version_cache import EPOCH, Version, VersionCache, from_microseconds, microseconds
from database.prepared import Prepared

PLACED = ("pk", "updated", "start", "end", "room", "room__name", "room__slug")
LONGEST_VERSION = 24  # characters
IS_PUBLISHED = Q(sessions__is_published=True)


def _state(events: QuerySet[Event], among: Q) -> QuerySet[Event, Any]:
    """One row an event that differs after any change of these sessions: each edit is newer, a deletion one less."""
    counted = {"number": Count("sessions", filter=among), "latest": Max("sessions__updated", filter=among)}
    return events.order_by().values("pk").annotate(**counted).values_list(*counted)


def _placed(sessions: SessionQuerySet) -> QuerySet[Session, Any]:
    return sessions.timed().going_ahead().in_order().values_list(*PLACED)


_state_of_public = Prepared(
    lambda slug: _state(Event.objects.filter(slug=slug, state__in=WITH_PUBLIC_PROGRAMME), IS_PUBLISHED)
)
_state_of_all = Prepared(lambda slug: _state(Event.objects.filter(slug=slug), Q()))
_public = Prepared(lambda event: _placed(Session.objects.published().filter(event=event)))
_all = Prepared(lambda event: _placed(Session.objects.filter(event=event)))


class Placed(NamedTuple):
    """A session that goes ahead, with the fields that decide when and where; times in UTC."""

    pk: int
    updated: datetime
    start: datetime
    end: datetime
    room_id: int | None
    room: str | None  # its name
    room_slug: str | None

    @property
    def version(self) -> Version:
        return Version(self.pk, self.updated)


@dataclass(frozen=True)
class Timetable:
    """The sessions of an event that go ahead and have a time, in order, and the version of its programme."""

    version: str
    sessions: list[Placed]
    is_public: bool = True  # it has no other sessions than everybody may see; then version_of() is its version, too

    @cached_property
    def _starts(self) -> list[datetime]:
        return sorted(each.start for each in self.sessions)

    @cached_property
    def _ends(self) -> list[datetime]:
        return sorted(each.end for each in self.sessions)

    def number_during(self, start: datetime, end: datetime) -> int:
        """How many sessions are on during that time: those that begin before its end, but for those over."""
        return bisect_left(self._starts, end) - bisect_right(self._ends, start)


timetables: VersionCache[Timetable] = VersionCache(size=200)  # of about 250 bytes a session


def version_of(slug: str) -> str | None:
    """A short text that differs after every change of the event's public programme; None if it has none. One query.

    An edit of a session that is not published changes nothing.
    """
    return next((_written(*state) for state in _state_of_public.rows(slug)), None)


def _written(count: int, latest: datetime | None) -> str:
    return f"{count}-{microseconds(latest or EPOCH)}"


def timetable_of(event: Event, user: object) -> Timetable:
    """The sessions that this person may see. One query, and one more if the programme has changed since the last call.

    An editor's has the sessions that are not published, too.
    """
    sees_all = is_editor(user, event)
    state = (_state_of_all if sees_all else _state_of_public).rows(event.slug)
    count, latest = state[0] if state else (0, None)

    def make(pks: list[int]) -> dict[int, Timetable]:
        rows = (_all if sees_all else _public).rows(event.pk)
        return {event.pk: Timetable(_written(count, latest), [Placed._make(row) for row in rows], not sees_all)}

    return timetables.get([Version(event.pk, latest or EPOCH)], (sees_all, count), make)[event.pk]


def moment_of(version: str) -> datetime | None:
    """The time of the newest change that a version knows; None for a text that is no version."""
    latest = version.partition("-")[2]
    known = latest.isascii() and latest.isdecimal() and len(version) <= LONGEST_VERSION
    return from_microseconds(int(latest)) if known else None
