"""The events that a person may see, each with how many of their starred talks are in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone

from agenda.models import Event, Session
from agenda.programme.access import events_for

SWITCHED = 6  # events in the header's switch; the page of all events has the others


class MyEvent(NamedTuple):
    """An event, and where it is at this moment."""

    event: Event
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
    moment = timezone.now()
    counts = _counts(request, starred)
    found = [_my_event(event, counts.get(event.pk, 0), moment) for event in events_for(request)]
    coming = [each for each in found if not each.is_past]
    return [*reversed(coming), *(each for each in found if each.is_past)]


def switch(request: HttpRequest, shown: Event | None, starred: Iterable[int]) -> list[MyEvent]:
    """The events that the header offers. No query if there is only one."""
    return offered(my_events(request, starred), shown) if len(events_for(request)) > 1 else []


def offered(found: list[MyEvent], shown: Event | None) -> list[MyEvent]:
    """The first of these events, and the one shown before all; empty if there is none to switch to."""
    return sorted(found, key=lambda each: each.event != shown)[:SWITCHED] if len(found) > 1 else []


def _my_event(event: Event, stars: int, moment: datetime) -> MyEvent:
    ended = event.has_ended(moment)
    on = event.has_begun(moment) and not ended
    return MyEvent(event, stars, on, ended, event.promises_programme_on(moment))


def _counts(request: HttpRequest, starred: Iterable[int]) -> dict[int, int]:
    """How many of these sessions (pks) each event (pk) has that this person may see."""
    pks = list(starred)
    visible = Session.objects.filter(pk__in=pks).visible_to(getattr(request, "user", None))
    return dict(visible.order_by().values_list("event").annotate(Count("pk"))) if pks else {}
