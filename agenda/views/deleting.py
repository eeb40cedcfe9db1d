"""The page that asks before an event is deleted: it says whom that hits."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agenda.editing.deleting import NotOver, delete_event, may_delete, why_not
from agenda.models import Event
from agenda.notices.losing import loss_of
from agenda.programme.access import event_to_edit_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def delete(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Deletes the event once its short name is typed in `name`. Sent twice, the second answer is 410, and says so."""
    event = event_to_edit_or_404(request, event_slug)
    if not may_delete(request.user):
        raise Http404
    if request.method != "POST":
        return _page(request, event)
    if request.POST.get("name", "").strip() != event.slug:
        return _page(request, event, problem=f"Nothing was deleted. To delete it, type its short name: {event.slug}")
    try:
        delete_event(event, timezone.now())
    except NotOver as sentence:
        return _page(request, event, problem=f"Nothing was deleted. {sentence}")
    messages.success(request, f"“{event}” is deleted.")
    return redirect("agenda:events")


def _page(request: HttpRequest, event: Event, *, problem: str = "") -> HttpResponse:
    context = {
        **{"event": event, "lost": loss_of(event), "problem": problem, "typed": request.POST.get("name", "")},
        "why_not": why_not(event, timezone.now()),
    }
    return render(request, "agenda/edit/delete.html", context, status=422 if problem else 200)
