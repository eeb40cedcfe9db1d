"""When and where all public sessions of an event take place, kept until its programme changes; and its version."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from agenda.models import Event, Session
from agenda.models.session import SessionQuerySet, is_editor
from agenda.programme.state import WITHOUT_CANCELLED, ProgrammeState, shown_state
from agenda.version_cache import EPOCH, Version, VersionCache, from_microseconds
from database.prepared import Prepared

PLACED = ("pk", "updated", "start", "end", "room", "room__name", "room__slug")
LONGEST_VERSION = 34  # characters


def _placed(sessions: SessionQuerySet) -> QuerySet[Session, Any]:
    return sessions.timed().going_ahead().in_order().values_list(*PLACED)


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

    It differs, too, when an announcement begins to be shown, is edited or ends. An edit of a session that is not
    published changes nothing.
    """
    state = shown_state(slug)
    return state.version if state else None


def timetable_of(event: Event, user: object) -> Timetable:
    """The sessions that this person may see. One query, and one more if the programme has changed since the last call.

    An editor's has the sessions that are not published, too.
    """
    sees_all = is_editor(user, event)
    state = shown_state(event.slug, to_editors=sees_all) or ProgrammeState(0, EPOCH)

    def make(pks: list[int]) -> dict[int, Timetable]:
        rows = (_all if sees_all else _public).rows(event.pk)
        return {event.pk: Timetable(state.version, [Placed._make(row) for row in rows])}

    return timetables.get([Version(event.pk, state.latest)], (sees_all, state.number, state.told), make)[event.pk]


def moment_of(version: str) -> datetime | None:
    """The time of the newest change that a version knows; None for a text that is no version."""
    latest = version.removesuffix(WITHOUT_CANCELLED).partition("-")[2].partition("-")[0]
    known = latest.isascii() and latest.isdecimal() and len(version) <= LONGEST_VERSION
    return from_microseconds(int(latest)) if known else None


def announced_in(version: str) -> str:
    """What tells the announcements that a version knows from others; empty for none."""
    return "".join(version.removesuffix(WITHOUT_CANCELLED).split("-")[2:])
