"""My agenda: all my stars by day, what overlaps, and the time that is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from agenda.calendars.sync_box import sync_box
from agenda.models import Event, Session, StarLog
from agenda.programme import zones
from agenda.programme.rows import Line, rendered
from agenda.stars import ranking
from agenda.stars.overlaps import Span, gaps, overlaps, shared
from agenda.stars.starred import Starred, in_case, starred_by, starred_ids, taken_in_a_calendar

PAGE = StarLog.Through.PAGE
TAKEN_IS_SAID = timedelta(days=1)  # after it was deleted in a calendar
Stars: TypeAlias = dict[int, Starred]  # one person's, by their session's pk


@dataclass(frozen=True, slots=True)
class Free:
    """Time without a starred session, and how many others are on in it."""

    span: Span
    on: int


class Overlap(NamedTuple):
    """Another starred session that is on at the same time as one in the agenda, seen from that one."""

    other: Session
    span: timedelta
    is_second: bool  # its reader would rather attend the other
    is_first: bool  # the other way round
    clashes: bool  # both are in the plan


@dataclass(slots=True)
class Item:
    session: Session
    in_case: bool = False
    first_gone: str = ""  # why the first choice, of which this was the second, is none any more
    row: str = ""  # safe, as the programme has it; one of which there is more to say is rendered here and now
    overlapping: list[Overlap] = field(default_factory=list)
    free_before: Free | None = None

    @property
    def is_plan(self) -> bool:
        return not (self.in_case or self.session.is_cancelled)


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
    return _page(request)


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """My agenda, with what could not be done just now (status 422)."""
    moment = timezone.now()
    stars = {star.pk: star for star in starred_by(request.user.pk)} if isinstance(request.user, User) else {}
    items, others = _items(request, stars)
    plan = [item.session for item in items if item.is_plan]
    own_zone = zones.own_zone(request)
    shown = days(items, others, own_zone)
    for day in shown:
        _fill_in_rows(day)
    context = {
        "nav": "agenda",
        "problem": problem,
        "days": shown,
        "count": len(items),
        "in_case_count": sum(item.in_case for item in items),
        "total": sum((session.duration for session in plan), timedelta(0)),
        "next_up": next((session for session in plan if session.end > moment), None),
        "clashes": any(overlap.clashes for item in items for overlap in item.overlapping),
        "several_events": len({item.session.event_id for item in items}) > 1,
        "have_ended": all(item.session.event.has_ended(moment) for item in items),
        "star_count": len(items),
        "own_zone": own_zone,
        **(_own_context(request, request.user, moment) if isinstance(request.user, User) else {}),
    }
    return render(request, "agenda/agenda.html", context, status=422 if problem else 200)


def _own_context(request: HttpRequest, user: User, moment: datetime) -> dict[str, Any]:
    """What only people with an account have: calendars, and what they deleted in one of them lately."""
    pks = taken_in_a_calendar(user, moment - TAKEN_IS_SAID)
    taken = Session.objects.filter(pk__in=pks).visible_to(user).select_related("event").in_order()
    return {"taken": list(taken) if pks else [], **sync_box(user, zones.own_zone(request))}


def _items(request: HttpRequest, stars: Stars) -> tuple[list[Item], dict[int, list[Span]]]:
    """What this person has starred and may see, in order of time, and what others_on() says of it."""
    starred = set(stars) if isinstance(request.user, User) else starred_ids(request)
    firsts = {star.in_case_of for star in stars.values() if star.in_case_of}
    visible = Session.objects.filter(pk__in=starred | firsts).visible_to(request.user)
    found = list(visible.select_related("event", "room", "track").prefetch_related("revisions").in_order())
    by_pk = {session.pk: session for session in found}
    items = [Item(session) for session in found if session.pk in starred]
    for item in items:
        star = stars.get(item.session.pk)
        if star and star.in_case_of and not item.session.is_cancelled:
            item.in_case = in_case(star, stars)
            item.first_gone = _first_gone(star, stars, by_pk.get(star.in_case_of))
    _note_overlaps(items, stars)
    return items, others_on([item.session for item in items])


def _first_gone(star: Starred, stars: Stars, first: Session | None) -> str:
    """Why this star's first choice is none any more, as the beginning of a sentence; empty as long as it is one."""
    if in_case(star._replace(stays_in_case=False), stars):
        return ""
    if first is None or not first.is_published:
        return "your first choice is no longer in the programme"
    if first.pk not in stars:
        return f"“{first.title}” is no longer starred"
    return f"“{first.title}” {'was cancelled' if first.is_cancelled else 'no longer overlaps'}"


def _note_overlaps(items: list[Item], stars: Stars) -> None:
    by_pk = {item.session.pk: item for item in items}

    def note(one: Session, other: Session) -> None:
        mine, theirs = by_pk[one.pk], by_pk[other.pk]
        overlap = Overlap(
            other,
            shared(one, other),
            is_second=mine.in_case and stars[one.pk].in_case_of == other.pk,
            is_first=theirs.in_case and stars[other.pk].in_case_of == one.pk,
            clashes=mine.is_plan and theirs.is_plan,
        )
        mine.overlapping.append(overlap)

    for one, other in overlaps(item.session for item in items if not item.session.is_cancelled):
        note(one, other)
        note(other, one)


def _fill_in_rows(day: AgendaDay) -> None:
    """The programme's own rows, where they say all there is to say."""
    items = {item.session.pk: item for item in day.items if not (item.overlapping or item.in_case or item.first_gone)}
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


def days(items: list[Item], others: dict[int, list[Span]], own_zone: ZoneInfo | None) -> list[AgendaDay]:
    """The agenda by programme day of each event, with free time noted; in order of time.

    Each day is shown in its event's zone, unless the reader has one of their own.
    """
    by_date: dict[date, list[Item]] = defaultdict(list)
    by_day: dict[tuple[date, int], list[Item]] = defaultdict(list)
    for item in items:
        event = item.session.event
        day = event.day_of(item.session.start)
        by_date[day].append(item)
        by_day[day, event.pk].append(item)
    for same_date in by_date.values():
        _note_free_time(same_date, others)
    return [
        AgendaDay(event := day_items[0].session.event, day, own_zone or event.zone, day_items)
        for (day, _), day_items in sorted(by_day.items(), key=lambda pair: pair[1][0].session.start)
    ]


def _note_free_time(items: list[Item], others: dict[int, list[Span]]) -> None:
    """Of one date, whichever events its sessions belong to: what the plan leaves free is free of all of them."""
    plan = [item for item in items if item.is_plan]
    free: dict[datetime, Span] = {span.end: span for span in gaps(item.session for item in plan)}
    for item in plan:
        span = free.pop(item.session.start, None)
        if span:
            item.free_before = Free(span, sum(bool(shared(span, other)) for other in others[item.session.event_id]))


@require_POST
@never_cache
def rank(request: HttpRequest, first: UUID, other: UUID) -> HttpResponse:
    """The first is the plan, the other in case."""
    return _change(
        request,
        first,
        lambda user, session: ranking.rank(user, _visible(request, other), in_case_of=session, through=PAGE),
    )


@require_POST
@never_cache
def unrank(request: HttpRequest, guid: UUID) -> HttpResponse:
    """It is in the plan, whatever else is."""
    return _change(request, guid, lambda user, session: ranking.unrank(user, session, through=PAGE))


@require_POST
@never_cache
def keep_in_case(request: HttpRequest, guid: UUID) -> HttpResponse:
    """It stays a second choice, though its first choice is gone."""
    return _change(request, guid, lambda user, session: ranking.keep_in_case(user, session, through=PAGE))


def _change(request: HttpRequest, guid: UUID, change: Callable[[User, Session], None]) -> HttpResponse:
    """Answers with the agenda at that session's row; htmx takes the part that follows the stars out of the page."""
    htmx = bool(request.headers.get("HX-Request"))
    if not isinstance(request.user, User):  # visitors get no such button: somebody was logged out meanwhile
        login = redirect_to_login(reverse("agenda:agenda"))
        return HttpResponse(headers={"HX-Redirect": login.url}) if htmx else login
    session = _visible(request, guid)
    try:
        change(request.user, session)
    except ranking.CannotRank as problem:
        return _page(request, str(problem))
    return _page(request) if htmx else HttpResponseRedirect(f"{reverse('agenda:agenda')}#s-{session.slug}")


def _visible(request: HttpRequest, guid: UUID) -> Session:
    return get_object_or_404(Session.objects.visible_to(request.user), guid=guid)
