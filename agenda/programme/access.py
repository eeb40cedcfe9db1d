"""This event, this session, if this person may see it; else 404, the same as for what does not exist."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.http import Http404, HttpRequest

from agenda.models import Event, Session
from database.prepared import Prepared

M = TypeVar("M", bound=Model)


_events = Prepared(lambda slug: Event.objects.filter(slug=slug))
_sessions = Prepared(lambda event, slug: Session.objects.filter(event=event, slug=slug))


def event_or_404(slug: str) -> Event:
    return _found(_events.objects(slug))


def session_or_404(request: HttpRequest, event_slug: str, slug: str) -> Session:
    """The session with its event; an unpublished one for editors only."""
    event = event_or_404(event_slug)
    session = _found(_sessions.objects(event.pk, slug))
    if not session.is_visible_to(request.user):
        raise Http404
    session.event = event
    return session


def _found(rows: list[M]) -> M:
    if not rows:
        raise Http404
    return rows[0]
