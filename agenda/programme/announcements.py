"""The announcements that pages show at a moment. Nothing is kept: they begin and end by the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery

from agenda.models import Announcement, Event
from agenda.models.event import EventQuerySet


def with_announced_until(events: EventQuerySet) -> EventQuerySet:
    """Fetches the events with the last end of their announcements, so that most pages need not ask for any."""
    ends = Announcement.objects.filter(event=OuterRef("pk")).order_by("-end").values("end")
    return events.annotate(**{"announced_until": Subquery(ends[:1])})


def running(events: Iterable[Event], moment: datetime) -> list[Announcement]:
    """The announcements of these events that are shown at that moment, the newest first.

    One query; none if all their announcements have ended.
    """
    announced = {event.pk: event for event in events if event.announced_until and event.announced_until > moment}
    if not announced:
        return []
    found = list(Announcement.objects.running(moment).filter(event__in=announced).select_related("room"))
    for announcement in found:
        announcement.event = announced[announcement.event_id]
    return found
