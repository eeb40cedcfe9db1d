"""The page on which sessions are typed or pasted in, a line each."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from agenda.editing.adding import plan_to_add, typed_sessions
from agenda.editing.morning import day_to_open
from agenda.models import Event, Plan
from agenda.programme.access import event_to_edit_or_404

LONGEST = 200_000  # characters; longer ones are a file to import


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Shows the form. A POST makes a plan of the lines, and leads to its review."""
    event = event_to_edit_or_404(request, event_slug)
    text, problems, day = request.POST.get("lines", "")[:LONGEST], [], _day(request, event)
    if request.method == "POST":
        once = _once(request)
        if Plan.objects.filter(pk=once).exclude(event=event).exists():
            raise Http404
        typed = typed_sessions(text, day, event)
        if not typed.problems:
            plan = plan_to_add(typed.sessions, event, by=request.user, pk=once)
            return redirect("agenda:plan", event.slug, plan.pk)
        problems = typed.problems
    context = {
        **{"event": event, "text": text, "problems": problems, "day": day, "once": uuid4()},
        **{"rooms": event.rooms.all(), "tracks": event.tracks.all()},
    }
    return render(request, "agenda/edit/add.html", context, status=422 if problems else 200)


def _day(request: SignedInRequest, event: Event) -> date:
    try:
        asked = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return day_to_open(event, timezone.now())
    return asked if asked in event.days else day_to_open(event, timezone.now())


def _once(request: SignedInRequest) -> UUID:
    """The number that the form was given, so that it makes one plan however often it is sent."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return uuid4()
