"""Rows about people's devices and keys that nothing needs any more."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import CalendarKey, Counter, SessionOwner

# After a calendar was revoked. Until then the page still tells which one an old form made: agenda/views/calendars.py.
REVOKED_KEPT = timedelta(days=30)


def dead_sessions(now: datetime) -> QuerySet[CookieSession]:
    return CookieSession.objects.filter(expire_date__lt=now)


def devices_without_session() -> QuerySet[UserSession]:
    alive = CookieSession.objects.filter(pk=OuterRef("session_key"))
    found: QuerySet[UserSession] = UserSession.objects.filter(~Exists(alive))  # allauth has no types
    return found


def owners_without_session() -> QuerySet[SessionOwner]:
    """Those of sessions that were deleted other than one by one."""
    return SessionOwner.objects.filter(~Exists(CookieSession.objects.filter(pk=OuterRef("cookie_session_id"))))


def long_revoked_keys(now: datetime) -> QuerySet[CalendarKey]:
    return CalendarKey.objects.filter(revoked__lt=now - REVOKED_KEPT)


def expired_counters() -> QuerySet[Counter]:
    return Counter.objects.filter(expires__lt=time.time())
