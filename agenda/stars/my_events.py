"""The events that a person may see, each with how many of their starred talks are in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.models import User
from agenda.models import Event, Session
from agenda.models.event_editor import edited_events
from agenda.models.session import SessionQuerySet, is_editor
from agenda.programme.access import events_for
from agenda.programme.preview import now_of
from database.prepared import Prepared

SWITCHED = 6  # events in the header's switch; the page of all events has the others


def _by_event(sessions: SessionQuerySet) -> QuerySet[Session, Any]:
    return sessions.order_by().values_list("event").annotate(Count("pk"))


_starred = Prepared(lambda user: _by_event(Session.objects.filter(stars__user=user)))
_shown = Prepared(lambda user: _by_event(Session.objects.filter(stars__user=user).published()))


class MyEvent(NamedTuple):
    """An event, how many stars the person has in it, and whether it is on or over at this moment.

    Two are equal only if they are shown alike.
    """

    event: Event
    shown_by: tuple[object, ...]  # the fields of the event that pages show here; an Event is compared by its pk alone
    stars: int
    is_on: bool
    has_ended: bool
    programme_on: date | None

    @property
    def is_past(self) -> bool:
        return self.has_ended or self.event.is_archived


def my_events(request: HttpRequest, starred: Iterable[int]) -> list[MyEvent]:
    """All events that this person may see: those on now and to come, the next first; then the past, the latest first.

    `starred` are the pks of the sessions that they starred. One query for the events, and one for the stars if any.
    """
    moment = now_of(request)
    counts = _counts(request, starred)
    found = [_my_event(event, counts.get(event.pk, 0), moment) for event in events_for(request)]
    coming = [each for each in found if not each.is_past]
    return [*reversed(coming), *(each for each in found if each.is_past)]


def switch(request: HttpRequest, shown: Event | None, starred: Iterable[int]) -> tuple[MyEvent, ...]:
    """The events that the header offers; empty, without a query for stars, if there is only one."""
    return offered(my_events(request, starred), shown) if len(events_for(request)) > 1 else ()


def offered(found: list[MyEvent], shown: Event | None) -> tuple[MyEvent, ...]:
    """At most SWITCHED of these events, the one shown being the first; empty if there is none to switch to."""
    return tuple(sorted(found, key=lambda each: each.event != shown)[:SWITCHED]) if len(found) > 1 else ()


def _my_event(event: Event, stars: int, moment: datetime) -> MyEvent:
    ended = event.has_ended(moment)
    on = event.has_begun(moment) and not ended
    shown_by = (event.slug, event.name, event.state, event.starts_on, event.ends_on)
    return MyEvent(event, shown_by, stars, on, ended, event.promises_programme_on(moment))


def _counts(request: HttpRequest, starred: Iterable[int]) -> dict[int, int]:
    """The number of these sessions (pks), which the person starred, by event (pk). One query, if there are any."""
    pks = list(starred)
    user = getattr(request, "user", None)
    if isinstance(user, User) and pks and not edited_events(user):
        return dict((_starred if is_editor(user) else _shown).rows(user.pk))
    return dict(_by_event(Session.objects.filter(pk__in=pks).visible_to(user))) if pks else {}
