"""Visitors whose stars are of the past: their cookie sessions would stay for half a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import QuerySet

from agenda.models import Session
from agenda.stars.starred import VISITOR_STARS

STARS_KEPT = timedelta(days=30)  # after the last event that the visitor starred, and after their last star
READ_AT_ONCE = 1000  # sessions


def long_unused(now: datetime) -> QuerySet[CookieSession]:
    """The cookie sessions of visitors that nothing was saved in for STARS_KEPT."""
    saved_before = now - STARS_KEPT + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return CookieSession.objects.filter(owners=None, expire_date__lt=saved_before)


def with_old_stars_alone(now: datetime) -> Iterator[str]:
    """The keys of those that have stars, none of them of an event that was on within STARS_KEPT or is to come."""
    recent = Session.objects.filter(event__ends_on__gte=(now - STARS_KEPT).date())
    wanted = set(recent.order_by().values_list("pk", flat=True))
    unused, last = long_unused(now).order_by("pk"), ""
    while portion := list(unused.filter(pk__gt=last)[:READ_AT_ONCE]):
        for session in portion:
            stars = session.get_decoded().get(VISITOR_STARS, [])
            if stars and wanted.isdisjoint(stars):
                yield session.pk
        last = portion[-1].pk
