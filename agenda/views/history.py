"""What was done to the programme, by everybody: for editors, with what puts it back."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from agenda.editing.past_changes import BY_ITSELF, KINDS, batches, can_put_back, people, putting_back, revisions
from agenda.editing.refreshing import counts_in_words
from agenda.models import Batch, SessionRevision
from agenda.programme.access import event_to_edit_or_404
from agenda.programme.history import changes_in_words

A_PAGE = 50
MANY = "many"  # as a kind: batches, also those that changed no session


class RevisionRow(NamedTuple):
    revision: SessionRevision
    in_words: str
    can_put_back: bool


class WholeBatch(NamedTuple):
    batch: Batch
    in_words: str


@require_safe
@never_cache
def history(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    by, kind, q = (request.GET.get(name, "") for name in ("by", "kind", "q"))
    context: dict[str, Any] = {"event": event, "by": by, "kind": kind, "q": q, "query": _query(request)}
    number = request.GET.get("page")
    if kind == MANY:
        many = Paginator(batches(event, by=by), A_PAGE).get_page(number)
        context |= {"page": many, "batches": [WholeBatch(each, counts_in_words(each.counts)) for each in many]}
    else:
        page = Paginator(revisions(event, by=by, kind=kind, words=q), A_PAGE).get_page(number)
        rows = [RevisionRow(each, changes_in_words(each, event.zone), can_put_back(each)) for each in page]
        context |= {"page": page, "rows": rows}
    context |= {"people": [(str(each.pk), str(each)) for each in people(event)], "BY_ITSELF": BY_ITSELF}
    context["kinds"] = [*((name, words) for name, (words, _) in KINDS.items()), (MANY, "Many talks at once")]
    with timezone.override(event.zone):
        return render(request, "agenda/edit/history.html", context)


@require_POST
def put_back(request: SignedInRequest, event_slug: str, revision_id: int) -> HttpResponse:
    """Makes the plan that puts one change back, and goes to its review."""
    event = event_to_edit_or_404(request, event_slug)
    found = SessionRevision.objects.select_related("session").filter(session__event=event)
    revision = get_object_or_404(found, pk=revision_id)
    plan = putting_back(revision, by=request.user)
    return redirect("agenda:plan", event.slug, plan.pk)


def _query(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
