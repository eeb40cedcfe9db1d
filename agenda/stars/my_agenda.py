"""My agenda: the starred sessions by day, which of them overlap, and the time that is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from agenda.models import Event, Session
from agenda.models.event_editor import edited_events
from agenda.models.session import TimedSession, has_time, is_editor, timed
from agenda.programme.access import events_for
from agenda.programme.kept_sessions import kept_sessions
from agenda.programme.languages import note_languages
from agenda.programme.rows import heading_of, render_once, rows_under, slot_of
from agenda.programme.timetable import Timetable, timetable_of, version_of
from agenda.programme.words import day_heading, zone_names
from agenda.stars.card import Card, card_of
from agenda.stars.clashes import clash_of, together
from agenda.stars.items import Free, Item, Overlap
from agenda.stars.overlaps import Span, gaps, overlaps
from agenda.stars.starred import Starred, in_case, starred_by, starred_ids, taken_in_a_calendar
from agenda.version_cache import Version

NEVER = datetime.max.replace(tzinfo=UTC)  # when a session without a time comes
NOWHERE = 100_000  # where no room comes: after all others
LEAST_FREE = timedelta(minutes=20)  # a shorter gap is the way to the next room
TAKEN_IS_SAID = timedelta(days=1)  # after a session was deleted in a calendar
Stars: TypeAlias = dict[int, Starred]  # one person's, by their session's pk


@dataclass(slots=True)
class AgendaDay:
    """A day of one event, and the zone that its times are shown in: the event's programme day, or the reader's day.

    Without a date, the talks of the event that have no time yet.
    """

    event: Event
    date: date | None
    zone: ZoneInfo
    items: list[Item]
    heading: str = ""  # safe HTML

    @property
    def html(self) -> SafeString:
        """Its rows in order, with the free times between them."""
        parts: list[str] = []
        for item in self.items:
            if item.free_before:
                parts.append(render_once("agenda/_free.html", free=item.free_before))
            if item.clash:
                parts.append(item.clash)
            elif not item.is_elsewhere:
                parts.append(item.row or _full_row(item))
        return mark_safe(f'<ol class="programme">{"".join(parts)}</ol>')  # noqa: S308 (rendered by templates)

    @property
    def moments(self) -> list[datetime]:
        """The first and the last start: between them, the clocks change once at most."""
        return [item.hours.start for item in (self.items[0], self.items[-1])] if self.date else []

    def is_of(self, moment: datetime) -> bool:
        return self.date == heading_of(self.event, moment, self.zone)

    @property
    def zone_name(self) -> str:
        return zone_names(self.moments, self.zone)


def _full_row(item: Item) -> str:
    """The row of a talk of which the page has more to say than the programme's row does."""
    given = {"item": item, "session": item.session, "starred": item.starred, "dated": item.dated}
    with timezone.override(item.zone):
        return get_template("agenda/_session.html").render(given)


@dataclass(frozen=True)
class MyAgenda:
    """One person's starred sessions that they may see: in order of time, and by day.

    While an event of theirs runs, what is over of it is in `earlier`; all else is in `coming`.
    """

    items: list[Item]
    days: list[AgendaDay]
    earlier: list[AgendaDay]
    coming: list[AgendaDay]
    card: Card | None
    timetables: dict[Event, Timetable]  # that were looked up

    @cached_property
    def plan(self) -> list[Session]:
        """The sessions to attend: neither cancelled nor a backup choice."""
        return [item.session for item in self.items if item.is_plan]

    @cached_property
    def starred(self) -> list[Session]:
        return [item.session for item in self.items if item.starred]

    @cached_property
    def events(self) -> set[Event]:
        """The events of the starred sessions."""
        return {day.event for day in self.days if any(item.starred for item in day.items)}

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

    @cached_property
    def several_events(self) -> bool:
        return len({day.event for day in self.days}) > 1

    @cached_property
    def several_zone_names(self) -> bool:
        """True if one line cannot say which zone the times are in."""
        return len({day.zone_name for day in self.days if day.date}) > 1

    @property
    def moments(self) -> list[datetime]:
        """Starts in order, enough of them to know all names of a zone."""
        return sorted(moment for day in self.days for moment in day.moments)

    def next_up(self, moment: datetime) -> TimedSession | None:
        """The next planned session that starts after that moment; None if there is none."""
        return next((session for session in timed(self.plan) if session.start > moment), None)

    @property
    def days_by_hours(self) -> list[AgendaDay]:
        """The days as the calendar shows them, whole; those of a running event that are over come last."""
        left = {(day.event, day.date) for day in self.coming}
        return sorted(self.days, key=lambda day: (day.event, day.date) not in left)

    @property
    def earlier_count(self) -> int:
        return sum(len(day.items) for day in self.earlier)

    def have_ended(self, moment: datetime) -> bool:
        return all(day.event.has_ended(moment) for day in self.days)

    def version_of(self, event: Event) -> str | None:
        """The version of the event's public programme. One query at most."""
        timetable = self.timetables.get(event)
        return timetable.version if timetable and timetable.is_public else version_of(event.slug)


def my_agenda(
    request: HttpRequest,
    own_zone: ZoneInfo | None,
    moment: datetime,
    came_from: Event | None = None,
    unstarred: Iterable[UUID] = (),
    *,
    as_calendar: bool = False,
) -> MyAgenda:
    """All that this person starred, with overlaps, free time and rendered rows; as it is at that moment.

    The sessions in `unstarred` (guids) keep their row, but are not counted.
    Each day is shown in its event's zone, unless the reader has chosen a zone of their own. The days of a running event
    are the first, then those of the event that the reader came from; those of past events are the last.
    """
    stars = {star.pk: star for star in starred_by(request.user.pk)} if isinstance(request.user, User) else {}
    every = _items(request, stars, frozenset(unstarred))
    items = [item for item in every if has_time(item.session)]
    days = _days(items, own_zone)
    _note_overlaps(items, stars)
    plan = [item for item in items if item.is_plan]
    timetables = _note_free_time(plan, moment, request.user)
    running = {event for event in {day.event for day in days} if _is_running(event, moment)}
    days.sort(key=lambda day: (day.event not in running, day.event.has_ended(moment), day.event != came_from))
    card = _card(plan, days, moment, as_calendar=as_calendar)
    _box_clashes(items, may_choose=isinstance(request.user, User))
    over = {item.pk for day in days if day.event in running for item in day.items if item.hours.end <= moment}
    earlier = _part(days, lambda item: item.pk in over)
    coming = _part(days, lambda item: item.pk not in over)
    apart = _without_time(every, own_zone)
    for day in (*days, *apart):
        _fill_in_rows(day)
    mine = MyAgenda(every, [*days, *apart], earlier, [*coming, *apart], card, timetables)
    _note_headings(mine, moment)
    return mine


def _is_running(event: Event, moment: datetime) -> bool:
    return event.has_begun(moment) and not event.has_ended(moment)


def _card(plan: list[Item], days: list[AgendaDay], moment: datetime, *, as_calendar: bool) -> Card | None:
    """The card of the first event that runs; what is on it and has no more to say has no row. A calendar shows all."""
    rowless = set() if as_calendar else {item.pk for item in plan if item.is_plain}
    zones = {day.event: day.zone for day in days}
    cards = (
        card_of(event, [item.hours for item in plan if item.event is event], moment, zone, rowless=rowless)
        for event, zone in zones.items()
        if _is_running(event, moment)
    )
    card = next((card for card in cards if card), None)
    for item in plan:
        item.is_elsewhere = card is not None and item.pk in card.pks & rowless
    return card


def _note_headings(mine: MyAgenda, moment: datetime) -> None:
    """Gives each day its heading: with the event, if there are several, and the zone, if one line cannot say it.

    The day that the card is of is "Rest of today": the page has named it above, and some of its talks may be on now.
    """
    today = [day for day in mine.coming if mine.card and day.event.slug == mine.card.slug and day.is_of(moment)]
    for day in (*mine.days, *mine.earlier, *mine.coming):
        date = day_heading(day.date, day.event.zone, moment) if day.date else "No time yet"
        day.heading = render_once(
            "agenda/_agenda_heading.html",
            day="Rest of today" if any(day is each for each in today) else date,
            event=day.event.name if mine.several_events else "",
            zone=day.zone_name if mine.several_zone_names and day.date else "",
        )


def _box_clashes(items: list[Item], *, may_choose: bool) -> None:
    """Puts those that overlap, directly or by way of others, into one box at the place of the first."""
    for box in together([item for item in items if item.overlapping]):
        box[0].clash = clash_of(box, may_choose=may_choose)
        for item in box[1:]:
            item.is_elsewhere = True


def _part(days: Iterable[AgendaDay], holds: Callable[[Item], bool]) -> list[AgendaDay]:
    """The days with only those items, without the days that have none, or only such as stand elsewhere."""
    parts = (replace(day, items=[item for item in day.items if holds(item)]) for day in days)
    return [part for part in parts if any(item.free_before or not item.is_elsewhere for item in part.items)]


def recently_taken(user: User, moment: datetime) -> list[Session]:
    """What the user unstarred in a calendar during the day before that moment, in order of time."""
    pks = taken_in_a_calendar(user, moment - TAKEN_IS_SAID)
    if not pks:
        return []
    return list(Session.objects.filter(pk__in=pks).visible_to(user).select_related("event").in_order())


def _items(request: HttpRequest, stars: Stars, kept: frozenset[UUID]) -> list[Item]:
    """The starred sessions that this person may see, and those just unstarred, in order of time."""
    starred = set(stars) if isinstance(request.user, User) else starred_ids(request)
    events = {event.pk: event for event in events_for(request)}
    by_pk = _sessions(request, events, stars, starred, kept)
    items = [
        Item(session, pk, events[session.event_id], starred=pk in starred)
        for pk, session in sorted(by_pk.items(), key=lambda pair: _place(pair[1]))
        if pk in starred or session.guid in kept
    ]
    for item in items:
        instead = item.session.instead
        item.instead = instead if instead and item.starred and instead.pk not in starred else None
        star = stars.get(item.pk)
        if star and star.in_case_of and not item.session.is_cancelled:
            item.in_case = in_case(star, stars)
            item.first_gone = _first_gone(star, stars, by_pk.get(star.in_case_of))
    return items


def _place(session: Session) -> tuple[datetime, int]:
    return session.start or NEVER, session.room.position if session.room else NOWHERE


def _sessions(
    request: HttpRequest, events: dict[int, Event], stars: Stars, starred: set[int], kept: frozenset[UUID]
) -> dict[int, Session]:
    """Those that the page needs and this person may see, by pk: starred, first choices, and those that keep their row.

    What everybody may see of a user's stars is known without another query.
    """
    sees_more = is_editor(request.user) or (isinstance(request.user, User) and edited_events(request.user))
    known = {} if sees_more else {star.pk: star for star in stars.values() if star.is_published}
    firsts = {star.in_case_of for star in stars.values() if star.in_case_of}
    unknown = (starred - stars.keys() if known else starred) | (firsts - known.keys())
    versions: dict[int, list[Version]] = defaultdict(list)
    for star in known.values():
        versions[star.event_id].append(Version(star.pk, star.updated))
    if unknown or kept:
        others = Session.objects.filter(Q(pk__in=unknown) | Q(guid__in=kept)).visible_to(request.user).in_order()
        for pk, updated, event_id in others.values_list("pk", "updated", "event"):
            versions[event_id].append(Version(pk, updated))
    shown = [event for pk, event in events.items() if pk in versions]
    note_languages(shown)
    found: dict[int, Session] = {}
    for event in shown:
        found |= kept_sessions(event, versions[event.pk])
    return found


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

    def note(mine: Item, theirs: Item) -> None:
        overlap = Overlap(
            is_second=mine.in_case and stars[mine.pk].in_case_of == theirs.pk,
            is_first=theirs.in_case and stars[theirs.pk].in_case_of == mine.pk,
            clashes=mine.is_plan and theirs.is_plan,
        )
        mine.overlapping.append(overlap)

    by_pk = {item.pk: item for item in items}
    for session, another in overlaps(item.hours for item in items if item.starred and not item.session.is_cancelled):
        one, other = by_pk[session.pk], by_pk[another.pk]
        note(one, other)
        note(other, one)


def _fill_in_rows(day: AgendaDay) -> None:
    """Gives the plain items of the day (Item.is_plain) the same rows as in the programme."""
    items = {item.pk: item for item in day.items if item.is_plain and not item.is_elsewhere}
    sessions = ((pk, item.session) for pk, item in items.items())
    slots = [slot_of(pk, session.updated, session.start, session.end) for pk, session in sessions]
    usual = day.items[0].session.usual_language
    for pk, (_, starred) in rows_under(day.date, slots, zone=day.zone, usual_language=usual).items():
        items[pk].row = starred


def _note_free_time(plan: list[Item], moment: datetime, user: object) -> dict[Event, Timetable]:
    """Notes the time before an item in which no session of any event is planned, if it is within a programme day.

    What of it is past is left out. One query for each event with such a time, for its timetable, which is returned.
    """
    tables: dict[Event, Timetable] = {}
    free: dict[datetime, Span] = {span.end: span for span in gaps(item.hours for item in plan)}
    for item in plan:
        span, event = free.pop(item.hours.start, None), item.event
        if span and span.start < moment < span.end:
            span = Span(moment.replace(second=0, microsecond=0), span.end)
        if (
            span
            and span.end > moment
            and span.length >= LEAST_FREE
            and event.day_of(span.start) == event.day_of(span.end)
        ):
            if event not in tables:
                tables[event] = timetable_of(event, user)
            on = tables[event].number_during(span.start, span.end)
            item.free_before = Free(span.start, span.end, on, event.slug, event.zone, item.zone)
    return tables


def _days(items: list[Item], own_zone: ZoneInfo | None) -> list[AgendaDay]:
    """The items by day and event, in order of time; by the days of the reader's own zone if there is one."""
    by_day: dict[tuple[date, int], list[Item]] = defaultdict(list)
    for item in items:
        item.zone = own_zone or item.event.zone
        item.starts_on = item.hours.start.astimezone(item.zone).date()
        item.day = day = heading_of(item.event, item.hours.start, item.zone)
        by_day[day, item.session.event_id].append(item)
    return [
        AgendaDay(found[0].event, day, found[0].zone, found)
        for (day, _), found in sorted(by_day.items(), key=lambda pair: pair[1][0].hours.start)
    ]


def _without_time(items: list[Item], own_zone: ZoneInfo | None) -> list[AgendaDay]:
    """The items whose sessions have no time yet, by event, as days without a date."""
    by_event: dict[Event, list[Item]] = defaultdict(list)
    for item in items:
        if not has_time(item.session):
            item.zone = own_zone or item.event.zone
            by_event[item.event].append(item)
    return [AgendaDay(event, None, found[0].zone, found) for event, found in by_event.items()]
