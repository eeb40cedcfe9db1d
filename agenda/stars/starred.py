"""What a person has starred, and which of it is only a second choice."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, When
from django.http import HttpRequest

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.models.session import is_editor, reading_order
from database.prepared import Prepared

VISITOR_STARS = "stars"  # in request.session: pks of starred sessions, ascending

_starred_pks = Prepared(lambda user: Star.objects.filter(user=user).values_list("session_id"))
_shown_pks = Prepared(
    lambda user: Star.objects.filter(user=user, session__is_published=True).values_list("session_id"),
)
_taken = Prepared(
    lambda user, since: (
        StarLog.objects.filter(user=user, through=StarLog.Through.CALDAV, starred=False, at__gt=since)
        .exclude(Exists(StarLog.objects.filter(user=user, session=OuterRef("session"), pk__gt=OuterRef("pk"))))
        .values_list("session_id")
    )
)


def starred_ids(request: HttpRequest) -> set[int]:
    """The pks of all that this person has starred and may see, in every event.

    A visitor's may be unpublished since: only their cookie session was asked.
    """
    if isinstance(request.user, User):
        pks = _starred_pks if is_editor(request.user) else _shown_pks
        return {pk for (pk,) in pks.rows(request.user.pk)}
    return set(request.session.get(VISITOR_STARS, []))


class Starred(NamedTuple):
    """A starred session, as far as calendars must look at it to tell whether anything changed."""

    pk: int
    updated: datetime
    guid: UUID | str  # as the database has it
    event_id: int
    zone: str
    status: str
    is_published: bool
    in_case_of: int | None
    stays_in_case: bool
    overlaps_first: bool  # the session that it is in case of


_starred = Prepared(
    lambda user: (
        Star.objects.filter(user=user)
        .order_by(*reading_order("session__"))
        .values_list(
            *("session", "session__updated", "session__guid", "session__event", "session__event__time_zone"),
            *("session__status", "session__is_published", "in_case_of", "stays_in_case"),
            Case(  # here the database compares times, which take longest to read
                When(in_case_of__start__lt=F("session__end"), in_case_of__end__gt=F("session__start"), then=True),
                default=False,
            ),
        )
    )
)


def starred_by(user_id: int) -> list[Starred]:
    """All of that person's stars, in order of time, hidden sessions among them. One query."""
    return [Starred._make(row) for row in _starred.rows(user_id)]


def in_case(session: Starred, by_pk: dict[int, Starred]) -> bool:
    """Whether it is only the second choice: as long as the first is starred, takes place, and overlaps it."""
    if session.in_case_of is None:
        return False
    first = by_pk.get(session.in_case_of)
    if session.stays_in_case:
        return True
    if first is None or not first.is_published or first.status == Session.Status.CANCELLED:
        return False
    return bool(session.overlaps_first)


def taken_in_a_calendar(user: User, since: datetime) -> set[int]:
    """The pks of what the user has deleted in a calendar since then, which unstarred it, and not touched after that."""
    return {pk for (pk,) in _taken.rows(user.pk, since)}
