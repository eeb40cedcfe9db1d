"""Moves the sessions of an event along with its days or its time zone."""

from __future__ import annotations

from copy import copy
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Event, Session
from agenda.models.session import SessionQuerySet, timed


def outside(event: Event) -> SessionQuerySet:
    """The event's sessions that begin before its first day or end after its last, in order."""
    opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1]
    return Session.objects.filter(Q(start__lt=opens) | Q(end__gt=closes), event=event).in_order()


def concerned(was: Event, now: Event) -> SessionQuerySet:
    """The sessions that an event's other days or zone concern, in order.

    They are all of them, but for another last day alone only those that come to be outside.
    """
    if (was.starts_on, was.time_zone) != (now.starts_on, now.time_zone):
        return Session.objects.filter(event=now).timed().in_order()
    return outside(now).exclude(pk__in=outside(was).values("pk"))


def shift_sessions(event: Event, *, first_day: date, zone: ZoneInfo, by: User | None) -> int:
    """Gives each session the same day of the event and the same local hours as it had, as one recorded edit.

    A session that would begin after the last day moves to that day. One without a time keeps none. `first_day` and
    `zone` are the event's former ones. Returns how many sessions were moved.
    """
    former = copy(event)
    former.time_zone = zone.key

    def shifted(moment: datetime, days: timedelta) -> datetime:
        return (moment.astimezone(zone) + days).replace(tzinfo=event.zone).astimezone(UTC)

    sessions = timed(event.sessions.all())
    moved = 0
    with recording([session.pk for session in sessions], by=by) as edit:
        for session in sessions:
            start, end, length = session.start, session.end, session.duration
            days = event.starts_on - first_day
            days -= max(former.day_of(start) + days - event.ends_on, timedelta(0))
            session.start, session.end = shifted(start, days), shifted(end, days)
            if session.end <= session.start:  # within an hour in which the clocks change
                session.end = session.start + length
            if (session.start, session.end) != (start, end):
                moved += 1
                edit.change(session, ["start", "end"])
    return moved
