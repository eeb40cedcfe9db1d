"""This event, this session, if this person may see it; else 404, the same as for what does not exist."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from agenda.models import Event, Session


def event_or_404(slug: str) -> Event:
    event: Event = get_object_or_404(Event, slug=slug)
    return event


def session_or_404(request: HttpRequest, event_slug: str, slug: str, *, details: bool = False) -> Session:
    """The session with its event, room and track, or all its details; an unpublished one for editors only."""
    visible = Session.objects.visible_to(request.user)
    sessions = visible.with_details() if details else visible.select_related("event", "room", "track")
    session: Session = get_object_or_404(sessions, event__slug=event_slug, slug=slug)
    return session
