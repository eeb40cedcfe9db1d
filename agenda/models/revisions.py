"""What changed in the programme, one row per change that a reader can see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.program import Session


class SessionRevision(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="revisions")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Empty: an import."
    )
    changes = models.JSONField(help_text="field: [old, new], as text; times in ISO 8601, UTC.")
    note = models.TextField(blank=True, help_text="To attendees: why it changed.")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["session", "-at"], name="revision_newest_first")]

    def __str__(self) -> str:
        return f"{self.session}: {', '.join(self.changes)}"
