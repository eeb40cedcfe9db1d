"""How many mails about changes are due, and for how long: what monitoring asks for."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import NamedTuple

from agenda.notices.due import Telling, tellings

PATIENCE = 2  # seconds; of very many, those that are found by then are told


class Waiting(NamedTuple):
    mails: int
    seconds: float  # for which the first of them is due; 0 if there is none


def waiting(now: datetime) -> Waiting:
    """The mails that a run of send_notices would send now, whether one comes or not."""
    ends, since = time.monotonic() + PATIENCE, list[datetime]()
    for telling in tellings(now):
        since.append(_due_since(telling))
        if time.monotonic() > ends:
            break
    return Waiting(len(since), (now - min(since)).total_seconds() if since else 0.0)


def _due_since(telling: Telling) -> datetime:
    """When its first change was made or, if that is later, when as many minutes were left as the person chose."""
    before = timedelta(minutes=telling.person.user.notice_minutes or 0)
    return min(
        max(change.pending[0].at, min(shown.start for shown in change.shown if shown.start) - before)
        for change in telling.changes
    )
