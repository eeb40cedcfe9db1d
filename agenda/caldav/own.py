"""The calendar of one's own stars, which deleting from unstars."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from agenda.caldav.addresses import AGENDA
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection, Entry, digest
from agenda.calendars.opened_key import Opened
from agenda.calendars.personal import PERSONAL_NAME, Member, PersonalCalendar, personal_calendar
from agenda.calendars.served import CalendarVersion, Served
from agenda.models import Session, StarLog
from agenda.stars.starred import starred_by
from agenda.stars.starring import unstar
from database.prepared import Prepared, as_uuid


class Line(NamedTuple):
    """Of the log of stars, with what there is to know of the session."""

    pk: int
    at: datetime
    starred: bool
    session_id: int
    guid: UUID | str  # as the database has it
    updated: datetime
    event_id: int


_log = Prepared(
    lambda user: (
        StarLog.objects.filter(user=user)
        .order_by("pk")
        .values_list("pk", "at", "starred", "session", "session__guid", "session__updated", "session__event")
    )
)


_newest = Prepared(lambda user: StarLog.objects.filter(user=user).order_by("-pk").values_list("pk", "at")[:1])


def _of_one_moment(opened: Opened, site: str) -> PersonalCalendar:
    """The stars, and the log up to the last of them: between the query of the key and that of the stars, one may come.

    A token of such a calendar would be none of any state that there was, and its client would have to start over.
    """
    while True:
        calendar = personal_calendar(opened, site)
        logged, logged_at = next(iter(_newest.rows(opened.user_id)), (None, None))
        if logged == opened.logged:
            return calendar
        opened = opened._replace(logged=logged, logged_at=logged_at)


class OwnAgenda(Collection):
    is_own = True
    title = PERSONAL_NAME
    description = "The talks you starred. Deleting one here takes its star away; the rest is changed on the page."

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller, AGENDA)
        self.calendar = _of_one_moment(caller.opened, caller.site)

    @property
    def zone(self) -> str:  # type: ignore[override]
        """The owner's, or that of their first session."""
        return self.caller.time_zone or next((session.zone for session in self.calendar.starred), "UTC")

    @cached_property
    def _members(self) -> dict[int, Member]:
        return {member.pk: member for member in self.calendar.members}

    @cached_property
    def entries(self) -> list[Entry]:
        return [Entry(member.pk, member.updated, member.guid, member.zone) for member in self.calendar.members]

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
        guids = {session.pk: as_uuid(session.guid) for session in self.calendar.starred}
        edited = {session.pk for session in self.calendar.starred if session.updated > since.updated}
        if since.logged == self.calendar.version.logged:
            known = point.endswith(self._set) and since.logged_at == self.calendar.version.logged_at
            changed = edited if known and since.updated <= self.calendar.version.updated else None
        else:
            log = [Line._make(row) for row in _log.rows(self.caller.user_id)]
            later = {line.session_id: line.guid for line in log if line.pk > since.logged and self._shows(line)}
            guids = {pk: as_uuid(guid) for pk, guid in later.items()} | guids
            changed = edited | later.keys() if self._was_at(since, point.partition(".")[2], log) else None
        return None if changed is None else {pk: guids[pk] for pk in self._with_dependants(changed)}

    def _was_at(self, since: CalendarVersion, pks: str, log: list[Line]) -> bool:
        """Whether it can have been there, by what there is now.

        It cannot if the line of then is gone or another; if the set of stars was another, as a deleted session takes
        its lines with it; or if the programme had come further. A database put back from a backup shows any of these.
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

    def _shows(self, line: Line) -> bool:
        return self.options.shows(line.event_id)

    def _with_dependants(self, pks: set[int]) -> set[int]:
        """And what is starred in case of one of them: it may have become the plan, or no longer be it."""
        found = set(pks)
        while more := {s.pk for s in self.calendar.starred if s.in_case_of in found and s.pk not in found}:
            found |= more
        return found

    def _ever_in_it(self) -> QuerySet[Session]:
        """What is starred, hidden or not, and what was unstarred since the client last knew all, or was added."""
        served = Served.to_opened(self.caller.opened)
        known = served.version
        log = StarLog.objects.filter(user=self.caller.user_id)
        log = log.filter(pk__gt=known.logged) if known else log.filter(at__gte=self.caller.opened.created)
        starred = Session.objects.filter(stars__user=self.caller.user_id)
        sessions = Session.objects.filter(Q(pk__in=starred.values("pk")) | Q(pk__in=log.values("session")))
        if self.options.events is None or served.has_other_choices:  # then it may show others, too
            return sessions
        return sessions.filter(event__in=self.options.events)

    def starred_as(self, name: str) -> Entry | None:
        """The starred session of that name, in it or not: unpublished, say, or of an event that was not chosen."""
        for session in starred_by(self.caller.user_id):
            entry = Entry(session.pk, session.updated, as_uuid(session.guid), session.zone)
            if entry.name == name:
                return entry
        return None

    def etag(self, entry: Entry) -> str:
        return self.calendar.resource_etag(self._members[entry.pk])

    def vevents(self, entries: list[Entry]) -> list[bytes]:
        return self.calendar.vevents(self._members[entry.pk] for entry in entries)

    def remove(self, entry: Entry) -> None:
        """Unstars it; the page shows that, and can take it back."""
        user = User.objects.get(pk=self.caller.user_id)
        for session in Session.objects.filter(pk=entry.pk):  # none, if it was deleted a moment ago
            unstar(user, session, through=StarLog.Through.CALDAV)
