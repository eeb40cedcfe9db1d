"""What every page's header needs to know of the programme and of its reader's stars."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from agenda.programme.access import last_visited
from agenda.stars.my_events import switch
from agenda.stars.starred import starred_ids


def header(request: HttpRequest) -> dict[str, Any]:
    """The event, the other events and the number of the reader's stars for the page's header.

    Each is looked up only when the page uses it and the view has not given it.
    """
    visited: Any = SimpleLazyObject(lambda: last_visited(request))
    # Where a request is refused early, the user is not known yet.
    starred: Any = SimpleLazyObject(lambda: starred_ids(request) if hasattr(request, "user") else set())
    return {
        "current_event": visited,
        "switch": SimpleLazyObject(lambda: switch(request, visited, starred)),
        "star_count": SimpleLazyObject(lambda: len(starred)),
    }
