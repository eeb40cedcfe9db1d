"""My agenda: the starred sessions by day, which of them overlap, and the time that is free."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import HttpRequest

from accounts.models import User
from agenda.models import Appearance, Event, Session
from agenda.models.session import TimedSession, has_time, timed
from agenda.programme.access import events_for
from agenda.programme.filters import Filters
from agenda.programme.languages import note_languages
from agenda.programme.rows import heading_of, rows_under, slot_of
from agenda.programme.words import zone_names
from agenda.stars.overlaps import Span, gaps, overlaps, shared
from agenda.stars.starred import Starred, in_case, starred_by, starred_ids, taken_in_a_calendar

LEAST_FREE = timedelta(minutes=20)  # a shorter gap is the way to the next room
TAKEN_IS_SAID = timedelta(days=1)  # after a session was deleted in a calendar
Stars: TypeAlias = dict[int, Starred]  # one person's, by their session's pk


@dataclass(frozen=True, slots=True)
class Free:
    """A stretch of time without a planned session, how many others take place in it, and the query that lists them."""

    span: Span
    on: int
    query: str


class Overlap(NamedTuple):
    """Another starred session that is on at the same time as the session of the item that holds this."""

    other: Session
    span: timedelta
    is_second: bool  # the item's session is the backup choice, the other the first
    is_first: bool  # the other way round
    clashes: bool  # both are in the plan


@dataclass(slots=True)
class Item:
    """A starred session, or one unstarred on this page, with all that the page says of it."""

    session: Session
    starred: bool = True
    in_case: bool = False
    first_gone: str = ""  # why its first choice no longer is one
    dated: bool = False  # it stands under a heading of another date than its start's
    row: str = ""  # safe HTML, the programme's own; empty where the page has more to say and renders it itself
    overlapping: list[Overlap] = field(default_factory=list)
    free_before: Free | None = None
    instead: Session | None = None  # what replaces it, if that is not starred

    @property
    def is_plan(self) -> bool:
        return self.starred and not (self.in_case or self.session.is_cancelled)

    @property
    def is_plain(self) -> bool:
        """True if there is no more to say of it than the programme's row does."""
        return self.starred and not (self.overlapping or self.in_case or self.first_gone or self.instead)


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A day of one event, and the zone that its times are shown in: the event's programme day, or the reader's day.

    Without a date, the talks of the event that have no time yet.
    """

    event: Event
    date: date | None
    zone: ZoneInfo
    items: list[Item]

    @property
    def zone_name(self) -> str:
        return zone_names((session.start for session in timed(item.session for item in self.items)), self.zone)


@dataclass(frozen=True, slots=True)
class MyAgenda:
    """One person's starred sessions that they may see: in order of time, and by day."""

    items: list[Item]
    days: list[AgendaDay]

    @property
    def plan(self) -> list[Session]:
        """The sessions to attend: neither cancelled nor a backup choice."""
        return [item.session for item in self.items if item.is_plan]

    @property
    def starred(self) -> list[Session]:
        return [item.session for item in self.items if item.starred]

    @property
    def star_count(self) -> int:
        return sum(item.starred for item in self.items)

    @property
    def total(self) -> timedelta:
        """How long the planned sessions take together."""
        return sum((session.duration for session in self.plan), timedelta(0))

    @property
    def in_case_count(self) -> int:
        return sum(item.in_case for item in self.items)

    @property
    def clashes(self) -> bool:
        """True if two planned sessions overlap."""
        return any(overlap.clashes for item in self.items for overlap in item.overlapping)

    @property
    def several_events(self) -> bool:
        return len({item.session.event_id for item in self.items}) > 1

    @property
    def several_zone_names(self) -> bool:
        """True if one line cannot say which zone the times are in."""
        return len({day.zone_name for day in self.days if day.date}) > 1

    @property
    def moments(self) -> list[datetime]:
        return [session.start for session in timed(item.session for item in self.items)]

    def next_up(self, moment: datetime) -> TimedSession | None:
        """The next planned session that starts after that moment; None if there is none."""
        return next((session for session in timed(self.plan) if session.start > moment), None)

    def have_ended(self, moment: datetime) -> bool:
        return all(item.session.event.has_ended(moment) for item in self.items)


class Moments(NamedTuple):
    """All starts, and all ends, of some sessions, each in order of time."""

    starts: list[datetime]
    ends: list[datetime]

    def during(self, span: Span) -> int:
        """How many of the sessions are on during the span: those that begin before its end, but for those over."""
        return bisect_left(self.starts, span.end) - bisect_right(self.ends, span.start)


def my_agenda(
    request: HttpRequest, own_zone: ZoneInfo | None, came_from: Event | None = None, unstarred: Iterable[UUID] = ()
) -> MyAgenda:
    """All that this person starred, with overlaps, free time and rendered rows.

    The sessions in `unstarred` (guids) keep their row, but are not counted.
    Each day is shown in its event's zone, unless the reader has chosen a zone of their own. The days of the event that
    the reader came from are the first.
    """
    stars = {star.pk: star for star in starred_by(request.user.pk)} if isinstance(request.user, User) else {}
    items = _items(request, stars, unstarred)
    _note_overlaps(items, stars)
    _note_free_time(items, _on(timed(item.session for item in items if item.starred), request.user))
    days = _days(items, own_zone)
    days.sort(key=lambda day: day.event != came_from)
    for day in days:
        _fill_in_rows(day)
    _fetch_details(item.session for item in items if not item.row)
    return MyAgenda(items, days)


def recently_taken(user: User, moment: datetime) -> list[Session]:
    """What the user unstarred in a calendar during the day before that moment, in order of time."""
    pks = taken_in_a_calendar(user, moment - TAKEN_IS_SAID)
    taken = Session.objects.filter(pk__in=pks).visible_to(user).select_related("event").in_order()
    return list(taken) if pks else []


def _items(request: HttpRequest, stars: Stars, unstarred: Iterable[UUID]) -> list[Item]:
    """The starred sessions that this person may see, and those just unstarred, in order of time."""
    starred = set(stars) if isinstance(request.user, User) else starred_ids(request)
    firsts = {star.in_case_of for star in stars.values() if star.in_case_of}
    kept = frozenset(unstarred)
    wanted = Session.objects.filter(Q(pk__in=starred | firsts) | Q(guid__in=kept))
    found = list(
        wanted.visible_to(request.user).select_related("room", "track", "replaced_by").with_replaced().in_order()
    )
    events = {event.pk: event for event in events_for(request)}
    note_languages({events[session.event_id] for session in found})
    for session in found:
        session.event = events[session.event_id]
        session.usual_language = session.event.usual_language
    by_pk = {session.pk: session for session in found}
    items = [Item(each, each.pk in starred) for each in found if each.pk in starred or each.guid in kept]
    for item in items:
        instead = item.session.instead
        item.instead = instead if instead and item.starred and instead.pk not in starred else None
        star = stars.get(item.session.pk)
        if star and star.in_case_of and not item.session.is_cancelled:
            item.in_case = in_case(star, stars)
            item.first_gone = _first_gone(star, stars, by_pk.get(star.in_case_of))
    return items


def _first_gone(star: Starred, stars: Stars, first: Session | None) -> str:
    """The beginning of a sentence: why this star's first choice no longer is one. Empty while it still is."""
    if in_case(star._replace(stays_in_case=False), stars):
        return ""
    if first is None or not first.is_public:
        return "your first choice is no longer in the programme"
    if first.pk not in stars:
        return f"“{first.title}” is no longer starred"
    return f"“{first.title}” {'was cancelled' if first.is_cancelled else 'no longer overlaps'}"


def _note_overlaps(items: list[Item], stars: Stars) -> None:
    """Notes each overlap of two starred sessions in the items of both."""
    by_pk = {item.session.pk: item for item in items}

    def note(one: TimedSession, other: TimedSession) -> None:
        mine, theirs = by_pk[one.pk], by_pk[other.pk]
        overlap = Overlap(
            other,
            shared(one, other),
            is_second=mine.in_case and stars[one.pk].in_case_of == other.pk,
            is_first=theirs.in_case and stars[other.pk].in_case_of == one.pk,
            clashes=mine.is_plan and theirs.is_plan,
        )
        mine.overlapping.append(overlap)

    for one, other in overlaps(timed(item.session for item in items if item.starred and not item.session.is_cancelled)):
        note(one, other)
        note(other, one)


def _fill_in_rows(day: AgendaDay) -> None:
    """Gives the plain items of the day (Item.is_plain) the same rows as in the programme."""
    items = {item.session.pk: item for item in day.items if item.is_plain}
    sessions = ((pk, item.session) for pk, item in items.items())
    slots = [slot_of(pk, session.updated, session.start, session.end) for pk, session in sessions]
    usual = day.items[0].session.usual_language
    for pk, (_, starred) in rows_under(day.date, slots, zone=day.zone, usual_language=usual).items():
        items[pk].row = starred


def _fetch_details(sessions: Iterable[Session]) -> None:
    """Fetches what the rows of sessions say that are not the programme's own rows."""
    speakers = Prefetch("appearances", Appearance.objects.select_related("speaker"))
    prefetch_related_objects(list(sessions), "revisions", speakers)


def _on(starred: list[TimedSession], user: object) -> dict[int, Moments]:
    """When the sessions that this person may see begin and end, by event, around the starred ones. One query."""
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    if starred:
        sessions = (
            Session.objects.visible_to(user)
            .filter(event__in={session.event_id for session in starred})
            .between(min(session.end for session in starred), max(session.start for session in starred))
        )
        for session in timed(sessions.only("event_id", "start", "end")):
            found[session.event_id].append((session.start, session.end))
    return {
        event_id: Moments(*(sorted(moments) for moments in zip(*spans, strict=True)))
        for event_id, spans in found.items()
    }


def _note_free_time(items: list[Item], on: dict[int, Moments]) -> None:
    """Notes the time before an item in which no session of any event is planned, if it is within a programme day."""
    by_pk = {item.session.pk: item for item in items if item.is_plan}
    plan = timed(item.session for item in by_pk.values())
    free: dict[datetime, Span] = {span.end: span for span in gaps(plan)}
    for session in plan:
        span, event = free.pop(session.start, None), session.event
        if span and span.length >= LEAST_FREE and event.day_of(span.start) == event.day_of(span.end):
            since, until = (moment.astimezone(event.zone) for moment in (span.start, span.end))
            by_pk[session.pk].free_before = Free(
                span, on[event.pk].during(span) if event.pk in on else 0, Filters(since=since, until=until).query()
            )


def _days(items: list[Item], own_zone: ZoneInfo | None) -> list[AgendaDay]:
    """The items by day and event, in order of time; by the days of the reader's own zone if there is one."""
    by_day: dict[tuple[date | None, int], list[Item]] = defaultdict(list)
    for item in items:
        session, event = item.session, item.session.event
        zone = own_zone or event.zone
        day = heading_of(event, session.start, zone) if has_time(session) else None
        item.dated = has_time(session) and session.start.astimezone(zone).date() != day
        by_day[day, event.pk].append(item)
    return [
        AgendaDay(event := day_items[0].session.event, day, own_zone or event.zone, day_items)
        for (day, _), day_items in by_day.items()  # in the order of their first items
    ]
