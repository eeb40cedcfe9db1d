"""The day board: rooms by hours of one day, for editors. What it sends goes to agenda/views/morning.py: move."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agenda.editing import board as boards
from agenda.editing.morning import day_asked
from agenda.notices.reach import starred_any, stars_of
from agenda.programme.access import event_to_edit_or_404


@require_safe
@never_cache
def board(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Shows the talks of a day by room: today while the event runs, else its first day, or the one in `day`."""
    event, now = event_to_edit_or_404(request, event_slug), timezone.now()
    found = boards.board(event, day_asked(event, request.GET.get("day", ""), now), now)
    context = {
        "event": event,
        "board": found,
        "desk": found.desk,
        "reach": starred_any(found.desk.talks.keys()),
        "stars": " ".join(f"{pk}:{count}" for pk, count in stars_of(found.sessions).items()),
        "clashing": " ".join(map(str, found.clashing)),
        "latest": event.batches.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/board.html", context)
