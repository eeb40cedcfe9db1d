"""Where my agenda is synced to: the calendars' keys, made, renamed and revoked."""

from __future__ import annotations

import secrets
from typing import Any, TypeAlias, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from accounts.models import CalendarKey, User
from agenda import qr
from agenda.clients import client_name
from agenda.models import Star
from agenda.places import BY_SLUG, PLACES, links
from agenda.views.feeds import PERSONAL_NAME

LONGEST_NAME = 60  # characters of a calendar's name, as CalendarKey.name holds them
Keys: TypeAlias = list[tuple[CalendarKey, str]]


def keys_of(user: User) -> Keys:
    """The calendars this person's stars go to, each with the name of the program that last fetched it."""
    keys = CalendarKey.objects.filter(user=user).active().feeds()
    return [(key, client_name(key.last_client)) for key in keys]


def sync_context(user: User) -> dict[str, Any]:
    """What the box "On your phone and calendar" shows; `once` makes a doubled tap the same key."""
    return {"places": PLACES, "keys": keys_of(user), "once": secrets.token_urlsafe(16)}


@require_safe
@login_required
@never_cache
def calendars(request: HttpRequest) -> HttpResponse:
    return _page(request, cast(User, request.user))


@require_POST
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Makes a key named after its place and shows its address, this once."""
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("agenda:calendars"))
    place = BY_SLUG.get(request.POST.get("place", ""))
    if place is None:
        return _page(request, request.user, problem="Choose where your agenda should go: one of the places below.")
    limits.count(request, "new calendar")
    once = request.POST.get("once", "")[:80] or secrets.token_urlsafe(16)
    made, key = CalendarKey.objects.issue(request.user, name=place.name, once=f"{place.slug}:{once}")
    if made.revoked:  # an old form, sent once more: that address stays closed
        made, key = CalendarKey.objects.issue(request.user, name=place.name, once=secrets.token_urlsafe(16))
    address = request.build_absolute_uri(reverse("agenda:feed", args=[key]))
    context = {
        "nav": "agenda",
        "place": place,
        "key": made,
        "address": address,
        "links": links(place, address, PERSONAL_NAME),
        "qr": qr.svg("webcal:" + address.partition(":")[2]),
        "star_count": Star.objects.filter(user=request.user).count(),
    }
    response = render(request, "agenda/calendar_added.html", context)
    # The page holds the secret: no way off it may carry anything of it along.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@login_required
def rename(request: HttpRequest, key_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    key = get_object_or_404(CalendarKey.objects.active(), pk=key_id, user=user)
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        return _page(
            request, user, problem=f"A calendar's name has 1 to {LONGEST_NAME} characters; yours has {len(name)}."
        )
    CalendarKey.objects.filter(pk=key.pk).update(name=name)
    messages.success(request, f"Renamed to “{name}”.")
    return redirect("agenda:calendars")


@require_POST
@login_required
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Closes the address at once; closing it again changes nothing."""
    key = get_object_or_404(CalendarKey, pk=key_id, user=cast(User, request.user))
    if CalendarKey.objects.filter(pk=key.pk, revoked=None).update(revoked=timezone.now()):
        messages.success(
            request,
            f"“{key.name}” gets nothing any more. What it has already shown stays there until you remove it there.",
        )
    return redirect("agenda:calendars")


def _page(request: HttpRequest, user: User, problem: str = "") -> HttpResponse:
    context = {
        "nav": "agenda",
        "problem": problem,
        "star_count": Star.objects.filter(user=user).count(),
        **sync_context(user),
    }
    return render(request, "agenda/calendars.html", context, status=422 if problem else 200)
