"""What was changed of an event besides its sessions: of itself and its other rows, such as rooms and speakers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.event import Event
from agenda.models.source import Batch


class RowRevision(models.Model):
    """One change of one row. A row that was added has no old values, and one that was deleted no new ones."""

    class Kind(models.TextChoices):
        EVENT = "event"
        TRACK = "track"
        ROOM = "room"
        SPEAKER = "speaker"
        ANNOUNCEMENT = "announcement"
        WALK = "walk", "walking time"
        SESSION = "session", "session"  # deleted: its own revisions went with it

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="row_revisions")
    kind = models.CharField(max_length=12, choices=Kind)
    row = models.PositiveBigIntegerField(help_text="The primary key of the row.")
    name = models.TextField(help_text="What the row was called then.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changes = models.JSONField(help_text="field: [old, new]; times in ISO 8601, rows by name; null: there was no row.")
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="row_revisions")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["event", "-at"], name="row_revision_newest_first")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {', '.join(self.changes)}"

    @property
    def was_added(self) -> bool:
        return all(old is None for old, _ in self.changes.values())

    @property
    def was_deleted(self) -> bool:
        return all(new is None for _, new in self.changes.values())
