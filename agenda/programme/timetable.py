"""When and where all public sessions of an event take place, kept until its programme changes; and its version."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, DateField, F, Max, Q, QuerySet, TextField, Value
from django.utils import timezone

from agenda.models import Announcement, Event, Session
from agenda.models.event import WITH_PUBLIC_PROGRAMME
from agenda.models.session import SessionQuerySet, is_editor
from agenda.version_cache import EPOCH, Version, VersionCache, from_microseconds, microseconds
from database.prepared import Prepared

PLACED = ("pk", "updated", "start", "end", "room", "room__name", "room__slug")
LONGEST_VERSION = 34  # characters
DIGITS = 8  # of a version, for the announcements that are shown
WITHOUT_CANCELLED = "x"  # at the end of a version, where cancelled sessions are not listed
IS_PUBLISHED = Q(sessions__is_published=True)


class ProgrammeState(NamedTuple):
    """What differs after any change: an edit of a session is newer, a deletion one less; the rest is in `told`."""

    number: int
    latest: datetime | None
    told: str

    @property
    def version(self) -> str:
        return f"{self.number}-{microseconds(self.latest or EPOCH)}{self.told}"


def _state(events: QuerySet[Event], among: Q, moment: Any) -> QuerySet[Event, Any]:
    """For each event a row of these sessions; and one for each announcement that is shown at that moment."""
    counted = {"number": Count("sessions", filter=among), "latest": Max("sessions__updated", filter=among)}
    own = {"words": Value("", TextField()), "place": Value(0), "on": Value(None, DateField())}
    named = (*counted, *own, "listed")
    sessions = events.order_by().values("pk").annotate(**counted, **own, listed=F("lists_cancelled"))
    shown = Announcement.objects.running(moment).filter(event__in=events.order_by().values("pk")).order_by()
    each = {"number": F("pk"), "latest": F("end"), "words": F("text"), "place": F("room"), "on": F("day")}
    announced = shown.annotate(**each, listed=Value(None, BooleanField()))
    return sessions.values_list(*named).union(announced.values_list(*named), all=True)


def _read(rows: Iterable[tuple[Any, ...]]) -> ProgrammeState | None:
    """The state in the rows of one event; None if there is none."""
    found, announced = None, []
    for *about, listed in rows:
        if listed is None:
            announced.append(str(about))
        else:
            found = (about[0], about[1], "" if listed else WITHOUT_CANCELLED)
    told = f"-{sha256(json.dumps(sorted(announced)).encode()).hexdigest()[:DIGITS]}" if announced else ""
    return ProgrammeState(found[0], found[1], told + found[2]) if found else None


def _placed(sessions: SessionQuerySet) -> QuerySet[Session, Any]:
    return sessions.timed().going_ahead().in_order().values_list(*PLACED)


_state_of_public = Prepared(
    lambda slug, now: _state(Event.objects.filter(slug=slug, state__in=WITH_PUBLIC_PROGRAMME), IS_PUBLISHED, now)
)
_state_of_all = Prepared(lambda slug, now: _state(Event.objects.filter(slug=slug), Q(), now))
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
    state = _read(_state_of_public.rows(slug, timezone.now()))
    return state.version if state else None


def timetable_of(event: Event, user: object) -> Timetable:
    """The sessions that this person may see. One query, and one more if the programme has changed since the last call.

    An editor's has the sessions that are not published, too.
    """
    sees_all = is_editor(user, event)
    found = (_state_of_all if sees_all else _state_of_public).rows(event.slug, timezone.now())
    state = _read(found) or ProgrammeState(0, None, "")

    def make(pks: list[int]) -> dict[int, Timetable]:
        rows = (_all if sees_all else _public).rows(event.pk)
        return {event.pk: Timetable(state.version, [Placed._make(row) for row in rows])}

    key = Version(event.pk, state.latest or EPOCH)
    return timetables.get([key], (sees_all, state.number, state.told), make)[event.pk]


def moment_of(version: str) -> datetime | None:
    """The time of the newest change that a version knows; None for a text that is no version."""
    latest = version.removesuffix(WITHOUT_CANCELLED).partition("-")[2].partition("-")[0]
    known = latest.isascii() and latest.isdecimal() and len(version) <= LONGEST_VERSION
    return from_microseconds(int(latest)) if known else None


def announced_in(version: str) -> str:
    """What tells the announcements that a version knows from others; empty for none."""
    return "".join(version.removesuffix(WITHOUT_CANCELLED).split("-")[2:])
