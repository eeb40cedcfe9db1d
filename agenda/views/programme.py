"""The programme: the event's page, a session's, the speakers', and what is on now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.views.decorators.http import require_safe

from accounts.limits import limited
from agenda.calendars.app_files import files_of
from agenda.models import Announcement, Event, Room, Session, Speaker
from agenda.models.event import current
from agenda.models.session import is_editor
from agenda.notices.reach import last_reached
from agenda.programme import announcements, rows, selection, zones
from agenda.programme import filters as filtering
from agenda.programme.access import (
    event_or_404,
    events_for,
    last_visited,
    note_visit,
    session_or_404,
    shows_programme,
    speaker_or_404,
)
from agenda.programme.cells import GridDay, grid_days
from agenda.programme.changes_seen import note_seen, seen_until
from agenda.programme.chips import filter_bar
from agenda.programme.chosen_view import remember_view, view_of
from agenda.programme.hours import LineFacts, ListedDay, ProgrammeList
from agenda.programme.languages import languages_asked, languages_of
from agenda.programme.now import first_start, room_rows, rooms_now
from agenda.programme.preview import as_it_was, now_of, preview_of, reader_of
from agenda.programme.prose import first_sentences
from agenda.programme.screen import screen_of
from agenda.programme.timetable import Timetable, timetable_of, version_of
from agenda.programme.what_changed import what_changed
from agenda.stars.card import card_for
from agenda.stars.my_events import my_events, offered, switch
from agenda.stars.starred import starred_ids


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Redirects to the event that is running, else to the next, else to the last; without any, a page says so."""
    event = current((event for event in events_for(request) if not event.is_hidden), timezone.now())
    if event is None:
        return render(request, "agenda/no_event.html", {"nav": "programme"})
    return redirect(_with_query(request, event))  # a search from a page that belongs to no event


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Shows all events that this person may see, with how many of their talks are starred."""
    starred = starred_ids(request)
    found = my_events(request, starred)
    context = {
        "nav": "events",
        "star_count": len(starred),
        "switch": offered(found, last_visited(request)),
        "may_import": is_editor(request.user),
        "groups": [
            ("On now", [each for each in found if each.is_on and not each.is_past]),
            ("To come", [each for each in found if not each.is_on and not each.is_past]),
            ("Past", [each for each in found if each.is_past]),
        ],
    }
    return render(request, "agenda/events.html", context)


@require_safe
@limited("search", asked_by="q")
def programme(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_or_404(request, event_slug)
    if not shows_programme(event, request.user):
        return _announced(request, event, nav="programme")
    tracks, rooms, languages = filtering.tracks_of(event), filtering.rooms_of(event), languages_of(event)
    filters, problems = filtering.read(request.GET, event, tracks, rooms, languages_asked(event))
    preview = preview_of(request)
    filters = replace(filters, at=preview.moment if preview else None)
    starred, reader = starred_ids(request), reader_of(request, event)
    found, total = selection.filtered(event, filters, reader, starred)
    open_day, shown = selection.opened(event, filters, found, total, now_of(request))
    window, zone, view = filters.window(event, open_day), zones.zone_for(request, event), view_of(request, filters)
    listing = ProgrammeList(
        event=event,
        zone=zone,
        starred=starred,
        moment=now_of(request),
        facts=LineFacts(track=len(tracks) > 1, room=len(rooms) > 1),
        folds=not filters.narrow,
        with_breaks=filters.by_day_alone,
        window=window,
    )
    response = in_zone(
        request,
        "agenda/programme.html",
        event,
        starred,
        nav="programme",
        may_edit=is_editor(reader, event),
        view=view,
        **_listed(view, listing, filters, shown, rooms, open_day),
        # A grid and a day that was opened unasked have no place for these; the whole list has.
        apart=len(found) - len(rows.with_time(found)) if view == filtering.GRID or open_day else 0,
        whole_list=filters.query(every_day=True, view=filtering.LIST),
        **_live(request, event, starred),
        filters=filters,
        problems=problems,
        total=total,
        bar=filter_bar(event, filters, open_day, {"track": tracks, "room": rooms, "language": languages}, zone, view),
        calendar_query=filters.query(day=open_day, starred=False, view="", at=None),
        announced=_announced_now(request, event, filters.day),
        headline=f"Programme of {event.name}, {event.place}. Star talks and have them in your phone’s calendar.",
    )
    if not preview:
        remember_view(request, response, view)
    return response


def _listed(
    view: str,
    listing: ProgrammeList,
    filters: filtering.Filters,
    shown: list[rows.ListedSession],
    rooms: list[Room],
    open_day: date | None,
) -> dict[str, Any]:
    """The rows of the sessions, and how many there are. Of a long day, a part that is not over."""
    is_long = view != filtering.GRID and not (filters.any or filters.every_day)
    part = selection.opened_part(shown, listing.moment) if is_long else shown
    days = _days(view, listing, part, rooms)
    return {
        "days": days,
        "untimed": listing.without_time(part) if view == filtering.LIST else "",
        "has_now": any(hour.is_now for day in days if isinstance(day, ListedDay) for hour in day.hours),
        "moments": [max(slot.start, listing.window[0]) for slot in rows.with_time(part)] or None,
        "whole_day": filters.query(day=open_day) if len(part) < len(shown) else "",
        "found": len(shown),
        "in_calendar": len(rows.with_time(shown)),
    }


def _days(
    view: str, listing: ProgrammeList, shown: list[rows.ListedSession], rooms: list[Room]
) -> Sequence[ListedDay | GridDay | rows.ProgrammeDay]:
    """The sessions as the view shows them; in full, each row has its own times."""
    if view == filtering.LIST:
        return listing.days(rows.with_time(shown))
    if view == filtering.GRID:
        return grid_days(listing, rows.with_time(shown), rooms)
    return rows.days(
        listing.event,
        shown,
        starred=listing.starred,
        zone=listing.zone,
        full=True,
        with_breaks=listing.with_breaks,
        window=listing.window,
    )


@require_safe
def session(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    found = session_or_404(request, event_slug, slug)
    if found.slug != slug:
        return redirect(_with_query(request, found), permanent=True)
    starred, zone = starred_ids(request), zones.zone_for(request, found.event)
    may_edit = is_editor(request.user, found.event)
    article = rows.article(found, unpublished=may_edit, zone=zone, starred=found.pk in starred)
    return in_zone(
        request,
        "agenda/session.html",
        found.event,
        starred,
        nav="programme",
        session=found,
        moments=[found.start] if found.start else None,
        article=article,
        meanwhile=ProgrammeList(
            event=found.event,
            zone=zone,
            starred=starred,
            moment=now_of(request),
            facts=LineFacts(track=True, room=True),
        ).rows(article.meanwhile),
        announced=[each for each in _announced_now(request, found.event) if each.is_about(found)],
        summary=first_sentences(found.abstract),
        may_edit=may_edit,
        reached=last_reached(found, now_of(request)) if may_edit else None,
    )


@require_safe
@limited("search", asked_by="q")
def speakers(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_or_404(request, event_slug)
    if not shows_programme(event, request.user):
        return _announced(request, event, nav="speakers")
    q = " ".join(request.GET.get("q", "").split())[: filtering.LONGEST_SEARCH]
    speakers = selection.speakers_of(event, request.user)
    found = selection.speakers_matching(speakers, q)
    return in_zone(
        request,
        "agenda/speakers.html",
        event,
        starred_ids(request),
        nav="speakers",
        speakers=found,
        letters=selection.by_letter(found),
        total=len(speakers),
        q=q,
    )


@require_safe
def speaker(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    event = event_or_404(request, event_slug)
    found = speaker_or_404(event, slug)
    starred = starred_ids(request)
    shown = rows.slots(found.sessions.visible_to(request.user))
    if not shown and not is_editor(request.user, event):
        raise Http404  # all of the speaker's sessions are unpublished, and a 404 too
    if found.slug != slug:
        return redirect(_with_query(request, found), permanent=True)
    days = rows.days(event, shown, starred=starred, zone=zones.zone_for(request, event), full=False, with_breaks=False)
    moments = [slot.start for slot in rows.with_time(shown)] or None
    return in_zone(
        request, "agenda/speaker.html", event, starred, nav="speakers", speaker=found, days=days, moments=moments
    )


@require_safe
def now(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Shows this person's talks that are on or come next, and then every room; ?screen=1 for a screen in the lobby."""
    event = event_or_404(request, event_slug)
    if not shows_programme(event, request.user):
        return _announced(request, event, nav="now")
    if request.GET.get("screen") == "1" and event.has_public_programme:
        with timezone.override(event.zone):
            values = screen_of(event, set(request.GET.getlist("room")), timezone.now())
            return render(request, "agenda/screen.html", values)
    moment, starred = now_of(request), starred_ids(request)
    timetable = timetable_of(event, reader_of(request, event))
    rooms, zone = rooms_now(event, timetable.sessions, moment), zones.zone_for(request, event)
    first = first_start(rooms)
    return in_zone(
        request,
        "agenda/now.html",
        event,
        starred,
        nav="now",
        **_live(request, event, starred, timetable),
        rooms=room_rows(event, rooms, starred, zone),
        following_day=rows.heading_of(event, first, zone) if first and first > moment else None,
        moments=[moment, *([first] if first else [])],
        announced=_announced_now(request, event),
    )


@require_safe
def changes(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Shows what changed in the public programme, the newest first; ?starred=1 of one's own talks alone."""
    event = event_or_404(request, event_slug)
    if not shows_programme(event, request.user):
        return _announced(request, event, nav="programme")
    starred = starred_ids(request)
    only_mine = request.GET.get("starred") == "1"
    every = what_changed(event)
    shown = every.of(starred) if only_mine else every
    zone, seen = zones.zone_for(request, event), seen_until(request, event)
    response = in_zone(
        request,
        "agenda/changes.html",
        event,
        starred,
        nav="programme",
        days=shown.days(zone, starred),
        only_mine=only_mine,
        cut_at=shown.cut_at,
        news=shown.since(seen) if seen else None,
        moments=[slot.start for slot in rows.with_time(slot for _, slot in shown.changes)] or None,
        announced=_announced_now(request, event),
    )
    note_seen(request, event, every.latest)
    return _or_unchanged(request, response)


CSRF_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


def _or_unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page with an ETag, or 304 if this browser has it: but for the tokens of its forms, which still hold."""
    secret = request.META.get("CSRF_COOKIE", "")  # the tokens in the page hold as long as this is the same
    digest = sha256((CSRF_FIELD.sub("", response.content.decode()) + secret).encode()).hexdigest()[:32]
    response["ETag"] = f'W/"{digest}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _announced_now(request: HttpRequest, event: Event, day: date | None = None) -> list[Announcement]:
    """The announcements that run now; without those for another day if `day` is given."""
    running = announcements.running([event], now_of(request))
    return [each for each in running if not day or each.day in (None, day)]


@require_safe
def apps(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Shows the programme's files for other apps: what each is for, and codes for a phone's camera."""
    event = event_or_404(request, event_slug)
    if not shows_programme(event, request.user):
        return _announced(request, event, nav="apps")
    return in_zone(request, "agenda/apps.html", event, starred_ids(request), nav="apps", **files_of(event))


def _announced(request: HttpRequest, event: Event, nav: str) -> HttpResponse:
    """The page of an event whose programme is not public yet: its name, dates and place, and when that will be."""
    programme_on = event.promises_programme_on(now_of(request))
    return in_zone(request, "agenda/announced.html", event, starred_ids(request), nav=nav, programme_on=programme_on)


def _live(request: HttpRequest, event: Event, starred: set[int], timetable: Timetable | None = None) -> dict[str, Any]:
    """What keeps a page of the event fresh: this person's now and next while it runs, and the programme's version."""
    moment = now_of(request)
    if event.has_ended(moment):
        return {}
    if timetable is None and event.has_begun(moment) and starred:
        timetable = timetable_of(event, reader_of(request, event))
    card = card_for(request, event, timetable, starred, moment, zones.zone_for(request, event)) if timetable else None
    if timetable is None or is_editor(request.user, event):  # whose timetable has drafts; all poll the public version
        return {"card": card, "version": version_of(event.slug)}
    return {"card": card, "version": timetable.version}


def _with_query(request: HttpRequest, shown: Event | Session | Speaker) -> str:
    """The address of that page, with the query of this one."""
    query = request.META["QUERY_STRING"]
    return shown.get_absolute_url() + (f"?{query}" if query else "")


def in_zone(request: HttpRequest, template: str, event: Event, starred: set[int], **context: Any) -> HttpResponse:
    """The page with its times in the reader's zone, and with the values that every programme page needs."""
    zone = zones.zone_for(request, event)
    moment, preview = now_of(request), preview_of(request)
    with timezone.override(zone):
        response = render(
            request,
            template,
            {
                "event": event,
                "zone": zone,
                "own_zone": zones.own_zone(request),
                "moment": moment,
                "moments": context.pop("moments", None) or [event.day_bounds(event.starts_on)[0]],
                "has_ended": event.has_ended(moment),
                "preview": preview,
                "as_it_was": partial(as_it_was, event),
                "is_running": event.has_begun(moment) and not event.has_ended(moment),
                "starred": starred,
                "star_count": len(starred),
                "switch": switch(request, event, starred),
                **context,
            },
        )
    if preview:
        add_never_cache_headers(response)
    else:
        note_visit(request, response, event)
    return response
