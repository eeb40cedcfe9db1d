"""First and second choices among starred talks that overlap."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.models.session import timed
from agenda.stars.overlaps import shared
from agenda.stars.starring import lock, star


class CannotRank(Exception):
    """Raised when two talks cannot be ranked; its text tells the person why."""


@transaction.atomic
def rank(user: User, session: Session, *, in_case_of: Session, through: StarLog.Through) -> None:
    """Makes the session the second choice, and `in_case_of` the first. Changes nothing if they are ranked so already.

    If the first choice was a second choice after this session, directly or through others, it no longer is.
    Raises CannotRank unless both are starred, go ahead, and overlap.
    """
    lock.rows(user.pk)
    stars = {star.session_id: star for star in Star.objects.filter(user=user)}
    for talk in (session, in_case_of):
        if talk.pk not in stars:
            raise CannotRank(f"“{talk.title}” is not among your stars any more.")
        if talk.is_cancelled:
            raise CannotRank(f"“{talk.title}” was cancelled, so there is nothing to choose.")
    both = timed([session, in_case_of])
    if session.pk == in_case_of.pk or len(both) < 2 or not shared(*both):
        raise CannotRank(f"“{session.title}” and “{in_case_of.title}” no longer overlap: you can attend both.")
    changed = [_ranked(stars[session.pk], in_case_of.pk)]
    if session.pk in _before(in_case_of.pk, stars):
        changed.append(_ranked(stars[in_case_of.pk], None))
    _write(changed, through)


@transaction.atomic
def unrank(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Makes the session part of the plan. Changes nothing if it is already, or is not starred."""
    lock.rows(user.pk)
    _write([_ranked(star, None) for star in Star.objects.filter(user=user, session=session)], through)


@transaction.atomic
def keep_in_case(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Keeps the session a second choice even though its first choice is gone; safe to repeat.

    Raises CannotRank if the session is not starred or has no first choice.
    """
    lock.rows(user.pk)
    star = Star.objects.filter(user=user, session=session).first()
    if star is None:
        raise CannotRank(f"“{session.title}” is not among your stars any more.")
    if star.in_case_of_id is None:
        raise CannotRank(f"“{session.title}” is in your plan: it is no longer the backup choice for another talk.")
    _write([_ranked(star, star.in_case_of_id, stays=True)], through)


@transaction.atomic
def star_again(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Stars the session, with the rank that its star had when it was last removed. Changes nothing if it is starred.

    Its first choice may be in case of the session by now, directly or through others. Then that is kept.
    """
    if not star(user, [session.pk], through=through):
        return
    removed = StarLog.objects.filter(user=user, session=session, starred=False).order_by("-pk").first()
    stars = {each.session_id: each for each in Star.objects.filter(user=user)}
    first = removed and removed.in_case_of_id
    if removed and first and session.pk not in _before(first, stars):
        stars[session.pk].in_case_of_id, stars[session.pk].stays_in_case = first, removed.stays_in_case
        stars[session.pk].save()


def _before(first: int, stars: dict[int, Star]) -> set[int]:
    """The sessions (pks) that come before `first` as better choices, directly or through others."""
    found: set[int] = set()
    star = stars.get(first)
    while star and star.in_case_of_id and star.in_case_of_id not in found:
        found.add(star.in_case_of_id)
        star = stars.get(star.in_case_of_id)
    return found


def _ranked(star: Star, first: int | None, *, stays: bool = False) -> Star | None:
    """The star with this rank, still to be saved; None if it has that rank already."""
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
