"""What was done to the programme, by everybody: for editors, with what puts it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from agenda.editing import rows_back, timeline
from agenda.editing.past_changes import BY_ITSELF, people, putting_back
from agenda.models import RowRevision, SessionRevision
from agenda.programme.access import event_to_edit_or_404
from agenda.programme.way_back import way_back

A_PAGE = 50


@require_safe
@never_cache
def history(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    by, kind, q = (request.GET.get(name, "") for name in ("by", "kind", "q"))
    found = timeline.entries(event, by=by, kind=kind, words=q)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        **{"event": event, "by": by, "kind": kind, "q": q, "query": _query(request), "page": page},
        "lines": timeline.lines(event, page),
        "people": [(str(each.pk), str(each)) for each in people(event)],
        "BY_ITSELF": BY_ITSELF,
        "kinds": timeline.every_kind(),
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/history.html", context)


@require_POST
def put_back(request: SignedInRequest, event_slug: str, revision_id: int) -> HttpResponse:
    """Makes the plan that puts one change of a session back, and goes to its review."""
    event = event_to_edit_or_404(request, event_slug)
    found = SessionRevision.objects.select_related("session").filter(session__event=event)
    revision = get_object_or_404(found, pk=revision_id)
    plan = putting_back(revision, by=request.user)
    return redirect("agenda:plan", event.slug, plan.pk)


@require_POST
def put_row_back(request: SignedInRequest, event_slug: str, row_revision_id: int) -> HttpResponse:
    """Puts a change of a row that is not a session back, at once."""
    event = event_to_edit_or_404(request, event_slug)
    revision = get_object_or_404(RowRevision, pk=row_revision_id, event=event)
    try:
        rows_back.put_back(revision, by=request.user)
    except rows_back.CannotBePutBack as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"“{revision.name}” is as it was. That is a change, too, and can be put back.")
    return HttpResponseRedirect(way_back(request, reverse("agenda:history", args=[event.slug])))


def _query(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
