"""How the editing pages say a time and a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.dateformat import format as format_date

from agenda.models import Session
from agenda.models.session import has_time
from agenda.programme.prose import in_isolates
from agenda.programme.words import until

DAY = "l j F Y"  # Thursday 31 October 2019
NAMED = 3  # titles; of more it is only said that there are others


def counted(number: int, noun: str) -> str:
    """ "1 session", "2 sessions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def quoted(titles: Sequence[str]) -> str:
    """The first titles as a sentence names them: "“A”, “B”, “C” and others"."""
    return ", ".join(f"“{in_isolates(title)}”" for title in titles[:NAMED]) + (
        " and others" if len(titles) > NAMED else ""
    )


def day(date_: date) -> str:
    return format_date(date_, DAY)


def span(session: Session) -> str:
    """Start and end in the event's zone: "Thu 31 Oct 2019, 11:00–11:30 CET"; "… – Fri 18:00 CET" for the next day."""
    if not has_time(session):
        return "no time yet"
    zone = session.event.zone
    start = format_date(session.start.astimezone(zone), "D j M Y, H:i")
    return f"{until(start, session.start, session.end, zone)} {format_date(session.end.astimezone(zone), 'T')}"
