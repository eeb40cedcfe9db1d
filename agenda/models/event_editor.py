"""The people who may edit one event, by the e-mail address to which they were invited."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from agenda.models.event import Event


class EventEditor(models.Model):
    """An invitation to edit an event. It is worth nothing until its address is the confirmed one of an account."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="editors")
    email = models.EmailField(help_text="As normal_address() writes it.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text="The account that has confirmed this address.",
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(fields=["event", "email"], name="event_editor_unique")]

    def __str__(self) -> str:
        return self.email


def edited_events(user: User) -> frozenset[int]:
    """The events (pks) that this person was invited to edit. One query a request; none for all who never were."""
    if not (user.is_active and user.edits_events):
        return frozenset()
    if "_edited_events" not in user.__dict__:
        confirmed = EmailAddress.objects.filter(user=user, verified=True).values("email")
        found = EventEditor.objects.filter(user=user, email__in=confirmed)
        user.__dict__["_edited_events"] = frozenset(found.values_list("event", flat=True))
    events: frozenset[int] = user.__dict__["_edited_events"]
    return events
