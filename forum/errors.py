"""The error pages that need a view."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import page_not_found

from accounts.limits import MINUTE
from accounts.models import User
from agenda.programme.access import deleted_event, is_deleted_meanwhile
from agenda.programme.way_back import way_back
from database.outages import is_outage


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or too old; it offers to repeat a star or its removal."""
    last_word = request.path.rpartition("/")[2]
    context = {
        "repeat": last_word if last_word in ("star", "unstar") else "",
        "next": request.POST.get("next", ""),
        "back": page_before(request),
    }
    return render(request, "403_csrf.html", context, status=403)


def too_often(request: HttpRequest, seconds: int = MINUTE) -> HttpResponse:
    """The page for one request too many, with the seconds until the next is answered.

    django-allauth shows it too, without `seconds`: the windows of its limits last a minute at most.
    """
    form_page = request.path if request.method == "POST" else "/"
    context = {"seconds": seconds, "minutes": -(-seconds // MINUTE), "back": page_before(request, form_page)}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def no_mail(request: HttpRequest) -> HttpResponse:
    """The page for a mail that a person waits for and that could not be sent."""
    return _in_a_few_minutes(request, "503_mail.html", request.path if request.method == "POST" else "/")


def no_answer_elsewhere(request: HttpRequest) -> HttpResponse:
    """The page for another site that somebody wants to log in with, and that is not there or does not answer."""
    return _in_a_few_minutes(request, "503_elsewhere.html", reverse("account_login"))


def _in_a_few_minutes(request: HttpRequest, template: str, otherwise: str) -> HttpResponse:
    """A 503 page with the way back to the page before, or `otherwise` if that is not known."""
    response = render(request, template, {"back": page_before(request, otherwise)}, status=503)
    response["Retry-After"] = str(5 * MINUTE)
    response["Cache-Control"] = "no-store"
    return response


def logged_in_meanwhile(request: HttpRequest) -> HttpResponse:
    """The page for a tap that came while the same browser logged in or out."""
    return render(request, "409.html", {"back": page_before(request)}, status=409)


def another_person(request: HttpRequest) -> HttpResponse:
    """The page for a tap on a page that was made for another person, or before a log-out."""
    back = way_back(request, reverse("agenda:agenda"))  # not the page before: an answer to a form cannot be opened
    return render(request, "409.html", {"back": back, "another_person": True}, status=409)


def account_deleted(request: HttpRequest) -> HttpResponse:
    """The page for what a device sent while its account was being deleted on another one."""
    response = render(request, "410.html", status=410)
    response["Cache-Control"] = "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what is not there. At all addresses of an event that was deleted, it says so, with 410."""
    slug = _event_slug(request)
    if slug and (gone := deleted_event(request, slug)):
        return render(request, "410_event.html", {"gone": gone}, status=410)
    return page_not_found(request, exception)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that cannot be read, or whose cookie session has ended before it was answered."""
    if isinstance(exception, SessionInterrupted):
        return account_deleted(request) if is_deleted(request) else logged_in_meanwhile(request)
    return unreadable()


def unreadable() -> HttpResponse:
    """The page for a request that cannot be read. It uses nothing of that request."""
    return HttpResponse(render_to_string("400.html"), status=400)


def is_deleted(request: HttpRequest) -> bool:
    """True if the account of this request has been deleted since the request began."""
    user = getattr(request, "user", None)
    return isinstance(user, User) and not User.objects.filter(pk=user.pk).exists()


def is_event_deleted(request: HttpRequest) -> bool:
    """True if the event of this address has been deleted since the request began."""
    slug = _event_slug(request)
    return slug is not None and is_deleted_meanwhile(request, slug)


def _event_slug(request: HttpRequest) -> str | None:
    match = request.resolver_match
    return match.kwargs.get("event_slug") if match else None


def broken(request: HttpRequest) -> HttpResponse:
    """The page for an error that nothing has caught, in a view or around it: 503 in an outage, else 500.

    An outage is also a row that is held for too long, or no connection left. A value that no database takes, one with a
    NUL in it, say, is 400. The page uses neither the request nor the database, as either may be what broke.
    """
    error = sys.exception()
    if is_outage(error):
        headers = {"Retry-After": str(MINUTE), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    status = 400 if isinstance(error, DataError) else 500
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


def too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=413)


def page_before(request: HttpRequest, otherwise: str = "/") -> str:
    """The address of this site's page that had the form, if the browser sends it; else `otherwise`."""
    referrer: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(referrer)
        # A browser takes what follows two slashes for another site.
        return parts._replace(scheme="", netloc="", path="/" + parts.path.lstrip("/\\")).geturl()
    return otherwise
