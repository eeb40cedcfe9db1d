"""The gate to events and sessions: what a person may not see is a 404, as if it did not exist."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from agenda.models import Event, GoneEvent, Material, Session, Speaker
from agenda.models.event import current
from agenda.models.session import is_editor, is_public, is_visible_to
from agenda.programme.announcements import with_announced_until
from agenda.programme.languages import note_languages, with_languages
from database.prepared import Prepared

M = TypeVar("M", bound=Model)

VISITED = "event"  # a cookie: the slug of the event whose pages were last read

_events = Prepared(lambda: with_announced_until(with_languages(Event.objects.all())))
_sessions = Prepared(lambda event, slug: Session.objects.filter(event=event, slug=slug))


def events_for(request: HttpRequest) -> list[Event]:
    """The events that this person may see, the latest first: editors see the hidden ones. One query a request."""
    if not hasattr(request, "all_events"):
        request.all_events = _events.objects()  # type: ignore[attr-defined]
    events: list[Event] = request.all_events  # type: ignore[attr-defined]
    user = getattr(request, "user", None)  # where a request is refused early, nobody knows who asks
    return [event for event in events if not event.is_hidden or is_editor(user, event)]


def event_or_404(request: HttpRequest, slug: str) -> Event:
    event = _found([event for event in events_for(request) if event.slug == slug])
    if shows_programme(event, getattr(request, "user", None)):
        note_languages([event])
    return event


def public_event_or_404(slug: str) -> Event:
    """The event if everybody may read its programme. No cookie is read: the answer is the same for all. One query."""
    return _found([event for event in _events.objects() if event.slug == slug and event.has_public_programme])


def deleted_event(request: HttpRequest, slug: str) -> GoneEvent | None:
    """The event that had this slug until it was deleted; None if this person may see one that has it now."""
    if any(event.slug == slug for event in events_for(request)):
        return None
    return GoneEvent.objects.filter(slug=slug).first()


def is_deleted_meanwhile(request: HttpRequest, slug: str) -> bool:
    """True if the event was there when the request began, and is gone; the request then knows it no more. One query."""
    known: list[Event] = getattr(request, "all_events", [])
    is_gone = any(event.slug == slug for event in known) and not Event.objects.filter(slug=slug).exists()
    if is_gone:
        request.all_events = [event for event in known if event.slug != slug]  # type: ignore[attr-defined]
    return is_gone


def event_to_edit_or_404(request: HttpRequest, slug: str) -> Event:
    """The event, for an editor; for everybody else there is no such page."""
    event = event_or_404(request, slug)
    if not is_editor(request.user, event):
        raise Http404
    return event


def own_row_or_gone(rows: QuerySet[M], event: Event, pk: int) -> M | None:
    """The row, which has an event, if it is of this one; None if it is gone: the request that ended it came twice."""
    row = rows.filter(pk=pk).first()
    if row is not None and row.event_id != event.pk:  # type: ignore[attr-defined]
        raise Http404
    return row


def shows_programme(event: Event, user: object) -> bool:
    """True if this person, who may see the event, may see its sessions."""
    return event.has_public_programme or is_editor(user, event)


def session_or_404(request: HttpRequest, event_slug: str, slug: str) -> Session:
    """The session with its event, if this person may see it; also by a slug that it had before."""
    event = event_or_404(request, event_slug)
    found = _sessions.objects(event.pk, slug) or list(Session.objects.once_called(event, slug))
    session = _found(found)
    session.event = event
    if not is_visible_to(session, request.user):
        raise Http404
    return session


def speaker_or_404(event: Event, slug: str) -> Speaker:
    """The speaker of that slug, or that had it before."""
    return _found(
        list(Speaker.objects.filter(event=event, slug=slug)) or list(Speaker.objects.once_called(event, slug))
    )


def is_for_editors_alone(file: str) -> bool:
    """True for a path below MEDIA_ROOT of a photo or material that no public session shows. One query at most."""
    if file.startswith("speakers/"):
        in_public = Exists(Session.objects.published().filter(speakers=OuterRef("pk")))
        return not Speaker.objects.filter(in_public, photo=file).exists()
    public = Material.objects.filter(is_public("session__"), file=file)
    return file.startswith("materials/") and not public.exists()


def event_of_file(file: str) -> int | None:
    """The event (its pk) of a photo or material at this path; None if there is none. Two queries at most."""
    photo = Speaker.objects.filter(photo=file).values_list("event", flat=True).first()
    return photo or Material.objects.filter(file=file).values_list("session__event", flat=True).first()


def last_visited(request: HttpRequest) -> Event | None:
    """The event whose pages were last read in this browser; else the current one that is public."""
    slug = request.COOKIES.get(VISITED)
    events = events_for(request)
    visited = next((event for event in events if event.slug == slug), None)
    return visited or current((event for event in events if not event.is_hidden), timezone.now())


def note_visit(request: HttpRequest, response: HttpResponse, event: Event) -> None:
    """Remembers the event in this browser, for the pages that belong to no event."""
    if last_visited(request) != event:
        response.set_cookie(VISITED, event.slug, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")


def _found(rows: list[M]) -> M:
    if not rows:
        raise Http404
    return rows[0]
