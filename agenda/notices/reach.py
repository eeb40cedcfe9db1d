"""Whom a plan reaches once it is published, and whom a batch has reached: in numbers that tell nobody's stars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.db.models import Count, F, QuerySet

from accounts.models import CalendarKey
from agenda.calendars.fetches import USED_EVERY
from agenda.calendars.options import options_of
from agenda.calendars.served import Served
from agenda.editing.apply import NOTED
from agenda.editing.plan import Proposal, SessionPlan
from agenda.models import Batch, Event, Notice, Session, SessionRevision, Star
from agenda.models.session import SessionQuerySet, has_time

FEWEST = 5  # people; of fewer the number is not said, so that nobody is recognised
AN_HOUR = timedelta(hours=1)


class Hours(NamedTuple):
    start: datetime
    end: datetime

    def overlaps(self, other: Hours) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Numbers of people and calendars. `stars` are those of each session (pk) that has FEWEST or more."""

    starred: int = 0  # people, by one of the sessions that are moved, cancelled or reinstated
    clashing: int = 0  # people of them who gain two starred sessions at once
    calendars: int = 0  # of these people
    within_an_hour: int = 0  # calendars of them that fetch by then, if they keep their rhythm
    mailed: int = 0  # people
    stars: Mapping[int, int] = field(default_factory=dict)
    by_choice: Mapping[str, str] = field(default_factory=dict)  # who gains a clash if a conflict takes the file's time

    @property
    def people(self) -> str:
        return in_words(self.starred)

    @property
    def people_who_clash(self) -> str:
        return in_words(self.clashing)

    @property
    def soon(self) -> str:
        return in_words(self.within_an_hour)

    @property
    def people_mailed(self) -> str:
        return in_words(self.mailed)


def in_words(count: int) -> str:
    """The number; "a few" where it is so small that people could be recognised."""
    return str(count) if count >= FEWEST or not count else "a few"


def reach(proposal: Proposal, now: datetime) -> Reach:
    """Whom the plan reaches if it is published now, with the choices it has. Five queries at most."""
    counted, hit = _counted(proposal.event), _hit(proposal)
    asked = {planned.session.pk for planned, _ in proposal.conflicts if planned.session}
    stars = _stars(proposal.event, hit.keys() | asked)
    people = set().union(*(stars.get(pk, set()) for pk in hit))
    clashes = _Clashes(proposal.event, hit, stars)
    by_choice = {
        f"value:{planned.key}:when": in_words(len(clashes.gained_by(planned.session.pk, _as_hours(change.new))))
        for planned, change in proposal.conflicts
        if change.name == "when" and planned.session
    }
    if not people:
        return Reach(stars=counted, by_choice=by_choice)
    keys = _keys(proposal.event, people)
    active = [key for each in keys.values() for key in each]
    return Reach(
        starred=len(people),
        clashing=len(clashes.gained()),
        calendars=len(active),
        within_an_hour=sum(fetches_by(key, now + AN_HOUR, now) for key in active),
        mailed=len(_mailed(proposal.event, hit, stars, keys, now)),
        stars=counted,
        by_choice=by_choice,
    )


def reach_in_short(proposal: Proposal) -> Reach:
    """How many people starred a session that the plan moves or cancels, and the stars of each session. Two queries.

    For pages of moves, which are made at each tap; reach() counts calendars and mails, too.
    """
    starring = Star.objects.filter(session__in=_hit(proposal)).aggregate(people=Count("user", distinct=True))
    return Reach(starred=starring["people"], stars=_counted(proposal.event))


def _hit(proposal: Proposal) -> dict[int, SessionPlan]:
    """What becomes of the public sessions (pks) that are moved, cancelled, hidden or reinstated."""
    return {
        planned.session.pk: planned
        for planned in proposal.sessions
        if planned.session and planned.session.is_public and planned.taken.keys() & NOTED
    }


def fetches_by(key: CalendarKey, moment: datetime, now: datetime) -> bool:
    """True if the calendar fetches until then, as long as it keeps its rhythm and has not stopped."""
    next_time = next_fetch(key, now)
    return next_time is not None and next_time <= moment


def next_fetch(key: CalendarKey, now: datetime) -> datetime | None:
    """When the calendar fetches next, if it keeps its rhythm; None if it has none, or has stopped."""
    if not key.last_used_at or not key.fetched_every:
        return None
    every = timedelta(seconds=key.fetched_every)
    has_stopped = now - key.last_used_at > 2 * every + USED_EVERY
    return None if has_stopped else key.last_used_at + every


def _counted(event: Event) -> dict[int, int]:
    """How many people starred each session (pk) of the event, of those that FEWEST or more did."""
    counts = Star.objects.filter(session__event=event).order_by().values_list("session").annotate(people=Count("pk"))
    return dict(counts.filter(people__gte=FEWEST))


def _stars(event: Event, sessions: Collection[int]) -> dict[int, set[int]]:
    """All that the people (pks) starred in the event who starred one of these sessions, by session (pk)."""
    found: dict[int, set[int]] = defaultdict(set)
    if sessions:
        people = Star.objects.filter(session__in=sessions).values("user")
        for session, user in Star.objects.filter(session__event=event, user__in=people).values_list("session", "user"):
            found[session].add(user)
    return dict(found)


def _keys(event: Event, people: set[int]) -> dict[int, list[CalendarKey]]:
    """The calendars of these people that show the event, by person."""
    found: dict[int, list[CalendarKey]] = defaultdict(list)
    starring = Star.objects.filter(session__event=event).values("user")
    for key in CalendarKey.objects.active().filter(user__in=starring):
        if key.user_id in people and options_of(key.options).shows(event.pk):
            found[key.user_id].append(key)
    return found


class _Clashes:
    """When each starred session is on, before the plan and by it; and who then has starred two at once."""

    def __init__(self, event: Event, hit: Mapping[int, SessionPlan], stars: Mapping[int, set[int]]) -> None:
        rows = (
            event.sessions.going_ahead().filter(is_published=True).timed().order_by().values_list("pk", "start", "end")
        )
        self.stars = stars
        self.before = {pk: Hours(start, end) for pk, start, end in rows if start and end and pk in stars}
        self.planned = {pk: _span(hit[pk]) for pk in hit.keys() & stars.keys()}
        self.after = {pk: hours for pk, hours in (self.before | self.planned).items() if hours}

    def gained(self) -> set[int]:
        """The people who gain a clash by the plan."""
        moved = (pk for pk in self.planned.keys() & self.after.keys() if self.before.get(pk) != self.after[pk])
        return set().union(*(self.gained_by(pk, self.after[pk]) for pk in moved))

    def gained_by(self, moved: int, to: Hours) -> set[int]:
        """The people who gain a clash if this session is on at these hours, and all others as planned."""
        others = (pk for pk, hours in self.after.items() if pk != moved and hours.overlaps(to))
        new = (self.stars[other] for other in others if not self._overlapped(moved, other))
        return self.stars.get(moved, set()) & set().union(*new)

    def _overlapped(self, one: int, other: int) -> bool:
        return one in self.before and other in self.before and self.before[one].overlaps(self.before[other])


def _span(planned: SessionPlan) -> Hours | None:
    """When the session is on by the plan; None if it does not take place in public."""
    session, taken = planned.session, planned.taken
    status = taken.get("status", session.status if session else "")
    is_published = taken.get("is_published", bool(session and session.is_published))
    takes_place = is_published and status != Session.Status.CANCELLED and taken.get("when") != []
    return _spans(planned)[-1] if takes_place and _spans(planned) else None


def _as_hours(when: list[str]) -> Hours:
    return Hours(*map(datetime.fromisoformat, when))


def _mailed(
    event: Event,
    hit: Mapping[int, SessionPlan],
    stars: Mapping[int, set[int]],
    keys: Mapping[int, list[CalendarKey]],
    now: datetime,
) -> set[int]:
    """The people who asked for mail, and of whom a calendar does not fetch the change before the mail is due."""
    wanting = dict(
        EmailAddress.objects.filter(verified=True, primary=True, user__is_active=True)
        .filter(user__notice_minutes__isnull=False, user__in=Star.objects.filter(session__event=event).values("user"))
        .exclude(user__refused_address=F("email"))
        .values_list("user", "user__notice_minutes")
    )
    found: set[int] = set()
    for pk, planned in hit.items():
        spans = _spans(planned)
        if not planned.taken.keys() & {"when", "room", "status"} or not any(span.end > now for span in spans):
            continue
        for user in stars.get(pk, set()) & wanting.keys() & keys.keys() - found:
            due = max(now, min(span.start for span in spans) - timedelta(minutes=wanting[user]))
            if not all(fetches_by(key, due, now) for key in keys[user]):
                found.add(user)
    return found


def _spans(planned: SessionPlan) -> list[Hours]:
    """When the session is on now, and by the plan; nothing for no time."""
    session, taken = planned.session, planned.taken
    spans = [Hours(session.start, session.end)] if session and has_time(session) else []
    return [*spans, _as_hours(taken["when"])] if taken.get("when") else spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a change has come: calendars of the people who starred what it changed, and people who were mailed."""

    people: int  # who starred it
    calendars: int
    have_it: int
    within_an_hour: int
    by: datetime | None  # when the last of these looks; None if there are none
    mailed: int

    @property
    def is_said(self) -> bool:
        """True if there are enough people to say a number of their calendars."""
        return self.people >= FEWEST and self.calendars > 0

    @property
    def missing(self) -> int:
        return self.calendars - self.have_it

    @property
    def people_who_starred(self) -> str:
        return in_words(self.people)

    @property
    def calendars_with_it(self) -> str:
        return in_words(self.have_it)

    @property
    def soon(self) -> str:
        return in_words(self.within_an_hour)

    @property
    def people_mailed(self) -> str:
        return in_words(self.mailed)


def reached(batch: Batch, now: datetime) -> Reached:
    """How far the batch has come at this moment. Three queries."""
    changed = SessionRevision.objects.filter(batch=batch)
    return _reached(batch.event, changed, batch.at, now)


def last_reached(session: Session, now: datetime) -> Reached | None:
    """How far the last change of the session has come; None if it was never changed. Four queries."""
    last = SessionRevision.objects.filter(session=session).order_by("-at", "-pk").first()
    return _reached(session.event, SessionRevision.objects.filter(pk=last.pk), last.at, now) if last else None


def _reached(event: Event, changed: QuerySet[SessionRevision], at: datetime, now: datetime) -> Reached:
    starring = set(Star.objects.filter(session__in=changed.values("session")).values_list("user", flat=True))
    keys = [key for each in _keys(event, starring).values() for key in each]
    waiting = [key for key in keys if not _has(key, at)]
    told = Notice.objects.filter(revision__in=changed, sent_at__isnull=False)
    mailed = told.aggregate(people=Count("user", distinct=True))["people"]
    soon = [next_time for key in waiting if (next_time := next_fetch(key, now)) and next_time <= now + AN_HOUR]
    return Reached(
        people=len(starring),
        calendars=len(keys),
        have_it=len(keys) - len(waiting),
        within_an_hour=len(soon),
        by=max(now, *soon) if soon else None,
        mailed=mailed,
    )


def _has(key: CalendarKey, at: datetime) -> bool:
    version = Served.to_key(key).version
    return bool(version and version.updated >= at)


def stars_of(sessions: SessionQuerySet) -> dict[int, int]:
    """How many people starred each of these sessions, by pk, where it is FEWEST or more. One query."""
    stars = (
        Star.objects.filter(session__in=sessions.order_by().values("pk"))
        .order_by()
        .values_list("session")
        .annotate(Count("pk"))
    )
    return {session: count for session, count in stars if count >= FEWEST}


def starred_any(sessions: Collection[int]) -> Reach:
    """How many people starred one of these sessions (pks), and nothing else of their reach. No query for none."""
    people = Star.objects.filter(session__in=sessions).order_by().values("user").distinct()
    return Reach(starred=people.count() if sessions else 0)
