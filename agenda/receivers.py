"""What the agenda does when something happens in accounts, which must not know of it."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from agenda.editing.inviting import claim
from agenda.programme.changes_seen import take_over_visitor_seen
from agenda.programme.zones import take_over_visitor_zone
from agenda.stars.starring import take_over_visitor_stars


@receiver(user_logged_in, dispatch_uid="visitor stars")
def bring_visitor_stars(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Adds what a visitor chose, starred and saw to the account at every kind of log-in; a message counts the stars."""
    if request is None or not hasattr(request, "session"):
        return
    take_over_visitor_zone(request, user)
    take_over_visitor_seen(request, user)
    count = take_over_visitor_stars(request, user)
    if count:
        talks = "1 talk you starred is" if count == 1 else f"{count} talks you starred are"
        messages.success(request, f"{talks} now in your agenda.")


@receiver(user_logged_in, dispatch_uid="invitations")
def take_invitations(user: User, **kwargs: Any) -> None:
    """Makes the person an editor of the events to which an address of theirs was invited."""
    claim(user)


@receiver(email_confirmed, dispatch_uid="invitations")
def take_invitations_of_a_new_address(email_address: EmailAddress, **kwargs: Any) -> None:
    claim(email_address.user)
