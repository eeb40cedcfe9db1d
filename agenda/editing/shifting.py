"""Moves the sessions of an event along with its first day or its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Event


def shift_sessions(event: Event, *, first_day: date, zone: ZoneInfo, by: User) -> int:
    """Gives each session the same day of the event and the same local hours as it had, as one recorded edit.

    `first_day` and `zone` are the event's former ones. Returns how many sessions the event has.
    """
    days = event.starts_on - first_day

    def shifted(moment: datetime) -> datetime:
        local = moment.astimezone(zone) + days
        return local.replace(tzinfo=event.zone).astimezone(UTC)

    sessions = list(event.sessions.all())
    with recording([session.pk for session in sessions], by=by) as edit:
        for session in sessions:
            length, session.start, session.end = session.duration, shifted(session.start), shifted(session.end)
            if session.end <= session.start:  # within an hour in which the clocks change
                session.end = session.start + length
            edit.change(session, ["start", "end"])
    return len(sessions)
