"""Where a programme comes from, and the plans and batches by which it changes."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from agenda.models.event import Event
from agenda.models.session import Session


class Source(models.Model):
    """An origin of an event's programme: an address that is fetched again, or uploads of one name."""

    class Policy(models.TextChoices):
        """What is done with a programme that was fetched by itself."""

        ASK = "ask", "Ask me: every plan waits for an editor"
        HARMLESS = "harmless", "Publish what is harmless; ask about the rest"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=200, help_text="Its address, or the name of the file.")
    address = models.URLField(max_length=500, blank=True, help_text="Empty for files that an editor uploads.")
    policy = models.CharField(max_length=8, choices=Policy, default=Policy.ASK)
    columns = models.JSONField(default=dict, blank=True, help_text="For spreadsheets: header → field, as chosen.")
    zone = models.CharField(max_length=64, blank=True, help_text="The zone chosen for times that have none.")
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=64, blank=True)
    fetched = models.DateTimeField("last fetched", null=True, blank=True)
    said = models.TextField(blank=True, help_text="What the last fetch gave, in a sentence.")
    failures = models.PositiveIntegerField(default=0, help_text="Fetches in a row that failed.")
    speakers = models.JSONField(default=dict, blank=True, help_text="speaker's name: its fields as last imported")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="source_name_unique")]

    def __str__(self) -> str:
        return self.name


class Origin(models.Model):
    """A session's identity in a source, and the values that it last had there: the base of a three-way merge."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="origins")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="origins")
    external_id = models.CharField(max_length=200)
    as_imported = models.JSONField(default=dict)
    is_gone = models.BooleanField(default=False, help_text="The newest file of the source has it no more.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="origin_unique"),
            models.UniqueConstraint(fields=["source", "session"], name="origin_once_a_session"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} of {self.source}"


class Plan(models.Model):
    """A change of many sessions that is public nowhere yet. It is computed from `wanted` each time it is shown."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        UNDO = "undo"
        EDIT = "edit"

    class Status(models.TextChoices):
        WAITING = "waiting"
        PUBLISHED = "published"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="plans")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    title = models.CharField(
        max_length=200, help_text="What it does, for editors: “pretalx schedule.json, 36 sessions”."
    )
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, related_name="plans")
    undoes = models.ForeignKey("Batch", on_delete=models.CASCADE, null=True, related_name="+")
    wanted = models.JSONField(help_text="What each session should become; agenda/editing/plan.py has the shape.")
    choices = models.JSONField(default=dict, help_text="The editor's decisions, by the key of each question.")
    note = models.TextField("note to attendees", max_length=500, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-made"]
        indexes = [models.Index(fields=["event", "state", "-made"], name="plan_waiting")]

    def __str__(self) -> str:
        return self.title


class Batch(models.Model):
    """A plan that was published: one transaction, one version step. Its revisions say what changed."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="batches")
    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="batch")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    inverse_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="inverses")
    counts = models.JSONField(default=dict, help_text="changed, new, gone: how many sessions")
    before = models.JSONField(default=dict, help_text="What undoes it; agenda/editing/batches.py has the shape.")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["event", "-at"], name="batch_newest_first")]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.plan}, {self.at:%Y-%m-%d %H:%M} UTC"


class LeftFinding(models.Model):
    """A finding about the programme that an editor has looked at, and wants to be left as it is."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="left_findings")
    key = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="left_finding_unique")]

    def __str__(self) -> str:
        return self.key
