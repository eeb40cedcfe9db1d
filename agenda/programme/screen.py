"""What a screen in the lobby shows: the same to everybody, in the event's own zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agenda.models import Event
from agenda.programme import announcements
from agenda.programme.kept_sessions import kept_sessions
from agenda.programme.now import first_start, rooms_now
from agenda.programme.timetable import timetable_of


def screen_of(event: Event, asked: set[str], moment: datetime) -> dict[str, Any]:
    """The values that the template needs: what is on and follows in the rooms with these slugs, or (empty) in all."""
    shown = [each for each in timetable_of(event, None).sessions if not asked or each.room_slug in asked]
    rooms = rooms_now(event, shown, moment)
    talks = kept_sessions(event, (each.version for room in rooms for each in (*room.on, *room.following)))
    return {
        "event": event,
        "moment": moment,
        "rooms": [
            (room.name, [talks[each.pk] for each in (*room.on, *room.following) if each.pk in talks]) for room in rooms
        ],
        "first": first_start(rooms),
        "announced": announcements.running([event], moment),
    }
