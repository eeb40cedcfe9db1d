"""Authenticates calendar clients: HTTP Basic with a calendar's key of kind caldav as the password (RFC 7617)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import limits
from accounts.models import CalendarKey
from agenda.caldav.refusals import Refused
from agenda.calendars.opened_key import Opened, opened_by
from database.outages import going_on
from database.prepared import Prepared

REALM = 'Basic realm="Conference agenda", charset="UTF-8"'
NOT_SIGNED_IN = (
    "This address is for calendar programs. They sign in with your email address and the password that "
    "“My calendars” shows when you add one; your account's own password does not open it.\n"
)

_owners = Prepared(
    lambda key: CalendarKey.objects.filter(pk=key).values_list(
        "lookup", "properties", "collections", "user_names", "user__email", "user__time_zone"
    )
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A calendar client whose user name and password were right. `site` is scheme and host."""

    opened: Opened
    names: tuple[str, ...]  # the key's part that is no secret, the owner's e-mail address, and what it was shown as
    time_zone: str
    properties: dict[str, Any]  # CalendarKey.properties
    collections: list[str]  # CalendarKey.collections
    site: str

    @property
    def email(self) -> str:
        return self.names[1]

    @property
    def user_id(self) -> int:
        return self.opened.user_id

    def kept(self, collection: str) -> dict[str, str]:
        """The properties that the client set on that collection: local name → value."""
        found: dict[str, str] = self.properties.get(collection, {})
        return found


def caller(request: HttpRequest) -> Caller:
    """The client that sent the request. Two queries. Refuses with 401, or 429 if wrong keys were tried too often."""
    name, password = _credentials(request)
    opened = opened_by(password, CalendarKey.Kind.CALDAV)
    found = _caller(request, opened) if opened else None
    if found is None or name.casefold() not in map(str.casefold, found.names):
        if password:
            _count(request)
        raise Refused(401, NOT_SIGNED_IN, headers={"WWW-Authenticate": REALM})
    return found


def _caller(request: HttpRequest, opened: Opened) -> Caller | None:
    for lookup, properties, collections, user_names, email, time_zone in _owners.rows(opened.pk):
        return Caller(
            opened=opened,
            names=(lookup, email, *user_names),
            time_zone=time_zone,
            properties=properties,
            collections=collections,
            site=settings.SITE_URL,
        )
    return None  # the key was deleted a moment ago


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """The user name and password; empty if the request has none, or none that can be read."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        plain = b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return "", ""
    try:
        name, _, password = plain.decode().partition(":")
    except UnicodeDecodeError:  # clients older than RFC 7617
        name, _, password = plain.decode("latin-1").partition(":")
    return name.strip(), password.strip()


def _count(request: HttpRequest) -> None:
    """Counts a wrong key. Right keys are not counted: others may have tried wrong ones from the same address."""
    try:
        with going_on(without="counting a wrong key"):
            limits.count(request, "wrong calendar key")
    except limits.TooOften as too_often:
        words = f"Too many wrong passwords. Try again in {too_often.seconds} seconds.\n"
        raise Refused(429, words, headers={"Retry-After": str(too_often.seconds)}) from too_often
