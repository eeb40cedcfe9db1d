"""What every page's header needs to know of the programme and of its reader's stars."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from agenda.models import Event
from agenda.stars.starred import starred_ids


def header(request: HttpRequest) -> dict[str, Any]:
    """The event of a page without one of its own, and how many stars; asked for only where the view did not say."""
    return {
        "current_event": SimpleLazyObject(lambda: Event.objects.current(timezone.now())),
        "star_count": SimpleLazyObject(lambda: _star_count(request)),
    }


def _star_count(request: HttpRequest) -> int:
    """0 where the request was refused before anybody looked who asks."""
    return len(starred_ids(request)) if hasattr(request, "user") else 0
