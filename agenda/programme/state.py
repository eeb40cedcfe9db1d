"""The state of an event's programme: a few values that differ after any change, so that what was made of it is kept.

Each is the first entry of an index or a count in one, and costs about as much for a thousand sessions as for twenty.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, QuerySet, Subquery

from agenda.models import Event, Session
from agenda.models.event import WITH_PUBLIC_PROGRAMME
from agenda.version_cache import EPOCH, microseconds
from database.prepared import Prepared


class ProgrammeState(NamedTuple):
    """Each edit makes `latest` newer, also one of a row that a session shows; a deletion lowers the number."""

    number: int  # of sessions
    latest: datetime

    def __str__(self) -> str:
        return f"{self.number}-{microseconds(self.latest)}"


def _newest(field: str, **among: object) -> Subquery:
    return Subquery(
        Session.objects.filter(event=OuterRef("pk"), **among).order_by(f"-{field}").values(field)[:1],
    )


def _state(events: QuerySet[Event], **among: object) -> QuerySet[Event, Any]:
    counted = Session.objects.filter(event=OuterRef("pk"), **among).order_by().values("event")
    return events.order_by().values_list(Subquery(counted.values(number=Count("pk"))), _newest("updated", **among))


_of_public = Prepared(
    lambda slug: _state(Event.objects.filter(slug=slug, state__in=WITH_PUBLIC_PROGRAMME), is_published=True)
)
_of_all = Prepared(lambda slug: _state(Event.objects.filter(slug=slug)))
_seen = Prepared(
    lambda slug: (
        Event.objects.filter(slug=slug)
        .order_by()
        .values_list(_newest("hidden_at", hidden_at__isnull=False), _newest("updated", hidden_at__isnull=True))
    )
)


def public_state(slug: str) -> ProgrammeState | None:
    """The state of what everybody may see of that event's programme; None if that is nothing. One query."""
    return _read(_of_public, slug)


def whole_state(slug: str) -> ProgrammeState | None:
    """The state of what editors see: the sessions that are not published, too. One query."""
    return _read(_of_all, slug)


def _read(state: Prepared[Event], slug: str) -> ProgrammeState | None:
    return next((ProgrammeState(number or 0, latest or EPOCH) for number, latest in state.rows(slug)), None)


def changed(event: Event) -> datetime:
    """When readers could last see a change of the event's programme; never falls. One query.

    That is the newest as_seen() of its sessions: `hidden_at` of those that are hidden, and `updated` of the others.
    """
    return max((moment for row in _seen.rows(event.slug) for moment in row if moment), default=EPOCH)
