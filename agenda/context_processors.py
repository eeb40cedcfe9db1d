"""What every page's header needs to know of the programme and of its reader's stars."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from agenda.models import Event
from agenda.stars.starred import starred_ids


def header(request: HttpRequest) -> dict[str, Any]:
    """The event and the number of the reader's stars for the page's header, looked up only if the view gave none."""
    return {
        "current_event": SimpleLazyObject(lambda: Event.objects.current(timezone.now())),
        "star_count": SimpleLazyObject(lambda: _star_count(request)),
    }


def _star_count(request: HttpRequest) -> int:
    """0 where the request was refused before anybody looked who asks."""
    return len(starred_ids(request)) if hasattr(request, "user") else 0
