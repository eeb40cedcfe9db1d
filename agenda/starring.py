"""Starring and unstarring, for people with an account and for visitors, whose stars wait in the cookie session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts.models import User
from agenda.conflicts import shared
from agenda.models import Session, Star, StarLog
from agenda.models.session import is_editor
from database.prepared import Prepared

VISITOR_STARS = "stars"  # in request.session: pks of starred sessions, ascending

_lock = Prepared(lambda user: User.objects.select_for_update().filter(pk=user).values_list("pk"))
_starred = Prepared(lambda user: Star.objects.filter(user=user).values_list("session_id"))
_shown = Prepared(
    lambda user: Star.objects.filter(user=user, session__is_published=True).values_list("session_id"),
)
_taken = Prepared(
    lambda user, since: (
        StarLog.objects.filter(user=user, through=StarLog.Through.CALDAV, starred=False, at__gt=since)
        .exclude(Exists(StarLog.objects.filter(user=user, session=OuterRef("session"), pk__gt=OuterRef("pk"))))
        .values_list("session_id")
    )
)


class CannotRank(Exception):
    """The words say to the person why two talks have no order."""


def starred_ids(request: HttpRequest) -> set[int]:
    """The pks of all that this person has starred and may see, in every event.

    A visitor's may be unpublished since: only their cookie session was asked.
    """
    if isinstance(request.user, User):
        starred = _starred if is_editor(request.user) else _shown
        return {pk for (pk,) in starred.rows(request.user.pk)}
    return set(request.session.get(VISITOR_STARS, []))


def set_star(request: HttpRequest, session: Session, *, starred: bool) -> None:
    """Makes the session starred or not for this person; once done, doing it again changes nothing."""
    if isinstance(request.user, User):
        if starred:
            star(request.user, [session.pk], through=StarLog.Through.PAGE)
        else:
            unstar(request.user, session, through=StarLog.Through.PAGE)
        return
    before = set(request.session.get(VISITOR_STARS, []))
    after = before | {session.pk} if starred else before - {session.pk}
    if after != before:
        request.session[VISITOR_STARS] = sorted(after)


@transaction.atomic
def star(user: User, sessions: Iterable[int], *, through: StarLog.Through) -> int:
    """Stars these sessions (pks) for the user; how many of them were not starred before."""
    _lock.rows(user.pk)  # one at a time, so that the log tells the truth
    had = set(Star.objects.filter(user=user, session__in=sessions).values_list("session_id", flat=True))
    new = [pk for pk in sessions if pk not in had]
    Star.objects.bulk_create(Star(user=user, session_id=pk) for pk in new)
    StarLog.objects.bulk_create(StarLog(user=user, session_id=pk, starred=True, through=through) for pk in new)
    return len(new)


@transaction.atomic
def unstar(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Takes the user's star from the session, if there is one."""
    _lock.rows(user.pk)
    removed, _ = Star.objects.filter(user=user, session=session).delete()
    if removed:
        StarLog.objects.create(user=user, session=session, starred=False, through=through)


def taken_in_a_calendar(user: User, since: datetime) -> set[int]:
    """The pks of what the user has deleted in a calendar since then, which unstarred it, and not touched after that."""
    return {pk for (pk,) in _taken.rows(user.pk, since)}


@transaction.atomic
def rank(user: User, session: Session, *, in_case_of: Session, through: StarLog.Through) -> None:
    """Makes the session the second choice beside one that it overlaps; ranked so already, nothing changes.

    If that one was itself in case of this, directly or by way of others, it no longer is: the last word counts.
    Raises CannotRank for what is not starred or does not overlap.
    """
    _lock.rows(user.pk)
    stars = {star.session_id: star for star in Star.objects.filter(user=user)}
    for talk in (session, in_case_of):
        if talk.pk not in stars:
            raise CannotRank(f"“{talk.title}” is not among your stars any more.")
        if talk.is_cancelled:
            raise CannotRank(f"“{talk.title}” was cancelled, so there is nothing to choose.")
    if session.pk == in_case_of.pk or not shared(session, in_case_of):
        raise CannotRank(f"“{session.title}” and “{in_case_of.title}” no longer overlap: you can attend both.")
    changed = [_ranked(stars[session.pk], in_case_of.pk)]
    if session.pk in _before(in_case_of.pk, stars):
        changed.append(_ranked(stars[in_case_of.pk], None))
    _write(changed, through)


@transaction.atomic
def unrank(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Makes the session part of the plan, whatever else is; if it is already, or not starred, nothing changes."""
    _lock.rows(user.pk)
    _write([_ranked(star, None) for star in Star.objects.filter(user=user, session=session)], through)


@transaction.atomic
def keep_in_case(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Leaves the session a second choice though its first choice is gone; once done, doing it again changes nothing.

    Raises CannotRank for what is not starred or has no first choice.
    """
    _lock.rows(user.pk)
    star = Star.objects.filter(user=user, session=session).first()
    if star is None:
        raise CannotRank(f"“{session.title}” is not among your stars any more.")
    if star.in_case_of_id is None:
        raise CannotRank(f"“{session.title}” is in your plan: it is in case of no other talk any more.")
    _write([_ranked(star, star.in_case_of_id, stays=True)], through)


def _before(first: int, stars: dict[int, Star]) -> set[int]:
    """The sessions (pks) that this one is in case of, directly or by way of others."""
    found: set[int] = set()
    star = stars.get(first)
    while star and star.in_case_of_id and star.in_case_of_id not in found:
        found.add(star.in_case_of_id)
        star = stars.get(star.in_case_of_id)
    return found


def _ranked(star: Star, first: int | None, *, stays: bool = False) -> Star | None:
    """The star with this rank, to be written; None if it has it already."""
    if (star.in_case_of_id, star.stays_in_case) == (first, stays):
        return None
    star.in_case_of_id, star.stays_in_case = first, stays
    return star


def _write(ranked: Iterable[Star | None], through: StarLog.Through) -> None:
    changed = [star for star in ranked if star]
    Star.objects.bulk_update(changed, ["in_case_of", "stays_in_case"])
    StarLog.objects.bulk_create(
        StarLog(user_id=star.user_id, session_id=star.session_id, starred=True, through=through) for star in changed
    )


def take_over_visitor_stars(request: HttpRequest, user: User) -> int:
    """Moves what was starred before signing in into the account, beside what is there; how many of it the user sees.

    What was deleted meanwhile is left out; what was unpublished comes along, and is seen once it is published again.
    """
    waiting = request.session.get(VISITOR_STARS, [])
    known = dict(Session.objects.filter(pk__in=waiting).values_list("pk", "is_published")) if waiting else {}
    if known:
        star(user, known, through=StarLog.Through.MERGE)
    request.session.pop(VISITOR_STARS, None)
    return len(known) if is_editor(user) else sum(known.values())
