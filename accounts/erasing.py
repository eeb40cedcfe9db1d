"""Deleting an account, with what belongs to it besides the rows that point to it."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as CookieSession
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.owners import cookie_sessions_of


def erase(user: User) -> None:
    """Deletes all data of this person in one transaction, which also logs them out everywhere.

    The admin's log entries by them and about them are deleted. Their revisions of the programme stay, with `by` empty.
    """
    with transaction.atomic():
        LogEntry.objects.filter(about(user)).delete()
        CookieSession.objects.filter(pk__in=cookie_sessions_of(user)).delete()
        user.delete()


def erase_unfinished(email: str, *, keep: User) -> None:
    """Deletes accounts, except `keep`, that were begun with this address and never confirmed.

    To be called when its owner has just proven it.
    """
    begun = User.objects.filter(email__iexact=email, last_login=None, is_staff=False).exclude(pk=keep.pk)
    for user in begun.exclude(pk__in=EmailAddress.objects.filter(verified=True).values("user")):
        erase(user)


def about(user: User) -> Q:
    """A filter for the admin's log entries about this account; each of them contains its name."""
    return Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
