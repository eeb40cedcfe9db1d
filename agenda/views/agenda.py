"""My agenda: all my stars by day, and which of two that overlap comes first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from accounts.models import User
from accounts.requests import HtmxHttpRequest
from agenda.calendars.sync_box import sync_box
from agenda.models import Event, Session, StarLog
from agenda.programme import announcements, rows, selection, zones
from agenda.programme import filters as filtering
from agenda.programme.access import event_or_404, last_visited, shows_programme
from agenda.programme.changes_seen import note_seen, seen_until
from agenda.programme.preview import now_of, preview_of
from agenda.stars import ranking
from agenda.stars.my_agenda import my_agenda, recently_taken
from agenda.stars.my_changes import my_changes
from agenda.stars.starred import starred_ids
from agenda.stars.unstarred import MOST_KEPT, guid_in, unstarred_in

PAGE = StarLog.Through.PAGE
SAID_BEFORE = timedelta(days=14)  # an event: when its attendees are told that the site can be installed


@require_safe
@never_cache
def agenda(request: HttpRequest) -> HttpResponse:
    """Shows the page. From the same answer htmx takes the part that depends on the stars."""
    return _page(request)


@require_POST
@never_cache
def rank(request: HtmxHttpRequest, first: UUID, other: UUID) -> HttpResponse:
    """Makes the session `first` the first choice, and the session `other` its backup choice."""
    return _change(
        request,
        first,
        lambda user, session: ranking.rank(user, _visible(request, other), in_case_of=session, through=PAGE),
    )


@require_POST
@never_cache
def unrank(request: HtmxHttpRequest, guid: UUID) -> HttpResponse:
    """Makes the session part of the plan, even if others that overlap it are."""
    return _change(request, guid, lambda user, session: ranking.unrank(user, session, through=PAGE))


@require_POST
@never_cache
def keep_in_case(request: HtmxHttpRequest, guid: UUID) -> HttpResponse:
    """Keeps the session a backup choice, although its first choice is gone."""
    return _change(request, guid, lambda user, session: ranking.keep_in_case(user, session, through=PAGE))


@require_POST
@never_cache
def choose(request: HtmxHttpRequest, box: int) -> HttpResponse:
    """Makes a talk of that box the first choice among those that overlap; with `all`, plans all of them.

    The page's one form sends all boxes, each field with the number of its own.
    """
    guids = [guid for text in request.POST.getlist(f"among-{box}")[:MOST_KEPT] if (guid := guid_in(text))]
    picked = None if "all" in request.POST else guid_in(request.POST.get(f"first-{box}", ""))
    if not guids or not (picked or "all" in request.POST):
        return _page(request, "Pick your first choice, then save it.")
    among = list(Session.objects.visible_to(request.user).filter(guid__in=guids).select_related("event"))
    first = _visible(request, picked) if picked else None
    return _change(
        request,
        picked or guids[0],
        lambda user, _: ranking.choose(user, among, first=first, through=PAGE),
    )


@require_POST
@never_cache
def seen(request: HtmxHttpRequest, event_slug: str) -> HttpResponse:
    """Puts away the changes that were made up to the moment `until`."""
    event = event_or_404(request, event_slug)
    with suppress(ValueError):
        until = datetime.fromisoformat(request.POST.get("until", ""))
        before = seen_until(request, event)
        if until.tzinfo and (before is None or before < until):
            note_seen(request, event, until)
    return _page(request) if request.htmx else HttpResponseRedirect(reverse("agenda:agenda"))


@require_safe
@never_cache
def free(request: HtmxHttpRequest, event_slug: str) -> HttpResponse:
    """The talks during a free time, but for those starred, as htmx unfolds them; else the programme at that time."""
    event = event_or_404(request, event_slug)
    filters, _ = filtering.read(request.GET, event, [], [])
    if not (shows_programme(event, request.user) and request.htmx and filters.since and filters.until):
        return HttpResponseRedirect(f"{event.get_absolute_url()}{filters.query()}")
    starred, zone = starred_ids(request), zones.zone_for(request, event)
    found, _ = selection.filtered(event, filters, request.user, starred)
    shown = [slot for slot in rows.with_time(found) if slot.pk not in starred]
    day = rows.heading_of(event, filters.since, zone)
    listed = rows.under(day, shown, starred=starred, zone=zone, usual_language=event.usual_language)
    return render(request, "agenda/_free_talks.html", {"day": listed})


def _change(request: HtmxHttpRequest, guid: UUID, change: Callable[[User, Session], None]) -> HttpResponse:
    """Makes the change and answers with the agenda: a redirect to the session's row, or for htmx the page itself."""
    if not isinstance(request.user, User):  # visitors get no such button: this person was logged out meanwhile
        login = redirect_to_login(reverse("agenda:agenda"))
        return HttpResponse(headers={"HX-Redirect": login.url}) if request.htmx else login
    session = _visible(request, guid)
    limits.count(request, "star")
    try:
        change(request.user, session)
    except ranking.CannotRank as problem:
        return _page(request, str(problem))
    return _page(request) if request.htmx else HttpResponseRedirect(f"{reverse('agenda:agenda')}#s-{session.slug}")


def _visible(request: HttpRequest, guid: UUID) -> Session:
    return get_object_or_404(Session.objects.visible_to(request.user), guid=guid)


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """The page. `problem` says what could not be done just now, and makes the status 422."""
    moment = now_of(request)
    own_zone = zones.own_zone(request)
    calendar = request.GET.get("view") == "calendar"
    mine = my_agenda(request, own_zone, moment, last_visited(request), unstarred_in(request), as_calendar=calendar)
    polled = next((day.event for day in mine.days if not day.event.has_ended(moment)), None)
    context = {
        "nav": "agenda",
        "address": reverse("agenda:agenda"),
        "problem": problem,
        "mine": mine,
        "calendar": calendar,
        "listed": mine.days_by_hours if calendar else mine.coming,
        "moment": moment,
        "preview": preview_of(request),
        "next_up": None if mine.card else mine.next_up(moment),
        "have_ended": mine.have_ended(moment),
        "star_count": len(mine.starred),
        "own_zone": own_zone,
        "card": mine.card,
        "today": date_format(moment.astimezone(mine.card.zone), "l, j F") if mine.card else "",
        "polled": polled,
        "version": mine.version_of(polled) if polled else None,
        "install": install_for(request, mine.events, moment),
        "my_changes": my_changes(request, mine.starred, own_zone),
        "announced": announcements.running(mine.events, moment),
        **(_own_context(request, request.user, moment, own_zone) if isinstance(request.user, User) else {}),
    }
    return render(request, "agenda/agenda.html", context, status=422 if problem else 200)


def install_for(request: HttpRequest, events: set[Event], moment: datetime) -> str:
    """How this browser may install the site, "ios" or "browser", if one of the events is on or begins soon.

    Empty otherwise, and if it was told to stop offering that.
    """
    soon = any(event.has_begun(moment + SAID_BEFORE) and not event.has_ended(moment) for event in events)
    if not (settings.OFFLINE and soon and "install" not in request.COOKIES):
        return ""
    agent = request.headers.get("User-Agent", "")
    return "ios" if any(device in agent for device in ("iPhone", "iPad", "iPod")) else "browser"


def _own_context(request: HttpRequest, user: User, moment: datetime, own_zone: ZoneInfo | None) -> dict[str, Any]:
    """What only a user with an account has: calendars, and the sessions recently deleted in one of them."""
    box = sync_box(user, own_zone, request.headers.get("User-Agent", ""))
    return {"taken": recently_taken(user, moment), **box}
