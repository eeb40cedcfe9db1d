"""The devices on which a person is logged in: a row each, named after its User-Agent, without IP address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session as CookieSession
from django.core.cache.backends.locmem import LocMemCache
from django.db import IntegrityError
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User
from database.outages import going_on

SEEN_EVERY = timedelta(minutes=10)  # how often at most it is written down that a device was seen
NO_ADDRESS = "::"  # the column wants an IP address; this one is nobody's (RFC 4291 section 2.5.2)

# Keys of the sessions that were noted by this process. Not the site's cache, which is in the database.
noted = LocMemCache("devices", {"TIMEOUT": SEEN_EVERY.total_seconds(), "OPTIONS": {"MAX_ENTRIES": 20_000}})

# The first that occurs decides: most browsers also name those they want to be taken for.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    pk: int
    name: str
    since: datetime
    last_seen: datetime
    is_this: bool


def device_name(user_agent: str) -> str:
    """ "Firefox on Windows", for example, or the part of it that we recognise, or else what the device calls itself."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if system:
        return f"{browser or 'A browser'} on {system}"
    return browser or user_agent.partition("/")[0][:60] or "A device that does not say what it is"


def devices_of(user: User, this_key: str | None) -> list[Device]:
    """The devices this person is logged in on, this one first, then the last seen. Two queries."""
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    stored = CookieSession.objects.filter(pk__in=[row.session_key for row in rows], expire_date__gt=timezone.now())
    # A new password ends the other sessions, though their rows stay until they are cleaned up.
    in_force = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    alive = {session.pk for session in stored if session.get_decoded().get(HASH_SESSION_KEY) in in_force}
    devices = [
        Device(row.pk, device_name(row.user_agent), row.created_at, row.last_seen_at, row.session_key == this_key)
        for row in rows
        if row.session_key in alive
    ]
    return sorted(devices, key=lambda device: not device.is_this)


def remember(request: HttpRequest, user: User) -> None:
    """Notes that this device was just seen, or that it is a new one; at most one write every SEEN_EVERY.

    For a device that this process noted a short time ago, it does not even ask the database.
    """
    key, moment = request.session.session_key, timezone.now()
    if not key or not noted.add(key, True):
        return
    agent = request.headers.get("User-Agent", "")[: UserSession._meta.get_field("user_agent").max_length]
    row, _ = UserSession.objects.get_or_create(
        session_key=key, defaults={"user": user, "ip": NO_ADDRESS, "user_agent": agent}
    )
    if moment - row.last_seen_at >= SEEN_EVERY:
        # Another process may just have been first: one of them writes.
        UserSession.objects.filter(pk=row.pk, last_seen_at=row.last_seen_at).update(last_seen_at=moment)


@receiver(user_logged_in, dispatch_uid="remember the device")
def remember_new_device(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Notes the device on every kind of log-in, the editing pages' included."""
    if request is not None and hasattr(request, "session"):
        remember(request, user)


@receiver(pre_save, sender=UserSession, dispatch_uid="no address is stored")
def forget_address(instance: UserSession, **kwargs: Any) -> None:
    """Replaces the IP address that django-allauth would store. Its limits read the address from the request."""
    instance.ip = NO_ADDRESS


class DevicesMiddleware:
    """Notes when a device was last seen. Comes after allauth's middleware, so that it handles exceptions first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Only if the page read the session: it is not read for this alone.
        if request.session.accessed and isinstance(request.user, User):
            # An account that was just deleted on another device has none.
            with going_on(without="noting the device"), suppress(IntegrityError):
                remember(request, request.user)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Redirects a form that needs a more recent log-in to its own page, which asks for one.

        allauth would keep the request in the database, with address and cookies, to repeat it later.
        """
        if isinstance(exception, ReauthenticationRequired) and request.method == "POST":
            return redirect(request.get_full_path())
        return None
