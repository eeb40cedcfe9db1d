"""Deleting an account, with what belongs to it besides the rows that point to it."""

from __future__ import annotations

import json

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as CookieSession
from django.db import transaction
from django.db.models import Q

from accounts.models import User


def erase(user: User) -> None:
    """Deletes all data of this person in one transaction, which also logs them out everywhere.

    The admin's log entries by them and about them are deleted. Their revisions of the programme stay, with `by` empty.
    """
    cookie_sessions = cookie_sessions_of(user)
    with transaction.atomic():
        LogEntry.objects.filter(about(user)).delete()
        CookieSession.objects.filter(pk__in=cookie_sessions).delete()
        user.delete()


def about(user: User) -> Q:
    """A filter for the admin's log entries about this account; each of them contains its name."""
    return Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))


def cookie_sessions_of(user: User) -> list[str]:
    """Keys of the cookie sessions in which this person is logged in, or was about to log in.

    Reads all sessions, as only their data says whose they are; so call it outside a transaction.
    """
    addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    found = []
    for session in CookieSession.objects.iterator():
        data = session.get_decoded()
        words = json.dumps(data, ensure_ascii=False).lower()
        owner = data.get(SESSION_KEY)
        if owner == str(user.pk) or (owner is None and any(address.lower() in words for address in addresses)):
            found.append(session.pk)
    return found
