"""Announcements: what the organisers tell everybody for a while, beside the programme."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.event import Event, Room
from agenda.models.session import Session, has_time


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def running(self, moment: datetime) -> AnnouncementQuerySet:
        """The announcements that are shown at that moment; one that ends then is not."""
        return self.filter(start__lte=moment, end__gt=moment)


class Announcement(models.Model):
    """A text that pages show from `start` to `end`: "Lunch is in hall B"."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="announcements")
    text = models.TextField(max_length=300, help_text="Plain text, at most 300 characters.")
    room = models.ForeignKey(
        Room,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="announcements",
        help_text="If it is about one room: the pages of that room’s talks show it, too.",
    )
    day = models.DateField(
        null=True,
        blank=True,
        help_text="If it is about one day of the programme: the programme of another day does not show it.",
    )
    start = models.DateTimeField("shown from")
    end = models.DateTimeField("shown until")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    made = models.DateTimeField(default=timezone.now, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        indexes = [models.Index(fields=["event", "-end"], name="announcement_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")),
                name="announcement_ends_after_start",
                violation_error_message="It is shown until before it is shown from.",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def is_about(self, session: Session) -> bool:
        """True if the session's own page shows it: one about the session's room, and on its day if it names a day."""
        on_day = self.day is None or (has_time(session) and self.day == self.event.day_of(session.start))
        return self.room_id is not None and self.room_id == session.room_id and on_day
