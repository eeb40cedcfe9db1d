"""Star and unstar: two addresses, safe to repeat, with and without JavaScript."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import limits
from accounts.models import User
from accounts.requests import HtmxHttpRequest
from agenda.models import Session, StarLog
from agenda.programme.access import session_or_404
from agenda.programme.way_back import way_back
from agenda.stars.ranking import star_again
from agenda.stars.starred import starred_ids
from agenda.stars.starring import OFFERED_AT, offers_sign_up, set_star
from agenda.stars.unstarred import UNSTARRED

AGAIN = "again"  # sent by the buttons that undo an unstarring


@require_POST
def star(request: HtmxHttpRequest, event_slug: str, slug: str) -> HttpResponse:
    return _set(request, event_slug, slug, starred=True)


@require_POST
def unstar(request: HtmxHttpRequest, event_slug: str, slug: str) -> HttpResponse:
    return _set(request, event_slug, slug, starred=False)


def _set(request: HtmxHttpRequest, event_slug: str, slug: str, *, starred: bool) -> HttpResponse:
    session = session_or_404(request, event_slug, slug)
    limits.count(request, "star")
    if starred:
        limits.count_new_visitor(request)
    try:
        if starred and AGAIN in request.POST and isinstance(request.user, User):
            star_again(request.user, session, through=StarLog.Through.PAGE)
        else:
            set_star(request, session, starred=starred)
    except IntegrityError as error:  # the session was deleted a moment ago
        raise Http404 from error
    offer = f"{OFFERED_AT} talks starred." if starred and offers_sign_up(request) else ""
    if request.htmx:
        context = {"session": session, "starred": starred, "star_count": len(starred_ids(request)), "swapped": True}
        context |= {"keeps_row": not starred and _is_in_my_agenda(request), "offer": offer}
        response = render(request, "agenda/_star.html", context)
        response["HX-Trigger"] = "stars-changed"
        return response
    if offer:
        messages.info(request, offer, extra_tags="offer")
    back = way_back(request, session.get_absolute_url())
    return HttpResponseRedirect(f"{back if starred else _keeping_the_row(back, session)}#s-{session.slug}")


def _keeping_the_row(back: str, session: Session) -> str:
    """The address to go back to; if it is my agenda, with this session among those that keep their row there."""
    path, _, query = back.partition("?")
    if path != reverse("agenda:agenda"):
        return back
    return f"{path}?{query}{'&' if query else ''}{urlencode({UNSTARRED: session.guid})}"


def _is_in_my_agenda(request: HttpRequest) -> bool:
    """True if htmx sent this from my agenda."""
    return urlsplit(request.headers.get("HX-Current-URL", "")).path == reverse("agenda:agenda")
