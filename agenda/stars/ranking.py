"""First and second choices among starred talks that overlap."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.stars.overlaps import shared
from agenda.stars.starring import lock


class CannotRank(Exception):
    """The words say to the person why two talks have no order."""


@transaction.atomic
def rank(user: User, session: Session, *, in_case_of: Session, through: StarLog.Through) -> None:
    """Makes the session the second choice beside one that it overlaps; ranked so already, nothing changes.

    If that one was itself in case of this, directly or by way of others, it no longer is: the last word counts.
    Raises CannotRank for what is not starred or does not overlap.
    """
    lock.rows(user.pk)
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
    lock.rows(user.pk)
    _write([_ranked(star, None) for star in Star.objects.filter(user=user, session=session)], through)


@transaction.atomic
def keep_in_case(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Leaves the session a second choice though its first choice is gone; once done, doing it again changes nothing.

    Raises CannotRank for what is not starred or has no first choice.
    """
    lock.rows(user.pk)
    star = Star.objects.filter(user=user, session=session).first()
    if star is None:
        raise CannotRank(f"“{session.title}” is not among your stars any more.")
    if star.in_case_of_id is None:
        raise CannotRank(f"“{session.title}” is in your plan: it is no longer the backup choice for another talk.")
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
