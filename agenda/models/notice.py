"""Mails about changes that a calendar of the reader has not fetched in time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.session import SessionRevision


class Notice(models.Model):
    """A mail to a person about a revision. It is claimed before it is sent, so that two runs never send it twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    revision = models.ForeignKey(SessionRevision, on_delete=models.CASCADE, related_name="notices")
    claimed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "revision"], name="notice_unique")]

    def __str__(self) -> str:
        return f"notice {self.pk}"
