"""The walking times of an event, for its editors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from agenda.editing.walking import PairWalkForm, UsualWalkForm
from agenda.programme.access import event_to_edit_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def walking(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Shows how long it takes from room to room; a POST gives the usual minutes, or those of two rooms."""
    event = event_to_edit_or_404(request, event_slug)
    usual, pair = UsualWalkForm(event=event, initial={"minutes": event.walking_minutes}), PairWalkForm(event=event)
    if request.method != "POST":
        form: UsualWalkForm = usual
    elif "room" in request.POST:
        form = pair = PairWalkForm(request.POST, event=event)
    else:
        form = usual = UsualWalkForm(request.POST, event=event)
    if form.is_valid():
        form.save(by=request.user)
        messages.success(request, "Saved.")
        return redirect("agenda:edit-walking", event.slug)
    context = {"event": event, "usual": usual, "pair": pair, "walks": event.walks.select_related("room", "other")}
    return render(request, "agenda/edit/walking.html", context, status=422 if form.is_bound else 200)
