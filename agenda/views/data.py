"""Everything stored about a user: downloading it and deleting it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.erasing import erase
from accounts.models import CalendarKey
from accounts.reauthentication import recent_login_required
from accounts.requests import SignedInRequest
from agenda import my_data
from agenda.calendars.personal import personal_record
from agenda.formats.ical import vcalendar
from agenda.models import Session, SessionRevision, Star
from agenda.programme.vevents import vevents_of
from agenda.version_cache import Version


@require_safe
@login_required
@never_cache
def download(request: SignedInRequest) -> StreamingHttpResponse:
    """A zip file with data.json, a description of its fields, and the stars as a calendar file."""
    limits.count(request, "download")
    user = request.user
    starred = Session.objects.published().filter(stars__user=user).in_order()
    versions = [Version(*values) for values in starred.values_list("pk", "updated")]
    site = settings.SITE_URL
    calendar = vcalendar(personal_record(), vevents_of(versions, site).values())
    size, portions = my_data.archive(user, calendar)
    response = StreamingHttpResponse(portions, content_type="application/zip")
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = 'attachment; filename="my-conference-agenda.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@recent_login_required
def delete(request: SignedInRequest) -> HttpResponse:
    """Says what will be deleted. A POST deletes it and logs the user out."""
    user = request.user
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
