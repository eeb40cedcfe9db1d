"""The sessions that a person wants to attend. A row is only ever shown to that person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.session import Session


class Star(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stars")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="stars")
    created = models.DateTimeField(default=timezone.now)
    in_case_of = models.ForeignKey(
        Session,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The starred session they would rather attend, as long as both overlap.",
    )
    stays_in_case = models.BooleanField(default=False, help_text="Even if that one is cancelled or moved away.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "session"], name="star_unique")]

    def __str__(self) -> str:
        return f"star {self.pk}"


class StarLog(models.Model):
    """The starrings, unstarrings and rankings in order. The highest id is part of the sync token.

    Rows are never changed. Old ones that no calendar needs are deleted: agenda/calendars/shortening.py.
    A ranking is written as another starring, so that a client that synchronises looks at the session again.
    An unstarring keeps the rank that the star had, so that undoing it brings that back.
    """

    class Through(models.TextChoices):
        PAGE = "page"
        MERGE = "merge"
        CALDAV = "caldav"
        OFFLINE = "offline"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="star_log")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="star_log")
    starred = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)
    acted = models.DateTimeField(null=True)  # when the person did it, without network; empty: `at`
    through = models.CharField(max_length=7, choices=Through)
    in_case_of = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    stays_in_case = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="star_log_newest_first")]

    def __str__(self) -> str:
        return f"star log {self.pk}"
