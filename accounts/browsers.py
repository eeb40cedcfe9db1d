"""A random cookie for a browser that has no cookie session yet, from which its first session gets a key.

Two stars that a new visitor gives at the same moment need the same session, before there is one. The CSRF token would
tell that they come from one browser, but it stands in every page: a page that was saved or sent on must open nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

RANDOM_BYTES = 32
SHAPE = re.compile(r"[\w-]{43}", re.ASCII)  # of so many random bytes in secrets.token_urlsafe()


def browser_of(request: HttpRequest) -> str:
    """The random text in the browser's cookie; empty without one, or if it is not like one of ours."""
    text = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    return text if SHAPE.fullmatch(text) else ""


class BrowserMiddleware:
    """Gives the cookie along with a page that has a form, and takes it away once a session has begun."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = settings.BROWSER_COOKIE_NAME
        if request.session.session_key is not None:
            if name in request.COOKIES:
                response.delete_cookie(name, samesite="Lax")
        elif "CSRF_COOKIE_NEEDS_UPDATE" in request.META and not browser_of(request):
            response.set_cookie(
                name,
                secrets.token_urlsafe(RANDOM_BYTES),
                max_age=settings.CSRF_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
