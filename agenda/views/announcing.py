"""The announcements of an event: written, changed and ended by its editors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from agenda.editing.announcing import AnnouncementTextForm, end_now, first_values, save, version_of
from agenda.models import Announcement, Event
from agenda.programme.access import event_to_edit_or_404, own_row_or_gone

ENDED = 20  # announcements that are shown after their end
MEANWHILE = "Another editor changed it meanwhile; it says now: “{}” Save again to have it as it stands here."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def announcements(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Shows the announcements of the event, and the form for a new one; a POST makes it."""
    event = event_to_edit_or_404(request, event_slug)
    now = timezone.now()
    with timezone.override(event.zone):
        form = AnnouncementTextForm(request.POST or None, event=event, initial=first_values(event, now))
        if request.method == "POST" and form.is_valid():
            save(form, by=request.user)
            messages.success(request, "Announced.")
            return redirect("agenda:edit-announcements", event.slug)
        every = event.announcements.select_related("room", "made_by")
        context = {
            **{"event": event, "form": form, "moment": now},
            "running": every.running(now),
            "coming": every.filter(start__gt=now),
            "ended": every.filter(end__lte=now)[:ENDED],
        }
        status = 422 if form.is_bound else 200
        return render(request, "agenda/edit/announcements.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def announcement(request: SignedInRequest, event_slug: str, announcement_id: int) -> HttpResponse:
    """Shows the form of an announcement; a POST saves it, unless another editor changed it meanwhile."""
    event = event_to_edit_or_404(request, event_slug)
    found = _announcement_or_404(event, announcement_id)
    version, text = version_of(found), found.text
    with timezone.override(event.zone):
        form = AnnouncementTextForm(request.POST or None, event=event, instance=found)
        if request.method == "POST" and form.is_valid():
            if request.POST.get("was") == version or not form.has_changed():
                save(form, by=request.user)
                messages.success(request, "Saved.")
                return redirect("agenda:edit-announcements", event.slug)
            form.add_error(None, MEANWHILE.format(text))
        context = {"event": event, "form": form, "announcement": found, "was": version}
        return render(request, "agenda/edit/announcement.html", context, status=422 if form.is_bound else 200)


@require_POST
def announcement_end(request: SignedInRequest, event_slug: str, announcement_id: int) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    if found := own_row_or_gone(Announcement.objects.all(), event, announcement_id):
        found.event = event
        end_now(found, timezone.now(), by=request.user)
        messages.success(request, "It is shown no more. The history can put it back.")
    return redirect("agenda:edit-announcements", event.slug)


def _announcement_or_404(event: Event, pk: int) -> Announcement:
    found = get_object_or_404(Announcement.objects.select_related("room"), pk=pk, event=event)
    found.event = event
    return found
