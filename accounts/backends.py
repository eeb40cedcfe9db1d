"""The authentication and session backends: django-allauth's and Django's, with prepared queries.

Every page of a person who is logged in asks for both the cookie session and the user.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session as CookieSession
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from database.prepared import Prepared

_sessions = Prepared(
    lambda session_key, now: CookieSession.objects.filter(session_key=session_key, expire_date__gt=now)
)
_users = Prepared(lambda user: User.objects.filter(pk=user))


MOVED = "moved"  # in the data of a session's former key
BEGUN = "begun"  # in a session's data: when begin() made it, in seconds
ON_ITS_WAY = timedelta(minutes=1)  # how long a request may take from the browser to an answer


class SessionStore(db.SessionStore):
    """Django's database sessions, for several requests at once. SESSION_ENGINE looks for a class of this name.

    A request saves what it changed, and keeps what others saved meanwhile; Django's own would overwrite it.
    """

    _known = ""  # the data, encoded, as this request last read or wrote them

    def load(self) -> dict[str, Any]:
        """The data; none for a former key. That key is kept: without one, the answer would take away the cookie."""
        data = super().load()
        return {} if MOVED in data else data

    def _get_session_from_db(self) -> CookieSession | None:
        found = _sessions.objects(self.session_key, timezone.now())
        if not found:
            self._session_key = None
            return None
        self._known = found[0].session_data
        return found[0]

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        self._known = row.session_data
        return row

    def save(self, must_create: bool = False) -> None:
        """Saves what this request changed. Raises UpdateError if the session ended or got another key meanwhile."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        if self._known and dict(self.items()) == self.decode(self._known):
            return  # saved by a view, for one, and now by the middleware again
        with transaction.atomic():
            self._take_in()
            super().save()

    def begin(self, browser: str) -> None:
        """Begins the session of that browser. Of two requests that do so within a minute, the second joins the first.

        Otherwise two tabs would begin two sessions, and the browser would keep one cookie of the two. `browser` is the
        random text that accounts.browsers gave it. No page may contain it, as the key of the session follows from it.
        """
        self[BEGUN] = int(timezone.now().timestamp())
        self._session_key = salted_hmac("accounts.backends.begin", browser, algorithm="sha256").hexdigest()[:32]
        try:
            self.save(must_create=True)
        except CreateError:
            self._known = ""
            if not self._is_just_begun():
                self.create()

    def _is_just_begun(self) -> bool:
        row = CookieSession.objects.filter(pk=self.session_key).first()
        data = row.get_decoded() if row else {}
        since = (timezone.now() - ON_ITS_WAY).timestamp()
        return bool(data.get(BEGUN, 0) > since) and SESSION_KEY not in data

    def cycle_key(self) -> None:
        """Gives the session another key, as at a log-in, with all that others have saved in it by then.

        Its former key opens nothing and takes nothing. Requests that are on their way with it get an error: in a new
        session, what they bring would be lost, and their answer would log the person out again.
        """
        self.items()  # read now, which tells if the key is one of ours
        former = self.session_key
        if former is None:
            super().cycle_key()
            return
        with transaction.atomic():
            with suppress(UpdateError):  # a second log-in at once: the first has taken all
                self._take_in()
            super().cycle_key()
            left = super().create_model_instance({MOVED: True})
            left.session_key, left.expire_date = former, timezone.now() + ON_ITS_WAY
            left.save(force_insert=True)

    def _take_in(self) -> None:
        """Locks the row, and adds to this request's data what others have saved since it read them."""
        mine = dict(self.items())
        row = CookieSession.objects.select_for_update().filter(pk=self.session_key).first()
        theirs = self.decode(row.session_data) if row else {MOVED: True}
        if MOVED in theirs:
            raise UpdateError
        if row and row.session_data != self._known:
            self._session_cache = merged(self.decode(self._known) if self._known else {}, mine, theirs)


def merged(before: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """`theirs` with all that `mine` changed of what was `before`: values by key, and the items of lists."""
    found = dict(theirs)
    for key in before.keys() | mine.keys():
        was, now, other = before.get(key), mine.get(key), theirs.get(key)
        if key not in mine:
            found.pop(key, None)
        elif key not in before or was != now:
            if isinstance(now, list) and isinstance(other, list):
                now = _merged_lists(was if isinstance(was, list) else [], now, other)
            found[key] = now
    return found


def _merged_lists(before: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    kept = [item for item in theirs if item in mine or item not in before]
    return kept + [item for item in mine if item not in before and item not in kept]


class Backend(AuthenticationBackend):
    """django-allauth's backend, which finds a user by their email address."""

    def get_user(self, user_id: int) -> User | None:
        found = _users.objects(user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
