"""What every page's header needs to know of the programme."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from agenda.models import Event


def current_event(request: HttpRequest) -> dict[str, Any]:
    """The event that a page without one of its own links to; asked for only where it is shown."""
    return {"current_event": SimpleLazyObject(lambda: Event.objects.current(timezone.now()))}
