"""The choices of a calendar's owner: CalendarKey.options, read and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from agenda.models import Session

CANCELLED = Session.Status.CANCELLED.value
ALARMS = (0, 5, 10, 15, 30)  # minutes before a session's start; 0: none


class Listed(Protocol):
    """What Options.holds() needs of a session, or of a row or record of one."""

    @property
    def status(self) -> str: ...

    @property
    def is_published(self) -> bool: ...

    @property
    def has_time(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a calendar shows. `events` are the pks of the events whose stars it shows; None: all, also later ones."""

    alarm: int = 0
    drops_cancelled: bool = False
    in_event_zone: bool = False
    events: frozenset[int] | None = None

    def stored(self) -> dict[str, Any]:
        """The options as CalendarKey.options has them: those that differ from the defaults."""
        chosen: dict[str, Any] = {}
        if self.alarm:
            chosen["alarm"] = self.alarm
        if self.drops_cancelled:
            chosen["cancelled"] = "drop"
        if self.in_event_zone:
            chosen["times"] = "zone"
        if self.events is not None:
            chosen["events"] = sorted(self.events)
        return chosen

    def shows(self, event_id: int) -> bool:
        """True if the calendar shows the stars of that event."""
        return self.events is None or event_id in self.events

    def holds(self, session: Listed) -> bool:
        """True if the session is in the calendar, given that its event is shown.

        False for an unpublished session, for one without a time, and for a cancelled one if `drops_cancelled`.
        """
        dropped = self.drops_cancelled and session.status == CANCELLED
        return bool(session.is_published and session.has_time) and not dropped  # SQLite has 0 and 1


def options_of(stored: dict[str, Any]) -> Options:
    """The options in CalendarKey.options."""
    events = stored.get("events")
    return Options(
        alarm=stored.get("alarm", 0),
        drops_cancelled=stored.get("cancelled") == "drop",
        in_event_zone=stored.get("times") == "zone",
        events=None if events is None else frozenset(events),
    )
