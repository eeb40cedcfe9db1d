"""My agenda as a calendar: a day by hours, with the time that is free as white space and what overlaps side by side."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agenda.models.session import has_time
from agenda.programme.cells import Seen, bounds_of, html_of, kept_cells
from agenda.programme.grid import RoomSlot, grid_of
from agenda.programme.rows import Slot
from agenda.stars.items import Item
from agenda.stars.my_agenda import AgendaDay

HOUR = timedelta(hours=1)


class CalendarLayout(NamedTuple):
    """The lines of a day's table, and how many columns it has beside the hours."""

    html: SafeString
    lanes: int


def calendar_layout(day: AgendaDay, moment: datetime) -> CalendarLayout | None:
    """The day as a table; times in its zone. None for the sessions that have no time yet."""
    sessions = [session for item in day.items if has_time(session := item.session)]
    if day.date is None or not sessions:
        return None
    slots = [Slot(session.pk, session.updated, session.start, session.end) for session in sessions]
    kept = kept_cells(slots, zone=day.zone, usual_language=sessions[0].usual_language, with_room=True)
    window = bounds_of(day.event, day.date, day.zone)
    hours = tuple(window[0] + number * HOUR for number in range((window[1] - window[0]) // HOUR + 1))
    placed = tuple(RoomSlot(slot.pk, None, slot.start, slot.end) for slot in slots if slot.pk in kept)
    grid = grid_of(placed, (None,), window, hours)
    starred = {item.session.pk for item in day.items if item.starred}
    notes = {item.session.pk: _note(item) for item in day.items}
    return CalendarLayout(html_of(grid, kept, Seen(starred, notes, moment, day.zone)), grid.lanes)


def _note(item: Item) -> str:
    """What the cell says besides: how the session stands to the others, or if it was just unstarred, how to undo it."""
    if not item.starred:
        return get_template("agenda/_unstarred.html").render({"session": item.session})
    clashes = sum(overlap.clashes for overlap in item.overlapping)
    words = "backup choice" if item.in_case else f"overlaps {clashes} ★" if clashes else ""
    return format_html('<p class="overlap">{}</p>', words) if words else ""
