"""The pages for what went wrong, in the site's look and in plain words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form that was too old to be trusted; what it would have done can be confirmed and repeated."""
    return render(request, "403_csrf.html", status=403)
