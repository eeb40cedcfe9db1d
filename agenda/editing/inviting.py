"""Who may edit an event, besides those who edit all of them: people who are invited by e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.backends import ModelBackend
from django.db import transaction

from accounts.addresses import normal_address
from accounts.models import User
from agenda.models import Event, EventEditor


class EditorRow(NamedTuple):
    """A person who may edit the event. `pk` is that of the invitation; None for an editor of every event."""

    name: str
    pk: int | None
    invited: datetime | None
    has_come: bool


def who_may_edit(event: Event) -> list[EditorRow]:
    """The editors of every event, then those of this one, each by address. Two queries."""
    everywhere = ModelBackend().with_perm("agenda.change_session").filter(is_staff=True).order_by("email")
    invited = event.editors.all()
    return [
        *(EditorRow(user.email, None, None, has_come=True) for user in everywhere),
        *(EditorRow(each.email, each.pk, each.at, each.user_id is not None) for each in invited),
    ]


@transaction.atomic
def invite(event: Event, typed: str, *, by: User) -> EventEditor | None:
    """The new invitation of this address; None if it was invited before. Raises ValidationError for no address.

    An account that has confirmed the address may edit at once; any other once it does.
    """
    made, is_new = EventEditor.objects.get_or_create(
        event=event, email=normal_address(typed), defaults={"invited_by": by}
    )
    for address in EmailAddress.objects.filter(email=made.email, verified=True).select_related("user"):
        claim(address.user)
    return made if is_new else None


def claim(user: User) -> None:
    """Gives the account the invitations of all addresses that it has confirmed. One query, mostly."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values("email")
    new = EventEditor.objects.filter(email__in=confirmed).exclude(user=user)
    if new.exists():
        new.update(user=user)
        user.edits_events = True
        user.save(update_fields=["edits_events"])
