"""The sessions that a person has starred, and which of them are only a second choice."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, When
from django.http import HttpRequest

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.models.event_editor import edited_events
from agenda.models.session import SessionQuerySet, as_seen, has_time_in, is_editor, is_public, order_of_sessions
from database.prepared import Prepared

VISITOR_STARS = "stars"  # in request.session: pks of starred sessions

_starred_pks = Prepared(lambda user: Star.objects.filter(user=user).values_list("session_id"))
_shown_pks = Prepared(lambda user: Session.objects.published().filter(stars__user=user).order_by().values_list("pk"))
_starred_guids = Prepared(lambda user: Session.objects.filter(stars__user=user).order_by().values_list("guid"))
_shown_guids = Prepared(
    lambda user: Session.objects.published().filter(stars__user=user).order_by().values_list("guid")
)
_newest_line = Prepared(lambda user: StarLog.objects.filter(user=user).order_by("-pk").values_list("pk")[:1])
_taken = Prepared(
    lambda user, since: (
        StarLog.objects.filter(user=user, through=StarLog.Through.CALDAV, starred=False, at__gt=since)
        .exclude(Exists(StarLog.objects.filter(user=user, session=OuterRef("session"), pk__gt=OuterRef("pk"))))
        .values_list("session_id")
    )
)


def starred_ids(request: HttpRequest) -> set[int]:
    """The pks of the sessions that this person has starred and may see, in every event. One query, if there are any."""
    if isinstance(request.user, User):
        if edited_events(request.user):
            return set(_shown_to_editor_of_some(request.user).values_list("pk", flat=True))
        pks = _starred_pks if is_editor(request.user) else _shown_pks
        return {pk for (pk,) in pks.rows(request.user.pk)}
    kept = request.session.get(VISITOR_STARS, [])
    shown = Session.objects.filter(pk__in=kept).published().order_by()
    return set(shown.values_list("pk", flat=True)) if kept else set()


def starred_guids(request: HttpRequest) -> list[UUID]:
    """The guids of the sessions in starred_ids()."""
    if isinstance(request.user, User):
        if edited_events(request.user):
            return list(_shown_to_editor_of_some(request.user).values_list("guid", flat=True))
        guids = _starred_guids if is_editor(request.user) else _shown_guids
        return [guid for (guid,) in guids.rows(request.user.pk)]
    kept = request.session.get(VISITOR_STARS, [])
    shown = Session.objects.filter(pk__in=kept).published().order_by()
    return list(shown.values_list("guid", flat=True)) if kept else []


def _shown_to_editor_of_some(user: User) -> SessionQuerySet:
    """The sessions that the user has starred and may see; what everybody else's are, is prepared above."""
    return Session.objects.visible_to(user).filter(stars__user=user).order_by()


def newest_line(request: HttpRequest) -> int:
    """The newest line (pk) of this person's log of stars; 0 for a visitor, who has none."""
    user = request.user.pk if isinstance(request.user, User) else 0
    return next((pk for (pk,) in _newest_line.rows(user)), 0) if user else 0


class Starred(NamedTuple):
    """The fields of a starred session that tell a calendar whether anything changed."""

    pk: int
    updated: datetime  # as its readers may know it
    guid: UUID
    event_id: int
    zone: str
    status: str
    is_published: bool  # and its event's programme is public
    has_time: bool
    in_case_of: int | None
    stays_in_case: bool
    overlaps_first: bool  # the session that it is in case of


_starred = Prepared(
    lambda user: (
        Star.objects.filter(user=user)
        .order_by(*order_of_sessions("session__"))
        .values_list(
            *("session", as_seen("session__"), "session__guid", "session__event", "session__event__time_zone"),
            *("session__status", is_public("session__"), has_time_in("session__"), "in_case_of", "stays_in_case"),
            Case(  # here the database compares times, which take longest to read
                When(in_case_of__start__lt=F("session__end"), in_case_of__end__gt=F("session__start"), then=True),
                default=False,
            ),
        )
    )
)


def starred_by(user_id: int) -> list[Starred]:
    """The sessions that this person starred, unpublished ones among them, in order. One query."""
    return [Starred._make(row) for row in _starred.rows(user_id)]


def in_case(session: Starred, by_pk: dict[int, Starred]) -> bool:
    """True if the session is only a second choice.

    It is one as long as its first choice is starred, goes ahead and overlaps it, or if the person keeps it as one.
    """
    if session.in_case_of is None:
        return False
    first = by_pk.get(session.in_case_of)
    if session.stays_in_case:
        return True
    if first is None or not first.is_published or first.status == Session.Status.CANCELLED:
        return False
    return session.overlaps_first


def taken_in_a_calendar(user: User, since: datetime) -> set[int]:
    """The pks of the sessions that the user unstarred since then by deleting them in a calendar.

    A session that was starred or unstarred again after that is left out.
    """
    return {pk for (pk,) in _taken.rows(user.pk, since)}
