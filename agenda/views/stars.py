"""Star and unstar: two addresses, safe to repeat, with and without JavaScript."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.requests import HtmxHttpRequest
from agenda.programme.access import session_or_404
from agenda.programme.way_back import way_back
from agenda.stars.starred import starred_ids
from agenda.stars.starring import set_star


@require_POST
def star(request: HtmxHttpRequest, event_slug: str, slug: str) -> HttpResponse:
    return _set(request, event_slug, slug, starred=True)


@require_POST
def unstar(request: HtmxHttpRequest, event_slug: str, slug: str) -> HttpResponse:
    return _set(request, event_slug, slug, starred=False)


def _set(request: HtmxHttpRequest, event_slug: str, slug: str, *, starred: bool) -> HttpResponse:
    session = session_or_404(request, event_slug, slug)
    set_star(request, session, starred=starred)
    if request.htmx:
        context = {"session": session, "starred": starred, "star_count": len(starred_ids(request)), "swapped": True}
        response = render(request, "agenda/_star.html", context)
        response["HX-Trigger"] = "stars-changed"
        return response
    return HttpResponseRedirect(f"{way_back(request, session.get_absolute_url())}#s-{session.slug}")
