"""The pages for what went wrong, in the site's look and in plain words."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form that was too old to be trusted; a star or its removal can be confirmed and repeated."""
    last_word = request.path.rpartition("/")[2]
    context = {
        "repeat": last_word if last_word in ("star", "unstar") else "",
        "next": request.POST.get("next", ""),
        "back": page_before(request),
    }
    return render(request, "403_csrf.html", context, status=403)


def page_before(request: HttpRequest) -> str:
    """The page of this site that the form stood on, else the first page."""
    referrer: str = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure()):
        return urlsplit(referrer)._replace(scheme="", netloc="").geturl()
    return "/"
