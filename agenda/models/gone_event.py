"""What is left of an event that was deleted: its address, which says so."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class GoneEvent(models.Model):
    """An event that was public and was deleted. A new event may take its slug, and then has the address."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now, help_text="When it was deleted.")

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.name
