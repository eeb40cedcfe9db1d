"""How the editing pages say a time and a number."""

from __future__ import annotations

from datetime import date

from django.utils.dateformat import format as format_date

from agenda.models import Event, Session
from agenda.programme.words import until

DAY = "l j F Y"  # Thursday 31 October 2019


def counted(number: int, noun: str) -> str:
    """ "1 session", "2 sessions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def day(date_: date) -> str:
    return format_date(date_, DAY)


def span(session: Session) -> str:
    """Start and end in the event's zone: "Thu 31 Oct 2019, 11:00–11:30 CET"; "… – Fri 18:00 CET" for the next day."""
    zone = session.event.zone
    start = format_date(session.start.astimezone(zone), "D j M Y, H:i")
    return f"{until(start, session.start, session.end, zone)} {format_date(session.end.astimezone(zone), 'T')}"


def zone_of(event: Event) -> str:
    """The event's zone with its name during the event: "Europe/Paris (CET)"."""
    return f"{event.time_zone} ({event.day_bounds(event.starts_on)[0].astimezone(event.zone):%Z})"
