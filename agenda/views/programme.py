"""The programme: the event's page, a session's, the speakers', and what is on now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.limits import limited
from agenda.models import Event, Room, Session, Speaker, Track
from agenda.models.session import is_editor
from agenda.programme import filters as filtering
from agenda.programme import rows, zones
from agenda.programme.access import event_or_404, session_or_404
from agenda.programme.filters import Filters
from agenda.programme.prose import first_sentences, fold
from agenda.stars.starred import starred_ids
from database.prepared import Prepared

LONG_PROGRAMME = 200  # sessions; a longer one opens on one day, as nobody scrolls that far on a phone

_tracks = Prepared(lambda event: Track.objects.filter(event=event))
_rooms = Prepared(lambda event: Room.objects.filter(event=event))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the event that runs, else the next, else the last."""
    event = Event.objects.current(timezone.now())
    if event is None:
        return render(request, "agenda/no_event.html", {"nav": "programme"})
    query = request.META["QUERY_STRING"]  # a search sent from a page that knows no event
    return redirect(event.get_absolute_url() + (f"?{query}" if query else ""))


@require_safe
@limited("search", asked_by="q")
def programme(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_or_404(event_slug)
    tracks, rooms = _tracks.objects(event.pk), _rooms.objects(event.pk)
    filters, problems = filtering.read(request.GET, event, tracks, rooms)
    starred = starred_ids(request)
    if filters.by_day_alone and not is_editor(request.user):
        shown = rows.public_lines(event, filters.day)
    else:
        sessions = Session.objects.filter(event=event).visible_to(request.user)
        shown = rows.lines(filters.apply(sessions, event, starred))
    if filters.q:
        found = filtering.matching([line.version for line in shown], filters.q)
        shown = [line for line in shown if line.pk in found]
    open_day = filters.day
    if len(shown) > LONG_PROGRAMME and not (filters.day or filters.every_day or filters.narrow):
        open_day = day_to_open(event, timezone.now())
        start, end = event.day_bounds(open_day)
        shown = [line for line in shown if start <= line.start < end]
    zone = zones.zone_for(request, event)
    days = rows.days(event, shown, starred=starred, zone=zone, full=filters.full, with_breaks=not filters.narrow)
    return in_zone(
        request,
        "agenda/programme.html",
        event,
        starred,
        nav="programme",
        days=days,
        found=len(shown),
        filters=filters,
        problems=problems,
        chips=tuple(chips(filters, tracks, rooms)),
        day_links=tuple(day_links(event, filters, open_day)),
        calendar_query=filters.query(day=open_day, starred=False, full=False),
        headline=f"Programme of {event.name}, {event.place}. Star talks and have them in your phone’s calendar.",
    )


def day_to_open(event: Event, now: datetime) -> date:
    """Today while the event runs, else its first day."""
    today = event.day_of(now)
    return today if event.starts_on <= today <= event.ends_on else event.starts_on


def day_links(event: Event, filters: Filters, open_day: date | None) -> list[tuple[date | None, str, bool]]:
    """(day, address, whether it is the one shown) of each day of the event, and of all of them (None)."""
    links: list[tuple[date | None, str, bool]] = [
        (day, filters.query(day=day, every_day=False), day == open_day) for day in event.days
    ]
    return [*links, (None, filters.query(day=None, every_day=True), open_day is None)]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a pill: on, with the address that takes it off; or off, with the address or choices that set it."""

    label: str
    address: str = ""
    on: bool = False
    choices: tuple[tuple[str, str], ...] = ()


def chips(filters: Filters, tracks: list[Track], rooms: list[Room]) -> list[Chip]:
    """Every filter but the day; the active ones first say what they are and go with one tap."""
    found = [
        _menu(
            "Track",
            filters.track,
            [(track.name, filters.query(track=track)) for track in tracks],
            filters.query(track=None),
        ),
        _menu(
            "Room", filters.room, [(room.name, filters.query(room=room)) for room in rooms], filters.query(room=None)
        ),
        Chip("Slides", filters.query(slides=not filters.slides), filters.slides),
        Chip("★ Mine", filters.query(starred=not filters.starred), filters.starred),
        Chip("Full text", filters.query(full=not filters.full), filters.full),
    ]
    if filters.q:
        found.insert(0, Chip(f"“{filters.q}”", filters.query(q=""), on=True))
    return [chip for chip in found if chip.address or chip.choices]


def _menu(label: str, chosen: Track | Room | None, choices: list[tuple[str, str]], off: str) -> Chip:
    if chosen:
        return Chip(chosen.name, off, on=True)
    # A single choice needs no menu, unless it would leave everything as it is; then it is still worth a link.
    return Chip(choices[0][0], choices[0][1]) if len(choices) == 1 else Chip(label, choices=tuple(choices))


@require_safe
def session(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    found = session_or_404(request, event_slug, slug)
    starred = starred_ids(request)
    article = rows.article(
        found,
        unpublished=is_editor(request.user),
        zone=zones.zone_for(request, found.event),
        starred=found.pk in starred,
    )
    return in_zone(
        request,
        "agenda/session.html",
        found.event,
        starred,
        nav="programme",
        session=found,
        article=article,
        summary=first_sentences(found.abstract),
    )


@require_safe
@limited("search", asked_by="q")
def speakers(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_or_404(event_slug)
    visible = Session.objects.visible_to(request.user)
    found = list(
        Speaker.objects.filter(event=event, sessions__in=visible)
        .distinct()
        .prefetch_related(Prefetch("sessions", visible.in_order().select_related("event")))
    )
    q = " ".join(request.GET.get("q", "").split())[: filtering.LONGEST_SEARCH]
    words = fold(q).split()
    if words:
        texts = ((speaker, fold(f"{speaker.name}\n{speaker.role}\n{speaker.biography}")) for speaker in found)
        found = [speaker for speaker, text in texts if all(word in text for word in words)]
    found.sort(key=lambda speaker: fold(speaker.name))
    return in_zone(request, "agenda/speakers.html", event, starred_ids(request), nav="speakers", speakers=found, q=q)


@require_safe
def speaker(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    event = event_or_404(event_slug)
    found = get_object_or_404(Speaker, event=event, slug=slug)
    starred = starred_ids(request)
    shown = rows.lines(found.sessions.visible_to(request.user))
    if not shown and not is_editor(request.user):
        raise Http404  # known only from sessions that are not published: as unknown as those
    days = rows.days(event, shown, starred=starred, zone=zones.zone_for(request, event), full=False, with_breaks=False)
    return in_zone(request, "agenda/speaker.html", event, starred, nav="speakers", speaker=found, days=days)


@require_safe
def now(request: HttpRequest, event_slug: str) -> HttpResponse:
    """What is on at this moment and what comes next, for the corridor."""
    event = event_or_404(event_slug)
    moment = timezone.now()
    starred = starred_ids(request)
    coming = rows.lines(Session.objects.filter(event=event, end__gt=moment).visible_to(request.user).going_ahead())
    on = [line for line in coming if line.start <= moment]
    later = [line for line in coming if line.start > moment]
    following = [line for line in later if line.start == later[0].start]
    zone = zones.zone_for(request, event)
    return in_zone(
        request,
        "agenda/now.html",
        event,
        starred,
        nav="now",
        on=rows.days(event, on, starred=starred, zone=zone, full=False, with_breaks=False),
        following=rows.days(event, following, starred=starred, zone=zone, full=False, with_breaks=False),
        moment=moment,
    )


def in_zone(request: HttpRequest, template: str, event: Event, starred: set[int], **context: Any) -> HttpResponse:
    """The page with its times in the reader's zone, and what every programme page shows."""
    zone = zones.zone_for(request, event)
    moment = timezone.now()
    with timezone.override(zone):
        return render(
            request,
            template,
            {
                "event": event,
                "zone": zone,
                "own_zone": zones.own_zone(request),
                "noon": event.day_bounds(event.starts_on)[0] + timedelta(hours=8),
                "has_ended": event.has_ended(moment),
                "is_running": event.has_begun(moment) and not event.has_ended(moment),
                "starred": starred,
                "star_count": len(starred),
                **context,
            },
        )
