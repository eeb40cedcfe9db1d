"""Stars in other apps: handing them over, and bringing along what was chosen there."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from agenda.calendars import qr
from agenda.formats import star_list, table_file
from agenda.formats.giggity import opening
from agenda.models import Event, Session
from agenda.programme.access import last_visited
from agenda.programme.records import programme_records
from agenda.stars.starred import starred_ids
from agenda.stars.starring import set_stars
from agenda.stars.taking import MOST, recognised

MOST_HANDED_OVER = 100  # sessions of an event in one link: an address of some 3,000 characters
LONGEST_IN_QR = 700  # characters; a code of more is too fine for a camera
NOTHING_FOUND = "No talk was recognised in this. It takes guids, a calendar file (.ics) and EventFahrplan’s JSON."
TOO_MANY = f"This lists more than {MOST} talks. Bring them along in smaller parts."


@require_safe
@never_cache
def apps(request: HttpRequest) -> HttpResponse:
    """The page: a link that opens each event's stars in Giggity, files, and the form to bring stars along."""
    return _page(request)


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """The page. `problem` says what was wrong with what was brought along, and makes the status 422."""
    starred = starred_ids(request)
    by_event: dict[Event, list[UUID]] = {}
    told = Session.objects.filter(pk__in=starred).published().timed().going_ahead()  # those of schedule.xml
    for session in told.select_related("event").in_order():
        by_event.setdefault(session.event, []).append(session.guid)
    links = [(event, len(guids), _giggity(event, guids)) for event, guids in by_event.items()]
    visited = last_visited(request)
    links.sort(key=lambda link: link[0] != visited)
    code = links[0][2] if links else ""
    context = {
        "nav": "agenda",
        "star_count": len(starred),
        "links": links,
        "most": MOST_HANDED_OVER,
        "qr": qr.svg(code, "QR code of the link to Giggity") if 0 < len(code) <= LONGEST_IN_QR else "",
        "problem": problem,
    }
    return render(request, "agenda/star_apps.html", context, status=422 if problem else 200)


def _giggity(event: Event, guids: list[UUID]) -> str:
    schedule = settings.SITE_URL + reverse("agenda:schedule-xml", args=[event.slug])
    return opening(schedule, guids[:MOST_HANDED_OVER])


@require_safe
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    """All starred sessions as a table, the event in its first column."""
    starred = Session.objects.filter(pk__in=starred_ids(request)).visible_to(request.user)
    made = table_file.programme_csv(*programme_records(starred), with_event=True)
    response = HttpResponse(made, content_type=table_file.CSV_TYPE)
    response["Content-Disposition"] = 'attachment; filename="my-agenda.csv"'
    return response


@require_POST
@limits.limited("search")
@never_cache
def read(request: HttpRequest) -> HttpResponse:
    """Shows the sessions in the text or file that was sent; nothing is starred yet."""
    file = request.FILES.get("file")
    chosen = star_list.read(file.read() if file else request.POST.get("list", "").encode(errors="replace"))
    if not chosen or len(chosen) > MOST:
        return _page(request, TOO_MANY if chosen else NOTHING_FOUND)
    starred = starred_ids(request)
    brought = recognised(chosen, request.user)
    context = {
        "nav": "agenda",
        "star_count": len(starred),
        "new": [session for session in brought.sessions if session.pk not in starred],
        "had": [session for session in brought.sessions if session.pk in starred],
        "unknown": brought.unknown,
    }
    return render(request, "agenda/star_apps_found.html", context)


@require_POST
@never_cache
def star(request: HttpRequest) -> HttpResponse:
    """Stars the sessions with these guids, and goes to my agenda; safe to repeat."""
    chosen = star_list.read("\n".join(request.POST.getlist("guid")).encode(errors="replace"))[:MOST]
    sessions = recognised(chosen, request.user).sessions
    limits.count(request, "star")
    limits.count_new_visitor(request)
    try:
        count = set_stars(request, [session.pk for session in sessions])
    except IntegrityError as error:  # a session was deleted a moment ago
        raise Http404 from error
    messages.success(
        request, "One more talk is in your agenda." if count == 1 else f"{count} more talks are in your agenda."
    )
    return redirect("agenda:agenda")
