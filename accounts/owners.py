"""Whose data a cookie session holds, written down whenever one is saved; only its data would tell otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import SessionOwner, User

# In the cookie session: what is begun in it, by kind; of each, the account's pk, when it began, and the account's state
# then. accounts/unfinished.py writes it.
UNFINISHED = "account_states"


@receiver(post_save, sender=CookieSession, dispatch_uid="owners of a session")
def note_owners(instance: CookieSession, raw: bool, **kwargs: Any) -> None:
    """Adds the owners that the session has now. Those that it had before stay until it ends."""
    owners = owners_in(instance.get_decoded())
    if owners and not raw:
        rows = [SessionOwner(cookie_session=instance, owner=owner) for owner in sorted(owners)]
        SessionOwner.objects.bulk_create(rows, ignore_conflicts=True)


def owners_in(data: dict[str, Any]) -> set[str]:
    """The user who is logged in, or else every e-mail address in the data; and the accounts of what was begun."""
    begun = {_owner(f"begun {pk}") for pk, *_ in data.get(UNFINISHED, {}).values() if pk}
    if SESSION_KEY in data:
        return {_owner(f"user {data[SESSION_KEY]}")} | begun
    return {_owner(text) for text in _texts(data) if "@" in text} | begun


def cookie_sessions_of(user: User) -> list[str]:
    """Keys of the cookie sessions in which this person is logged in, or was about to log in. Reads no others."""
    addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    mine = {_owner(f"user {user.pk}"), *map(_owner, addresses)}
    # A session may have changed hands since.
    return [session.pk for session in _held_by(mine) if owners_in(session.get_decoded()) & mine]


def logged_in_sessions_of(user: User) -> list[str]:
    """Keys of the cookie sessions in which this user is logged in. Reads no others."""
    mine = _owner(f"user {user.pk}")
    return [session.pk for session in _held_by({mine}) if mine in owners_in(session.get_decoded())]


def unfinished_sessions_of(user: User) -> list[str]:
    """Keys of the cookie sessions in which something was begun with this account, and may not be finished."""
    return [session.pk for session in _held_by({_owner(f"begun {user.pk}")})]


def _held_by(owners: set[str]) -> QuerySet[CookieSession]:
    return CookieSession.objects.filter(pk__in=SessionOwner.objects.filter(owner__in=owners).values("cookie_session"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _owner(name: str) -> str:
    return hashlib.sha256(name.lower().encode()).hexdigest()
