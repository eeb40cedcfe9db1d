"""Finds the bylines that name a speaker, and changes the name in all of them."""

from __future__ import annotations

import re

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Event, Session


def bylines_naming(name: str, event: Event) -> list[Session]:
    """The event's sessions whose byline contains this name; "Al" is not in "Alice". One query."""
    sessions = Session.objects.filter(event=event).exclude(byline="").select_related("event").in_order()
    return [session for session in sessions if _whole(name).search(session.byline)]


def renamed(session: Session, old: str, new: str) -> str:
    """The session's byline with the new name for the old one."""
    return _whole(old).sub(lambda _: new, session.byline)


def rename_in_bylines(event: Event, old: str, new: str, *, by: User) -> int:
    """Writes the new name for the old one, as one recorded edit. Returns how many bylines were changed."""
    naming = [session.pk for session in bylines_naming(old, event)]
    with recording(naming, by=by) as edit:
        for session in Session.objects.filter(pk__in=naming):
            session.byline = renamed(session, old, new)
            edit.change(session, ["byline"])
    return len(naming)


def _whole(name: str) -> re.Pattern[str]:
    """A pattern for the name as whole words: no letter, digit or underscore stands right before or after it."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
