"""What is stored about me: all of it to take along, and its end."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.erasing import erase
from accounts.freshness import fresh_sign_in_required
from accounts.models import CalendarKey, User
from agenda import my_data
from agenda.calendars.personal import PERSONAL_NAME
from agenda.formats.ical import CalendarRecord, vcalendar
from agenda.models import Session, SessionRevision, Star
from agenda.programme.vevents import vevents_of
from agenda.version_cache import Version


@require_safe
@login_required
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """One zip: data.json, what its fields mean, and the stars as a personal calendar has them."""
    user = cast(User, request.user)
    starred = Session.objects.published().filter(stars__user=user).in_order()
    versions = [Version(*values) for values in starred.values_list("pk", "updated")]
    site = request.build_absolute_uri("/")[:-1]
    calendar = CalendarRecord(name=PERSONAL_NAME, source=site + reverse("agenda:agenda"))
    response = HttpResponse(
        my_data.archive(user, vcalendar(calendar, vevents_of(versions, site).values())), content_type="application/zip"
    )
    response["Content-Disposition"] = 'attachment; filename="my-conference-agenda.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@fresh_sign_in_required
def delete(request: HttpRequest) -> HttpResponse:
    """Says what goes; a POST deletes it and logs out."""
    user = cast(User, request.user)
    if request.method == "POST":
        erase(user)
        logout(request)
        messages.success(request, "Your account is deleted, with all that was stored about you.")
        return redirect("agenda:home")
    context = {
        "nav": "account",
        "stars": Star.objects.filter(user=user).count(),
        "calendars": CalendarKey.objects.filter(user=user).active().count(),
        "edits": SessionRevision.objects.filter(by=user).count(),
        "log_entries": LogEntry.objects.filter(user=user).count(),
    }
    return render(request, "accounts/delete.html", context)
