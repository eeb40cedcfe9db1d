"""An account's end: what is deleted with it besides the rows that point to it."""

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
    """Deletes all that is this person's, in one transaction, and so logs them out everywhere.

    What they did in the admin goes from its log; the revisions they made of the programme stay, with `by` empty.
    """
    cookie_sessions = cookie_sessions_of(user)
    with transaction.atomic():
        LogEntry.objects.filter(about(user)).delete()
        CookieSession.objects.filter(pk__in=cookie_sessions).delete()
        user.delete()


def about(user: User) -> Q:
    """Which log entries of the admin say what others did to this account; each names it."""
    return Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))


def cookie_sessions_of(user: User) -> list[str]:
    """Keys of the sessions in which they are logged in, or were about to log in.

    Reads all there are, as only a session itself says whose it is: outside the transaction, which must be short.
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
