"""Starring and unstarring, for users and for visitors; a visitor's stars are kept in the cookie session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.http import HttpRequest

from accounts.browsers import browser_of
from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.models.session import is_visible_to
from agenda.stars.starred import VISITOR_STARS, starred_ids
from database.prepared import Prepared

OFFERED = "sign_up_offered"  # in request.session: True once a visitor was offered to sign up for their stars
OFFERED_AT = 3  # stars

lock = Prepared(lambda user: User.objects.select_for_update().filter(pk=user).values_list("pk"))


def set_stars(request: HttpRequest, sessions: Sequence[int]) -> int:
    """Stars these sessions (pks) for this person in one write, and returns how many were not starred before.

    Raises what set_star() does.
    """
    if isinstance(request.user, User):
        return star(request.user, sessions, through=StarLog.Through.PAGE)
    before = set(request.session.get(VISITOR_STARS, []))
    keep_visitor_stars(request, before, before | set(sessions))
    return len(set(sessions) - before)


def set_star(request: HttpRequest, session: Session, *, starred: bool) -> None:
    """Stars or unstars the session for this person; safe to repeat.

    Raises IntegrityError if the session was deleted a moment ago, UpdateError if a visitor has just logged in.
    """
    if isinstance(request.user, User):
        if starred:
            star(request.user, [session.pk], through=StarLog.Through.PAGE)
        else:
            unstar(request.user, session, through=StarLog.Through.PAGE)
        return
    _set_visitor_star(request, session.pk, starred=starred)


def _set_visitor_star(request: HttpRequest, pk: int, *, starred: bool) -> None:
    before = set(request.session.get(VISITOR_STARS, []))
    keep_visitor_stars(request, before, before | {pk} if starred else before - {pk})


def keep_visitor_stars(request: HttpRequest, before: set[int], after: set[int]) -> None:
    """Saves them at once: UpdateError, if the visitor has logged in meanwhile, is then raised before any answer."""
    if request.session.session_key is None and after != before and (browser := browser_of(request)):
        request.session.begin(browser)  # type: ignore[attr-defined]  # ours: accounts.backends
    if after != before:
        request.session[VISITOR_STARS] = sorted(after)
    if request.session.session_key or after != before:
        request.session.save()


def offers_sign_up(request: HttpRequest) -> bool:
    """True when a visitor has just given their third star; only the first time."""
    if isinstance(request.user, User) or request.session.get(OFFERED) or len(starred_ids(request)) != OFFERED_AT:
        return False
    request.session[OFFERED] = True
    try:
        request.session.save()
    except UpdateError:  # they have logged in since; the star is saved
        request.session.modified = False
        return False
    return True


@transaction.atomic
def star(user: User, sessions: Iterable[int], *, through: StarLog.Through) -> int:
    """Stars these sessions (pks) for the user, and returns how many of them were not starred before."""
    lock.rows(user.pk)  # one at a time, so that the log tells the truth
    had = set(Star.objects.filter(user=user, session__in=sessions).values_list("session_id", flat=True))
    new = [pk for pk in sessions if pk not in had]
    Star.objects.bulk_create(Star(user=user, session_id=pk) for pk in new)
    StarLog.objects.bulk_create(StarLog(user=user, session_id=pk, starred=True, through=through) for pk in new)
    return len(new)


@transaction.atomic
def unstar(user: User, session: Session, *, through: StarLog.Through) -> None:
    """Removes the user's star from the session, if there is one. The log keeps its rank."""
    lock.rows(user.pk)
    removed = Star.objects.filter(user=user, session=session).first()
    if removed:
        removed.delete()
        rank = {"in_case_of_id": removed.in_case_of_id, "stays_in_case": removed.stays_in_case}
        StarLog.objects.create(user=user, session=session, starred=False, through=through, **rank)


@transaction.atomic
def take_over_visitor_stars(request: HttpRequest, user: User) -> int:
    """Adds the stars from before the login to the account, and returns how many of these sessions the user may see.

    A session that was deleted meanwhile is left out. An unpublished one is starred, and seen once it is published.
    """
    waiting = request.session.get(VISITOR_STARS, [])
    found = Session.objects.filter(pk__in=waiting).select_related("event").order_by("pk")
    known = list(found.select_for_update(of=("self",), no_key=True)) if waiting else []  # so that none is deleted
    if known:
        star(user, [session.pk for session in known], through=StarLog.Through.MERGE)
    request.session.pop(VISITOR_STARS, None)
    return sum(is_visible_to(session, user) for session in known)
