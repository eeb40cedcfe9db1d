"""Mails about changes that no calendar of the reader's had fetched in time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.session import SessionRevision


class Notice(models.Model):
    """One change, told to one person. It is claimed before the mail goes out, so that two runs never send it twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    revision = models.ForeignKey(SessionRevision, on_delete=models.CASCADE, related_name="notices")
    claimed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "revision"], name="notice_unique")]

    def __str__(self) -> str:
        return f"notice {self.pk}"
