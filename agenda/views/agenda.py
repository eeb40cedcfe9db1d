"""My agenda: all my stars by day, what overlaps, and the time that is free."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from agenda import zones
from agenda.conflicts import Span, gaps, overlaps, shared
from agenda.models import Event, Session
from agenda.rows import Line, rendered
from agenda.starring import starred_ids
from agenda.views.calendars import sync_context


@dataclass(frozen=True, slots=True)
class Free:
    """Time without a starred session, and how many others are on in it."""

    span: Span
    on: int


@dataclass(slots=True)
class Item:
    session: Session
    row: str = ""  # safe, as the programme has it; one that overlaps others is rendered here and now
    overlapping: list[tuple[Session, timedelta]] = field(default_factory=list)
    free_before: Free | None = None


@dataclass(frozen=True, slots=True)
class AgendaDay:
    event: Event
    date: date
    zone: ZoneInfo
    items: list[Item]


@require_safe
@never_cache
def agenda(request: HttpRequest) -> HttpResponse:
    """The page, or for htmx the part of it that follows the stars."""
    moment = timezone.now()
    starred = starred_ids(request)
    visible = Session.objects.filter(pk__in=starred).visible_to(request.user)
    sessions = list(visible.select_related("event", "room", "track").prefetch_related("revisions").in_order())
    going = [session for session in sessions if not session.is_cancelled]
    own_zone = zones.own_zone(request)
    shown = days(sessions, others_on(sessions), own_zone)
    for day in shown:
        _fill_in_rows(day)
    context = {
        "nav": "agenda",
        "days": shown,
        "count": len(sessions),
        "total": sum((session.duration for session in going), timedelta(0)),
        "next_up": next((session for session in going if session.end > moment), None),
        "several_events": len({session.event_id for session in sessions}) > 1,
        "have_ended": all(session.event.has_ended(moment) for session in sessions),
        "star_count": len(starred),
        "own_zone": own_zone,
        **(sync_context(request.user) if isinstance(request.user, User) else {}),
    }
    return render(request, "agenda/agenda.html", context)


def _fill_in_rows(day: AgendaDay) -> None:
    """The programme's own rows, where they say all there is to say."""
    items = {item.session.pk: item for item in day.items if not item.overlapping}
    lines = [Line(pk, item.session.updated, item.session.start, item.session.end) for pk, item in items.items()]
    for pk, (_, starred) in rendered(lines, zone=day.zone, full=False).items():
        items[pk].row = starred


def others_on(starred: list[Session]) -> dict[int, list[Span]]:
    """Of each event in the agenda, when the sessions that are not starred are on. One query."""
    found: dict[int, list[Span]] = defaultdict(list)
    if starred:
        others = (
            Session.objects.published()
            .going_ahead()
            .filter(event__in={session.event_id for session in starred})
            .exclude(pk__in=[session.pk for session in starred])
            .filter(
                start__lt=max(session.start for session in starred), end__gt=min(session.end for session in starred)
            )
        )
        for event_id, start, end in others.values_list("event_id", "start", "end"):
            found[event_id].append(Span(start, end))
    return found


def days(sessions: list[Session], others: dict[int, list[Span]], own_zone: ZoneInfo | None) -> list[AgendaDay]:
    """The starred sessions by programme day of each event, with overlaps and free time noted; in order of time.

    Each day is shown in its event's zone, unless the reader has one of their own.
    """
    items = {session.pk: Item(session) for session in sessions}
    for one, other in overlaps(session for session in sessions if not session.is_cancelled):
        items[one.pk].overlapping.append((other, shared(one, other)))
        items[other.pk].overlapping.append((one, shared(one, other)))
    by_day: dict[tuple[date, int], list[Item]] = defaultdict(list)
    for item in items.values():
        by_day[item.session.event.day_of(item.session.start), item.session.event_id].append(item)
    for (_, event_id), day_items in by_day.items():
        _note_free_time(day_items, others[event_id])
    return [
        AgendaDay(event := day_items[0].session.event, day, own_zone or event.zone, day_items)
        for (day, _), day_items in sorted(by_day.items(), key=lambda pair: pair[1][0].session.start)
    ]


def _note_free_time(items: list[Item], others: list[Span]) -> None:
    going = [item for item in items if not item.session.is_cancelled]
    free: dict[datetime, Span] = {span.end: span for span in gaps(item.session for item in going)}
    for item in going:
        span = free.pop(item.session.start, None)
        if span:
            item.free_before = Free(span, sum(bool(shared(span, other)) for other in others))
