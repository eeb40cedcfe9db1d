"""A session of the programme, what belongs to it, and its revisions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from django.conf import settings
from django.db import models
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agenda.models.event import (
    WITH_PUBLIC_PROGRAMME,
    Event,
    Room,
    Slugged,
    SluggedQuerySet,
    Speaker,
    Track,
    byline_of,
)
from agenda.models.event_editor import edited_events


def is_public(path: str = "") -> models.ExpressionWrapper[models.Q]:
    """True for a published session of an event whose programme is public; the rule of Session.is_public in SQL.

    `path` leads to the session from another row: "session__".
    """
    published = {f"{path}is_published": True, f"{path}event__state__in": WITH_PUBLIC_PROGRAMME}
    return models.ExpressionWrapper(models.Q(**published), output_field=models.BooleanField())


def has_time_in(path: str = "") -> models.ExpressionWrapper[models.Q]:
    """True for a session that has a time: the rule of has_time() in SQL. `path` as above."""
    return models.ExpressionWrapper(models.Q(**{f"{path}start__isnull": False}), output_field=models.BooleanField())


def as_seen(path: str = "") -> Coalesce:
    """`updated` as readers may know it: while a session is hidden, an edit does not move it. `path` as above."""
    return Coalesce(f"{path}hidden_at", f"{path}updated")


class SessionQuerySet(SluggedQuerySet["Session"]):
    def published(self) -> SessionQuerySet:
        """The sessions that everybody may see."""
        return self.filter(is_public())

    def visible_to(self, user: object) -> SessionQuerySet:
        """The sessions that this person may see: the public ones, and for an editor also the others."""
        if is_editor(user):
            return self
        edited = edited_events(user) if isinstance(user, User) else frozenset()
        return self.filter(models.Q(is_public()) | models.Q(event__in=edited)) if edited else self.published()

    def timed(self) -> SessionQuerySet:
        """The sessions that have a time; the others are in no calendar, and never on now."""
        return self.filter(start__isnull=False)

    def going_ahead(self) -> SessionQuerySet:
        return self.exclude(status=Session.Status.CANCELLED)

    def on_day(self, event: Event, day: date) -> SessionQuerySet:
        """The sessions that are on at some time of that programme day, whichever day they begin."""
        start, end = event.day_bounds(day)
        return self.filter(start__lt=end, end__gt=start)

    def between(self, start: datetime, end: datetime) -> SessionQuerySet:
        """The sessions that go ahead and are on at some time between the two."""
        return self.going_ahead().filter(start__lt=end, end__gt=start)

    def at_the_same_time_as(self, session: Session) -> SessionQuerySet:
        """The other sessions of its event that overlap it, except one that ends as it begins (DTEND is exclusive)."""
        if not has_time(session):
            return self.none()
        return self.filter(event=session.event_id, start__lt=session.end, end__gt=session.start).exclude(pk=session.pk)

    def in_order(self) -> SessionQuerySet:
        return self.order_by(*order_of_sessions())

    def with_details(self) -> SessionQuerySet:
        """Fetches all that a page or calendar shows of a session; the number of queries does not grow with the rows."""
        return self.select_related("event", "room", "track", "replaced_by").prefetch_related(
            models.Prefetch("appearances", Appearance.objects.select_related("speaker__event")),
            "materials",
            "revisions",
        )

    def with_replaced(self) -> SessionQuerySet:
        """With the title and slug of the cancelled public session that each one replaces, if there is one."""
        replaced = (
            Session.objects.published().filter(replaced_by=models.OuterRef("pk"), status="cancelled").order_by("pk")
        )
        return self.annotate(
            replaced_title=models.Subquery(replaced.values("title")[:1]),
            replaced_slug=models.Subquery(replaced.values("slug")[:1]),
        )


def order_of_sessions(path: str = "") -> tuple[str | OrderBy, ...]:
    """The order of sessions, as arguments of order_by(). `path` leads to the session from another row: "session__"."""
    # Databases disagree on where no time and no room come; last, here.
    start, room = (models.F(f"{path}{name}").asc(nulls_last=True) for name in ("start", "room__position"))
    return start, room, f"{path}title", f"{path}pk"


def is_visible_to(session: Session, user: object) -> bool:
    """True if visible_to(user) has this session."""
    return session.is_public or is_editor(user, session.event_id)


def is_editor(user: object, event: Event | int | None = None) -> bool:
    """True if this person may see and edit all of this event (or its pk), hidden or not; without one, of every event.

    Those who may open /admin/ edit every event. Others were invited to one: agenda/models/event_editor.py.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_staff and user.has_perm("agenda.change_session"):
        return True
    return (event.pk if isinstance(event, Event) else event) in edited_events(user)


class Session(Slugged):
    """One entry of the programme. The session of a cookie is always request.session."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed"
        TENTATIVE = "tentative"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    guid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=250, help_text="Without who it is by; that goes in the byline.")
    slug = models.SlugField(max_length=120, help_text="Its address. After a change, links to the former one lead here.")
    subtitle = models.CharField(max_length=250, blank=True, help_text="A second line under the title, if it has one.")
    byline = models.CharField(
        max_length=250,
        blank=True,
        help_text="Who it is by, in the words of the title line: “Jing Liu & Chao Peng, Intel”.",
    )
    abstract = models.TextField(
        blank=True, help_text="Plain text. An empty line makes a paragraph, lines that begin with “- ” a list."
    )
    language = models.CharField(max_length=8, blank=True, default="en", help_text="Spoken language, like en or fr.")
    start = models.DateTimeField(
        null=True, blank=True, help_text="Empty as long as it has no time; then its end is, too."
    )
    end = models.DateTimeField(null=True, blank=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    status = models.CharField(
        max_length=9,
        choices=Status,
        default=Status.CONFIRMED,
        help_text="A cancelled session stays, struck through, in the programme and in calendars.",
    )
    is_published = models.BooleanField("published", default=True, help_text="Unpublished, only editors see it.")
    slides_included = models.BooleanField(
        "slides included",
        default=False,
        help_text="The organiser has the slides; list the file itself under materials.",
    )
    note = models.TextField(
        "note to attendees",
        max_length=500,
        blank=True,
        help_text="Shown with the talk, in calendars and in mails, until you withdraw it by emptying this field.",
    )
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="replaces",
        help_text="What takes place instead of it, once it is cancelled.",
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    updated = models.DateTimeField(default=timezone.now, editable=False)
    hidden_at = models.DateTimeField(
        null=True, editable=False, help_text="`updated` when its readers saw it last; empty while they see it."
    )
    usual_language = ""  # of its event, where a page has put it in
    speakers = models.ManyToManyField(Speaker, through="Appearance", related_name="sessions")

    objects = SessionQuerySet.as_manager()

    if TYPE_CHECKING:
        event_id: int
        room_id: int | None
        track_id: int | None
        replaced_by_id: int | None

    class Meta:
        ordering = [models.F("start").asc(nulls_last=True), "title"]
        indexes = [
            models.Index(fields=["event", "start"], name="session_by_start"),
            # Each page asks for its event's languages and newest change: from these alone, without reading the rows.
            models.Index(fields=["event", "language", "is_published"], name="session_by_language"),
            models.Index(fields=["event", "updated", "is_published"], name="session_by_change"),
            models.Index(
                fields=["event", "hidden_at"], name="session_by_hiding", condition=models.Q(hidden_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="session_slug_unique"),
            models.CheckConstraint(
                condition=models.Q(start__isnull=True, end__isnull=True)
                | models.Q(start__isnull=False, end__isnull=False),
                name="session_has_both_times_or_none",
                violation_error_message="A session has both a start and an end, or neither.",
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")),
                name="session_ends_after_start",
                violation_error_message="The session ends before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agenda:session", args=[self.event.slug, self.slug])

    @property
    def is_public(self) -> bool:
        """True if everybody may see it. Makes no query if the event was fetched."""
        return self.is_published and self.event.has_public_programme

    @property
    def has_time(self) -> bool:
        """True if it has a start and an end; it has both or neither."""
        return self.start is not None

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def replacement(self) -> Session | None:
        """The public session that takes its place. Makes no query if `event` and `replaced_by` were fetched."""
        other = self.replaced_by
        if other is None:
            return None
        other.event = self.event  # both are of one event
        return other if other.is_public else None

    @property
    def instead(self) -> Session | None:
        """Its replacement, once it is cancelled."""
        return self.replacement if self.is_cancelled else None

    @property
    def credited(self) -> str:
        """Who it is by: its byline, or else its listed speakers, "Jing Liu & Chao Peng, Intel"."""
        return self.byline or byline_of([appearance.speaker for appearance in self.appearances.all()])

    @property
    def whole_names(self) -> list[str]:
        """The names of its speakers and their organisations that have an "&" inside, like "Tern & Tide"."""
        if " & " not in self.credited:
            return []
        people = [appearance.speaker for appearance in self.appearances.all()]
        return [name for each in people for name in (each.name, each.organisation) if " & " in name]

    @property
    def duration(self) -> timedelta:
        """How long it lasts; zero as long as it has no time."""
        return self.end - self.start if self.start and self.end else timedelta(0)

    @property
    def place(self) -> str:
        """Room, venue and city, if they are known: "Forum 3, Lyon Convention Centre, Lyon"."""
        return ", ".join(self.places)

    @property
    def places(self) -> list[str]:
        """The parts of its place, from the smallest to the largest."""
        parts = (self.room.name if self.room else "", self.event.venue, self.event.city)
        return [part for part in parts if part]


if TYPE_CHECKING:

    class TimedSession(Session):
        """A session that has a time, as type checkers know it."""

        start: datetime
        end: datetime

else:
    TimedSession = Session


def has_time(session: Session) -> TypeGuard[TimedSession]:
    """Session.has_time, for type checkers."""
    return session.has_time


def timed(sessions: Iterable[Session]) -> list[TimedSession]:
    """Those of the sessions that have a time, in the same order."""
    return [session for session in sessions if has_time(session)]


class AppearanceManager(models.Manager["Appearance"]):
    def get_by_natural_key(self, event_slug: str, session_slug: str, speaker_slug: str) -> Appearance:
        return self.get(session__event__slug=event_slug, session__slug=session_slug, speaker__slug=speaker_slug)


class Appearance(models.Model):
    """A speaker of a session, at their position in its list of speakers."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="appearances")
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[AppearanceManager] = AppearanceManager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "speaker"], name="appearance_unique")]

    def __str__(self) -> str:
        return f"{self.speaker} in “{self.session}”"

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.session.natural_key(), self.speaker.slug)

    natural_key.dependencies = ["agenda.session", "agenda.speaker"]  # type: ignore[attr-defined]


class MaterialManager(models.Manager["Material"]):
    def get_by_natural_key(self, event_slug: str, session_slug: str, kind: str, title: str) -> Material:
        return self.get(session__event__slug=event_slug, session__slug=session_slug, kind=kind, title=title)


class Material(models.Model):
    """A file or link that belongs to a session. Without an address, the page says that it is not available."""

    class Kind(models.TextChoices):
        SLIDES = "slides"
        RECORDING = "recording"
        PAPER = "paper"
        LINK = "link"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SLIDES)
    title = models.CharField(max_length=120, help_text="The words of the link.")
    url = models.URLField(
        "address", max_length=1000, blank=True, help_text="Left empty with no file, it is shown as not available."
    )
    file = models.FileField(upload_to="materials/", blank=True)

    objects: ClassVar[MaterialManager] = MaterialManager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["session", "kind", "title"], name="material_unique")]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str, str, str, str]:
        return (*self.session.natural_key(), self.kind, self.title)

    natural_key.dependencies = ["agenda.session"]  # type: ignore[attr-defined]

    @property
    def address(self) -> str:
        """The address that opens it; empty if there is none."""
        return self.url or (self.file.url if self.file else "")


class SessionRevision(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="revisions")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Empty: an import."
    )
    changes = models.JSONField(help_text="field: [old, new], as text; times in ISO 8601, UTC.")
    note = models.TextField(blank=True, help_text="The reason for the change. Only editors see it.")
    batch = models.ForeignKey("Batch", on_delete=models.SET_NULL, null=True, related_name="revisions")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["session", "-at"], name="revision_newest_first")]

    def __str__(self) -> str:
        return f"{self.session}: {', '.join(self.changes)}"
