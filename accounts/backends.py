"""The authentication and session backends: django-allauth's and Django's, with prepared queries.

Every page of a person who is logged in asks for both the cookie session and the user.
"""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session as CookieSession
from django.utils import timezone

from accounts.models import User
from database.prepared import Prepared

_sessions = Prepared(
    lambda session_key, now: CookieSession.objects.filter(session_key=session_key, expire_date__gt=now)
)
_users = Prepared(lambda user: User.objects.filter(pk=user))


class SessionStore(db.SessionStore):
    """Django's database sessions. SESSION_ENGINE looks for a class of this name."""

    def _get_session_from_db(self) -> CookieSession | None:
        found = _sessions.objects(self.session_key, timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


class Backend(AuthenticationBackend):
    """django-allauth's backend, which finds a user by their email address."""

    def get_user(self, user_id: int) -> User | None:
        found = _users.objects(user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
