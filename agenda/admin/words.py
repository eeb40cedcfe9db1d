"""How the editing pages say a time and a number."""

from __future__ import annotations

from datetime import date

from django.utils.dateformat import format as format_date

from agenda.models import Event, Session

DAY = "l j F Y"  # Thursday 31 October 2019


def counted(number: int, noun: str) -> str:
    """ "1 session", "2 sessions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def day(date_: date) -> str:
    return format_date(date_, DAY)


def span(session: Session) -> str:
    """Start and end in the event's zone: "Thu 31 Oct 2019, 11:00–11:30 CET"."""
    zone = session.event.zone
    start, end = session.start.astimezone(zone), session.end.astimezone(zone)
    return f"{format_date(start, 'D j M Y, H:i')}–{format_date(end, 'H:i T')}"


def zone_of(event: Event) -> str:
    """The event's zone with its name during the event: "Europe/Paris (CET)"."""
    return f"{event.time_zone} ({event.day_bounds(event.starts_on)[0].astimezone(event.zone):%Z})"
