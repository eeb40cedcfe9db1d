"""The view in which a reader sees programmes: the list, full texts or the grid. It stays as it was last chosen."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from agenda.programme.filters import LIST, VIEWS, Filters

CHOSEN_VIEW = "view"  # a cookie


def view_of(request: HttpRequest, filters: Filters) -> str:
    """The view that the address asks for, else the one chosen last in this browser, else the list."""
    remembered = request.COOKIES.get(CHOSEN_VIEW, "")
    return filters.view or (remembered if remembered in VIEWS else LIST)


def remember_view(request: HttpRequest, response: HttpResponse, view: str) -> None:
    """Keeps the view in this browser as long as a visitor's stars."""
    if request.COOKIES.get(CHOSEN_VIEW, LIST) != view:
        response.set_cookie(
            CHOSEN_VIEW,
            view,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
