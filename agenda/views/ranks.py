"""Which of two overlapping stars comes first: three addresses, safe to repeat, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import HtmxHttpRequest
from agenda.models import Session, StarLog
from agenda.stars import ranking
from agenda.views.agenda import page

PAGE = StarLog.Through.PAGE


@require_POST
@never_cache
def rank(request: HtmxHttpRequest, first: UUID, other: UUID) -> HttpResponse:
    """The first is the plan, the other in case."""
    return _change(
        request,
        first,
        lambda user, session: ranking.rank(user, _visible(request, other), in_case_of=session, through=PAGE),
    )


@require_POST
@never_cache
def unrank(request: HtmxHttpRequest, guid: UUID) -> HttpResponse:
    """It is in the plan, whatever else is."""
    return _change(request, guid, lambda user, session: ranking.unrank(user, session, through=PAGE))


@require_POST
@never_cache
def keep_in_case(request: HtmxHttpRequest, guid: UUID) -> HttpResponse:
    """It stays a second choice, though its first choice is gone."""
    return _change(request, guid, lambda user, session: ranking.keep_in_case(user, session, through=PAGE))


def _change(request: HtmxHttpRequest, guid: UUID, change: Callable[[User, Session], None]) -> HttpResponse:
    """Answers with the agenda at that session's row; htmx takes the part that follows the stars out of the page."""
    if not isinstance(request.user, User):  # visitors get no such button: somebody was logged out meanwhile
        login = redirect_to_login(reverse("agenda:agenda"))
        return HttpResponse(headers={"HX-Redirect": login.url}) if request.htmx else login
    session = _visible(request, guid)
    try:
        change(request.user, session)
    except ranking.CannotRank as problem:
        return page(request, str(problem))
    return page(request) if request.htmx else HttpResponseRedirect(f"{reverse('agenda:agenda')}#s-{session.slug}")


def _visible(request: HttpRequest, guid: UUID) -> Session:
    return get_object_or_404(Session.objects.visible_to(request.user), guid=guid)
