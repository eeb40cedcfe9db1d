"""The gate to events and sessions: what a person may not see is a 404, as if it did not exist."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.http import Http404, HttpRequest

from agenda.models import Event, Session
from agenda.models.session import is_visible_to
from agenda.programme.languages import with_languages
from database.prepared import Prepared

M = TypeVar("M", bound=Model)


_events = Prepared(lambda slug: with_languages(Event.objects.filter(slug=slug)))
_sessions = Prepared(lambda event, slug: Session.objects.filter(event=event, slug=slug))


def event_or_404(slug: str) -> Event:
    return _found(_events.objects(slug))


def session_or_404(request: HttpRequest, event_slug: str, slug: str) -> Session:
    """The session with its event, if this person may see it."""
    event = event_or_404(event_slug)
    session = _found(_sessions.objects(event.pk, slug))
    if not is_visible_to(session, request.user):
        raise Http404
    session.event = event
    return session


def _found(rows: list[M]) -> M:
    if not rows:
        raise Http404
    return rows[0]
