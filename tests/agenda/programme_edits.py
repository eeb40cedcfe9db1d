"""Edits of the programme as an editor's forms make them, for tests of what they tell."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Session


def edit(*sessions: Session, by: User | None = None, reason: str = "", **values: object) -> None:
    """Gives these values to the sessions in one edit, and reads them again; the reason is for editors."""
    with recording([session.pk for session in sessions], by=by, note=reason) as recorded:
        recorded.change_all(**values)
    for session in sessions:
        session.refresh_from_db()


def later(session: Session, minutes: int = 15) -> dict[str, object]:
    """The values that move the session by so many minutes."""
    by = timedelta(minutes=minutes)
    return {"start": session.start + by, "end": session.end + by}
