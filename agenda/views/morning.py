"""The pages for an editor on foot: a day by room, the sheet of a talk, all talks of a room; and what they send."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from agenda.editing.asked import CannotBeMoved, asked, seen_in
from agenda.editing.desk import Desk, TimedTalk, desk
from agenda.editing.morning import Words, day_to_open, later_choices, morning, room_choices
from agenda.editing.moves import MovedMeanwhile, gather
from agenda.models import Event, Room
from agenda.notices.reach import Reach, reach
from agenda.programme.access import event_to_edit_or_404
from agenda.programme.way_back import way_back

MEANWHILE = "Something was changed meanwhile, or this was sent twice. This is how it is now: look, and move it again."


@require_safe
@never_cache
def day(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Shows a day by room: today while the event runs, else its first day, or the one in `day`."""
    event = event_to_edit_or_404(request, event_slug)
    found, now = desk(event), timezone.now()
    reaching = reach(found.proposal, now)
    q, room = request.GET.get("q", ""), request.GET.get("room", "")
    words = Words(event, reaching.stars, now)
    context = {"morning": morning(found, _day(request, event, now), words, q=q, room=room), "q": q, "room": room}
    return _rendered(request, "agenda/edit/morning.html", found, reaching, context)


@require_safe
@never_cache
def talk(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    """Shows the sheet of a talk: all that can be done with it, and what comes of what was done."""
    event = event_to_edit_or_404(request, event_slug)
    found, now = desk(event), timezone.now()
    chosen = next((talk for talk in found.talks.values() if talk.session.slug == slug), None)
    if chosen is None:
        raise Http404
    reaching = reach(found.proposal, now)
    day = event.day_of(chosen.start) if isinstance(chosen, TimedTalk) else day_to_open(event, now)
    beside = [other for other in found.on_day(day) if other.pk != chosen.pk]
    kept_back = [other for other in found.talks.values() if not other.values["is_published"] and other.pk != chosen.pk]
    context = {
        "talk": chosen,
        "day": day,
        "row": Words(event, reaching.stars, now).row(chosen),
        "later": later_choices(chosen, event.zone),
        "following": len(found.following(chosen)),
        "rooms": room_choices(found, [chosen], event.zone),
        "double_bookings": found.double_bookings([chosen]),
        "to_swap": [other for other in beside if other.takes_place],
        "to_replace": [*kept_back, *(other for other in beside if other.takes_place)],
        "replacement": found.talks.get(chosen.values["replaced_by"]),
    }
    return _rendered(request, "agenda/edit/talk.html", found, reaching, context)


@require_safe
@never_cache
def room(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    """Shows the talks of a room that remain on a day, all ticked, and the rooms that they can move to."""
    event = event_to_edit_or_404(request, event_slug)
    row = get_object_or_404(Room, event=event, slug=slug)
    found, now = desk(event), timezone.now()
    day = _day(request, event, now)
    talks = [talk for talk in found.on_day(day) if talk.room == row.name and talk.takes_place]
    remaining = [talk for talk in talks if talk.end > now] or talks
    reaching = reach(found.proposal, now)
    words = Words(event, reaching.stars, now)
    context = {
        "row": row,
        "day": day,
        "rows": [words.row(talk) for talk in remaining],
        "rooms": room_choices(found, remaining, event.zone) if remaining else [],
    }
    return _rendered(request, "agenda/edit/room.html", found, reaching, context)


@require_POST
def move(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Adds the move that the form asks for to the plan; then shows its review, or the page that the form was on."""
    event = event_to_edit_or_404(request, event_slug)
    ticks = request.POST.getlist("talk")
    seen = seen_in([*ticks, request.POST.get("other", "")])
    back = way_back(request, reverse("agenda:morning", args=[event.slug]))
    try:
        plan = gather(event, asked(request.POST.dict(), list(seen_in(ticks))), seen=seen, by=request.user)
    except CannotBeMoved as problem:
        messages.error(request, str(problem))
    except MovedMeanwhile:
        messages.warning(request, MEANWHILE)
    else:
        if plan and request.POST.get("then") == "review":
            return redirect("agenda:plan", event.slug, plan.pk)
    return HttpResponseRedirect(back)


def _day(request: HttpRequest, event: Event, now: datetime) -> date:
    try:
        asked_for = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return day_to_open(event, now)
    return asked_for if asked_for in event.days else day_to_open(event, now)


def _rendered(
    request: HttpRequest, template: str, found: Desk, reaching: Reach, context: dict[str, Any]
) -> HttpResponse:
    shared = {"event": found.event, "desk": found, "reach": reaching, "moment": timezone.now()}
    with timezone.override(found.event.zone):
        return render(request, template, shared | context)
