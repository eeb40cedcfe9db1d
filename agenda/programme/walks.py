"""How long it takes to walk from one room to another, and so when to leave."""

from __future__ import annotations

from django.db.models import Q

from agenda.models import Event, Walk
from database.prepared import Prepared

_minutes = Prepared(
    lambda one, other: Walk.objects.filter(Q(room=one, other=other) | Q(room=other, other=one)).values_list("minutes")
)


def walk(event: Event, start: int | None, end: int | None) -> int:
    """The minutes from one room (pk) to another: what an editor gave for the two, else the event's usual number.

    Nobody has to walk to the room that they are in; from a place that is not known (None), the usual number holds. One
    query at most.
    """
    if end is None or start == end:
        return 0
    given = _minutes.rows(start, end) if start is not None else []
    return next((int(minutes) for (minutes,) in given), event.walking_minutes)
