"""The state of an event's programme: a few values that differ after any change, so that what was made of it is kept.

Each is the first entry of an index or a count in one, and costs about as much for a thousand sessions as for twenty.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, DateField, F, OuterRef, QuerySet, Subquery, TextField, Value
from django.utils import timezone

from agenda.models import Announcement, Event, Session
from agenda.models.event import WITH_PUBLIC_PROGRAMME
from agenda.version_cache import EPOCH, microseconds
from database.prepared import Prepared

DIGITS = 8  # of a version, for the announcements that are shown
WITHOUT_CANCELLED = "x"  # at the end of a version, where cancelled sessions are not listed


class ProgrammeState(NamedTuple):
    """Each edit makes `latest` newer, also one of a row that a session shows; a deletion lowers the number.

    `told` differs with what pages tell beside the sessions: the announcements, and whether cancelled ones are listed.
    """

    number: int  # of sessions
    latest: datetime
    told: str = ""

    @property
    def version(self) -> str:
        return f"{self.number}-{microseconds(self.latest)}{self.told}"


def _newest(field: str, **among: object) -> Subquery:
    return Subquery(Session.objects.filter(event=OuterRef("pk"), **among).order_by(f"-{field}").values(field)[:1])


def _sessions(**among: object) -> dict[str, Subquery]:
    counted = Session.objects.filter(event=OuterRef("pk"), **among).order_by().values("event")
    return {"number": Subquery(counted.values(number=Count("pk"))), "latest": _newest("updated", **among)}


def _state(events: QuerySet[Event], **among: object) -> QuerySet[Event, Any]:
    return events.order_by().values_list(*_sessions(**among).values())


def _shown(events: QuerySet[Event], moment: Any, **among: object) -> QuerySet[Event, Any]:
    """For each event a row of its sessions; and one for each announcement that is shown at that moment."""
    own = {"words": Value("", TextField()), "place": Value(0), "on": Value(None, DateField())}
    named = ("number", "latest", *own, "listed")
    sessions = events.order_by().values("pk").annotate(**_sessions(**among), **own, listed=F("lists_cancelled"))
    running = Announcement.objects.running(moment).filter(event__in=events.order_by().values("pk")).order_by()
    each = {"number": F("pk"), "latest": F("end"), "words": F("text"), "place": F("room"), "on": F("day")}
    announced = running.annotate(**each, listed=Value(None, BooleanField()))
    return sessions.values_list(*named).union(announced.values_list(*named), all=True)


def _public(slug: Any) -> QuerySet[Event]:
    return Event.objects.filter(slug=slug, state__in=WITH_PUBLIC_PROGRAMME)


_of_public = Prepared(lambda slug: _state(_public(slug), is_published=True))
_of_all = Prepared(lambda slug: _state(Event.objects.filter(slug=slug)))
_shown_to_all = Prepared(lambda slug, now: _shown(_public(slug), now, is_published=True))
_shown_to_editors = Prepared(lambda slug, now: _shown(Event.objects.filter(slug=slug), now))
_seen = Prepared(
    lambda slug: (
        Event.objects.filter(slug=slug)
        .order_by()
        .values_list(_newest("hidden_at", hidden_at__isnull=False), _newest("updated", hidden_at__isnull=True))
    )
)


def public_state(slug: str) -> ProgrammeState | None:
    """The state of what everybody may see of that event's sessions; None if that is nothing. One query."""
    return next((_read(*row) for row in _of_public.rows(slug)), None)


def whole_state(slug: str) -> ProgrammeState | None:
    """The state of what editors see: the sessions that are not published, too. One query."""
    return next((_read(*row) for row in _of_all.rows(slug)), None)


def shown_state(slug: str, *, to_editors: bool = False) -> ProgrammeState | None:
    """The state of what pages show at present, `told` included; None if the public sees nothing. One query."""
    found, announced = None, []
    for *about, listed in (_shown_to_editors if to_editors else _shown_to_all).rows(slug, timezone.now()):
        if listed is None:
            announced.append(str(about))
        else:
            found = _read(about[0], about[1], "" if listed else WITHOUT_CANCELLED)
    told = f"-{sha256(json.dumps(sorted(announced)).encode()).hexdigest()[:DIGITS]}" if announced else ""
    return found and found._replace(told=told + found.told)


def _read(number: int | None, latest: datetime | None, told: str = "") -> ProgrammeState:
    return ProgrammeState(number or 0, latest or EPOCH, told)


def changed(event: Event) -> datetime:
    """When readers could last see a change of the event's programme; never falls. One query.

    That is the newest as_seen() of its sessions: `hidden_at` of those that are hidden, and `updated` of the others.
    """
    return max((moment for row in _seen.rows(event.slug) for moment in row if moment), default=EPOCH)
