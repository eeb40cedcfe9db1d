"""The people of the bench: each signed in, with stars and a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from accounts.models import CalendarKey, User
from agenda.editing.editors import EDITORS_GROUP
from agenda.models import Session, Star, StarLog
from tests.bench import dav
from tests.bench.load import Request

STARS = 15  # of each


@dataclass(frozen=True, slots=True)
class Attendee:
    cookie: str  # the request header of a browser that is signed in
    csrf_token: str
    feed: str  # path of the personal calendar, with its key
    not_starred: str  # path of a session that they have yet to star
    first_sync: Request  # of CalDAV


@transaction.atomic
def gather(*, users: int = 1000, stars: int = STARS, name: str = "user") -> list[Attendee]:
    """That many new users with that many stars each, spread over the whole programme; their addresses begin so."""
    random = Random(15)
    sessions = list(Session.objects.select_related("event").order_by("pk"))
    people = User.objects.bulk_create(User(email=f"{name}-{number}@example.org") for number in range(users))
    picks = [random.sample(sessions, k=stars + 1) for _ in people]
    chosen = [(user, session) for user, pick in zip(people, picks, strict=True) for session in pick[:-1]]
    Star.objects.bulk_create(Star(user=user, session=session) for user, session in chosen)
    StarLog.objects.bulk_create(
        StarLog(user=user, session=session, starred=True, through=StarLog.Through.PAGE) for user, session in chosen
    )
    return [_attendee(user, pick[-1]) for user, pick in zip(people, picks, strict=True)]


def editor() -> Attendee:
    """One more person, who may edit the programme."""
    (attendee,) = gather(users=1, stars=0, name="editor")
    user = User.objects.get(email="editor-0@example.org")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.groups.add(Group.objects.get(name=EDITORS_GROUP))
    return attendee


def _attendee(user: User, not_starred: Session) -> Attendee:
    form = HttpRequest()
    token = get_token(form)
    _, key = CalendarKey.objects.issue(user, name="Phone", once="bench")
    return Attendee(
        cookie=f"sessionid={_sign_in(user)}; csrftoken={form.META['CSRF_COOKIE']}",
        csrf_token=token,
        feed=reverse("agenda:feed", args=[key]),
        not_starred=not_starred.get_absolute_url(),
        first_sync=dav.first_sync(user),
    )


def _sign_in(user: User) -> str:
    """The key of a cookie session in which the user is signed in."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)
