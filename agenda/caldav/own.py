"""The calendar of a person's own stars: a session that is deleted from it is unstarred."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from agenda.caldav.addresses import AGENDA
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection, CollectionEntry, digest
from agenda.calendars.opened_key import Opened
from agenda.calendars.personal import HeldSession, PersonalCalendar, personal_calendar, personal_name
from agenda.calendars.served import CalendarVersion, Served
from agenda.models import Session, StarLog
from agenda.models.session import as_seen
from agenda.stars.starred import starred_by
from agenda.stars.starring import unstar
from database.prepared import Prepared


class LoggedStar(NamedTuple):
    """A line of the log of stars, with what is known of its session."""

    pk: int
    at: datetime
    starred: bool
    session_id: int
    guid: UUID
    updated: datetime
    event_id: int


_log = Prepared(
    lambda user: (
        StarLog.objects.filter(user=user)
        .order_by("pk")
        .values_list("pk", "at", "starred", "session", "session__guid", as_seen("session__"), "session__event")
    )
)


_newest = Prepared(lambda user: StarLog.objects.filter(user=user).order_by("-pk").values_list("pk", "at")[:1])


def _of_one_moment(opened: Opened, site: str) -> PersonalCalendar:
    """The calendar with stars and log of the same moment, even if a session is starred between the queries for the two.

    Otherwise a token could name a state that never existed, and its client would have to start over.
    """
    while True:
        calendar = personal_calendar(opened, site)
        logged, logged_at = next(iter(_newest.rows(opened.user_id)), (None, None))
        if logged == opened.logged:
            return calendar
        opened = opened._replace(logged=logged, logged_at=logged_at)


class OwnAgenda(Collection):
    is_own = True
    description = "The talks you starred. Deleting one here takes its star away; the rest is changed on the page."

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller, AGENDA)
        self.title = personal_name()
        self.calendar = _of_one_moment(caller.opened, caller.site)

    @property
    def zone(self) -> str:  # type: ignore[override]
        """The owner's time zone, else that of their first starred session, else UTC."""
        return self.caller.time_zone or next((session.zone for session in self.calendar.starred), "UTC")

    @cached_property
    def _members(self) -> dict[int, HeldSession]:
        return {member.pk: member for member in self.calendar.members}

    @cached_property
    def entries(self) -> list[CollectionEntry]:
        return [
            CollectionEntry(member.pk, member.updated, member.guid, member.zone) for member in self.calendar.members
        ]

    @cached_property
    def point(self) -> str:
        return f"{self.calendar.version}.{self._set}"

    @cached_property
    def _set(self) -> str:
        return digest(sorted(session.pk for session in self.calendar.starred))

    def changed_since(self, point: str) -> dict[int, UUID] | None:
        if point == self.point:
            return {}
        since = CalendarVersion.read(point)
        if since is None:
            return None
        guids = {session.pk: session.guid for session in self.calendar.starred}
        edited = {session.pk for session in self.calendar.starred if session.updated > since.updated}
        if since.logged == self.calendar.version.logged:
            known = point.endswith(self._set) and since.logged_at == self.calendar.version.logged_at
            changed = edited if known and since.updated <= self.calendar.version.updated else None
        else:
            log = [LoggedStar._make(row) for row in _log.rows(self.caller.user_id)]
            later = {line.session_id: line.guid for line in log if line.pk > since.logged and self._shows(line)}
            guids = later | guids
            changed = edited | later.keys() if self._was_at(since, point.partition(".")[2], log) else None
        return None if changed is None else {pk: guids[pk] for pk in self._with_dependants(changed)}

    def _was_at(self, since: CalendarVersion, pks: str, log: list[LoggedStar]) -> bool:
        """True if the calendar may have been at that point, judging by what the database holds now.

        False if the log's line at that point is gone or another; if the set of stars was another, as a deleted session
        takes its lines with it; or if no session is as new as `since`. A restored backup can cause any of these.
        """
        then = {line.pk: line for line in log if line.pk <= since.logged}
        if since.logged and since.logged not in then:
            return False
        line_at = then[since.logged].at if since.logged else self.caller.opened.created
        starred = {line.session_id: line.starred for line in then.values() if self._shows(line)}
        return (
            since.logged_at == line_at
            and pks == digest(sorted(pk for pk, is_starred in starred.items() if is_starred))
            and since.updated <= max((line.updated for line in log), default=since.updated)
        )

    def _shows(self, line: LoggedStar) -> bool:
        return self.options.shows(line.event_id)

    def _with_dependants(self, pks: set[int]) -> set[int]:
        """These sessions and all their backup choices, which may have joined the plan or left it because of them."""
        found = set(pks)
        while more := {s.pk for s in self.calendar.starred if s.in_case_of in found and s.pk not in found}:
            found |= more
        return found

    def _ever_in_it(self) -> QuerySet[Session]:
        """The starred sessions, hidden ones too, and those unstarred since the client last had all, or was added."""
        served = Served.to_opened(self.caller.opened)
        known = served.version
        log = StarLog.objects.filter(user=self.caller.user_id)
        log = log.filter(pk__gt=known.logged) if known else log.filter(at__gte=self.caller.opened.created)
        starred = Session.objects.filter(stars__user=self.caller.user_id)
        sessions = Session.objects.filter(Q(pk__in=starred.values("pk")) | Q(pk__in=log.values("session")))
        if self.options.events is None or served.has_other_choices:  # then it may show others, too
            return sessions
        return sessions.filter(event__in=self.options.events)

    def starred_as(self, name: str) -> CollectionEntry | None:
        """The starred session with that file name, even if it is not shown: unpublished, or of an event not chosen."""
        for session in starred_by(self.caller.user_id):
            entry = CollectionEntry(session.pk, session.updated, session.guid, session.zone)
            if entry.name == name:
                return entry
        return None

    def etag(self, entry: CollectionEntry) -> str:
        return self.calendar.resource_etag(self._members[entry.pk])

    def vevents(self, entries: list[CollectionEntry]) -> list[bytes]:
        return self.calendar.vevents(self._members[entry.pk] for entry in entries)

    def remove(self, entry: CollectionEntry) -> None:
        """Unstars the session. For a day, the page My agenda says so and offers to star it again."""
        user = User.objects.get(pk=self.caller.user_id)
        for session in Session.objects.filter(pk=entry.pk):  # empty if the session was deleted a moment ago
            unstar(user, session, through=StarLog.Through.CALDAV)
