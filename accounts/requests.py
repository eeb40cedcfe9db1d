"""Requests as views receive them: what the middleware and the decorators have made sure of."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that has passed login_required."""

    user: User


class HtmxHttpRequest(HttpRequest):
    """A request that has passed HtmxMiddleware; `htmx` is true if htmx sent it."""

    htmx: HtmxDetails
