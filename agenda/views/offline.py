"""What a phone keeps for when there is no network: the programme in one page, and the list of one's own stars."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.models import User
from accounts.same_person import mark_of
from agenda.models import Session
from agenda.programme import offline, zones
from agenda.programme.access import last_visited, public_event_or_404
from agenda.stars.replaying import Replayed, read_taps, replay, replay_of_visitor, said
from agenda.stars.starred import newest_line, starred_guids


@require_safe
def document(request: HttpRequest, event_slug: str) -> HttpResponse:
    """The whole public programme in one page, the same for everybody: no cookie is read, no clock either.

    `Programme` says when the event ends. It also tells the worker that the page is ours, and no Wi-Fi's log-in page.
    """
    event = public_event_or_404(event_slug)
    file = offline.document(event)
    is_zipped = "br" in request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")  # "br;q=0" says no
    tag = f'"{file.tag}-br"' if is_zipped else f'"{file.tag}"'
    unchanged = get_conditional_response(request, etag=tag)
    response: HttpResponse = unchanged or HttpResponse(file.zipped if is_zipped else file.plain)
    if is_zipped and not unchanged:
        response["Content-Encoding"] = "br"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["Programme"] = event.ends_on.isoformat()
    return response


@require_safe
@never_cache
def now(request: HttpRequest) -> HttpResponse:
    """Redirects to what is on now at the event that was last visited: a shortcut of the installed site."""
    event = last_visited(request)
    return redirect("agenda:now", event.slug) if event else redirect("agenda:home")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stars(request: HttpRequest) -> HttpResponse:
    """One's own stars as JSON, and the token for the next POST, which brings what was tapped without network."""
    answer: dict[str, object] = {}
    if request.method == "POST":
        moment = timezone.now()
        try:
            taps = read_taps(request.POST.get("taps", ""), moment)
        except (ValueError, RecursionError):
            return JsonResponse({}, status=400)
        limits.count(request, "star")
        limits.count_new_visitor(request)
        user = request.user
        replayed = replay(user, taps) if isinstance(user, User) else replay_of_visitor(request, taps)
        answer["said"] = _said(request, replayed)
    answer["version"] = newest_line(request)  # before the stars: a star that comes between must not be taken for known
    return JsonResponse(
        {**answer, "stars": starred_guids(request), "who": mark_of(request), "token": get_token(request)}
    )


def _said(request: HttpRequest, replayed: Replayed) -> str:
    """Notices of what was not done, as HTML; with each tap that another wish followed, a form to do it after all."""
    if not replayed.left and not replayed.gone:
        return ""
    found = Session.objects.filter(pk__in=[each.newest.session for each in replayed.left]).select_related("event")
    sessions = {session.pk: session for session in found.defer("abstract")}
    left = [
        (each.tap, session, said(each, zones.zone_for(request, session.event)))
        for each in replayed.left
        for session in [sessions[each.newest.session]]
    ]
    return render_to_string("agenda/_not_done.html", {"left": left, "gone": replayed.gone}, request)
