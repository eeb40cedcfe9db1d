"""Up to which change each reader has seen what changed: in the account, or in a visitor's cookie session."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from accounts.models import User
from agenda.models import Event
from database.outages import going_on

CHANGES_SEEN = "changes_seen"  # in request.session, as in User.changes_seen: event's slug → time in ISO 8601


def seen_until(request: HttpRequest, event: Event) -> datetime | None:
    """The moment of the newest change on the page when this reader last opened it; None if they never did."""
    text = _seen(request).get(event.slug)
    return datetime.fromisoformat(text) if text else None


def note_seen(request: HttpRequest, event: Event, latest: datetime | None) -> None:
    """Remembers that this reader has seen all changes up to this one. Writes only what is not remembered already.

    A visitor who has no cookie session gets none for that.
    """
    seen = _seen(request)
    if latest is None or seen.get(event.slug) == latest.isoformat():
        return
    noted = seen | {event.slug: latest.isoformat()}
    if isinstance(request.user, User):
        with going_on(without="noting which changes were seen"):
            User.objects.filter(pk=request.user.pk).update(changes_seen=noted)
            request.user.changes_seen = noted
    elif request.session.session_key:
        request.session[CHANGES_SEEN] = noted


def take_over_visitor_seen(request: HttpRequest, user: User) -> None:
    """Keeps in the account what was seen before the login."""
    before: dict[str, str] = request.session.pop(CHANGES_SEEN, {})
    newer = {slug: at for slug, at in before.items() if at > user.changes_seen.get(slug, "")}
    if newer:
        User.objects.filter(pk=user.pk).update(changes_seen=user.changes_seen | newer)


def _seen(request: HttpRequest) -> dict[str, str]:
    found: dict[str, str] = (
        request.user.changes_seen if isinstance(request.user, User) else request.session.get(CHANGES_SEEN, {})
    )
    return found
