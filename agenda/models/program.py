"""The programme of an event: what the fixtures and importers fill and editors change."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, validate_time_zone

if TYPE_CHECKING:
    from agenda.models.revisions import SessionRevision

# First words of addresses that are the site's own; an event of that name could never be opened.
RESERVED_SLUGS = frozenset(
    ("accounts", "admin", "agenda", "calendar", "collections", "dav", "dev", "health", "media", "static")
)
# A talk at 01:30 belongs to the evening before: days end at this hour of the next morning, in the event's zone.
DAY_ENDS_AT = time(4)


def validate_event_slug(slug: str) -> None:
    """Raises ValidationError for a slug that is one of the site's own first words."""
    if slug in RESERVED_SLUGS:
        raise ValidationError("“%(slug)s” is an address of the site itself. Choose another.", params={"slug": slug})


validate_colour = RegexValidator(r"^#[0-9a-f]{6}$", "Write the colour as # and six digits, like #0b6e66.")


class EventQuerySet(models.QuerySet["Event"]):
    def current(self, now: datetime) -> Event | None:
        """The event that runs at `now`, else the next to start, else the last that ended; None without events."""
        events = sorted(self, key=lambda event: event.starts_on)
        running_or_next = [event for event in events if not event.has_ended(now)]
        return running_or_next[0] if running_or_next else events[-1] if events else None

    def get_by_natural_key(self, slug: str) -> Event:
        return self.get(slug=slug)


class Event(models.Model):
    slug = models.SlugField(
        unique=True,
        validators=[validate_event_slug],
        help_text="Its address: /kvm-forum-2019/. Printed on badges; keep it.",
    )
    name = models.CharField(max_length=120)
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    time_zone = models.CharField(
        max_length=64,
        validators=[validate_time_zone],
        help_text="Where it takes place, like Europe/Paris. Times are entered and shown in this zone.",
    )
    venue = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    website = models.URLField(blank=True, help_text="Shown as “More information”.")
    default_track = models.ForeignKey(
        "Track",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The track a new session starts with.",
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="event_ends_after_start",
                violation_error_message="The last day is before the first.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("agenda:programme", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def place(self) -> str:
        """Venue, city and country, as far as they are known: "Lyon Convention Centre, Lyon, France"."""
        return ", ".join(part for part in (self.venue, self.city, self.country) if part)

    @property
    def days(self) -> list[date]:
        """Its programme days, the first to the last."""
        return [self.starts_on + timedelta(days=number) for number in range((self.ends_on - self.starts_on).days + 1)]

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """The half-open span of a programme day in UTC: from 04:00 to 04:00 the next morning, local time."""
        start, end = (
            datetime.combine(date_, DAY_ENDS_AT, self.zone).astimezone(UTC) for date_ in (day, day + timedelta(days=1))
        )
        return start, end

    def day_of(self, moment: datetime) -> date:
        """The programme day that a moment belongs to."""
        local = moment.astimezone(self.zone)
        return local.date() if local.time() >= DAY_ENDS_AT else local.date() - timedelta(days=1)

    def has_ended(self, now: datetime) -> bool:
        return now >= self.day_bounds(self.ends_on)[1]

    def has_begun(self, now: datetime) -> bool:
        return now >= self.day_bounds(self.starts_on)[0]


M = TypeVar("M", bound=models.Model)


class SluggedQuerySet(models.QuerySet[M]):
    """Rows that an event and a slug name together."""

    def get_by_natural_key(self, event_slug: str, slug: str) -> M:
        return self.get(event__slug=event_slug, slug=slug)


class TrackQuerySet(SluggedQuerySet["Track"]):
    pass


class RoomQuerySet(SluggedQuerySet["Room"]):
    pass


class SpeakerQuerySet(SluggedQuerySet["Speaker"]):
    pass


class Slugged(models.Model):
    slug: models.SlugField[str, str]
    event: models.ForeignKey[Event, Event]

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[str, str]:
        return (self.event.slug, self.slug)

    natural_key.dependencies = ["agenda.event"]  # type: ignore[attr-defined]


class Track(Slugged):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="tracks")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, help_text="In the address of the programme filtered to it: ?track=…")
    colour = models.CharField(
        max_length=7, default="#0b6e66", validators=[validate_colour], help_text="Of the small square before its name."
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")

    objects = TrackQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["event", "slug"], name="track_slug_unique")]

    def __str__(self) -> str:
        return self.name


class Room(Slugged):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, help_text="In the address of the programme filtered to it: ?room=…")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Seats, if you know.")

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["event", "slug"], name="room_slug_unique")]

    def __str__(self) -> str:
        return self.name


class Speaker(Slugged):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="speakers")
    guid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, help_text="In the address of their page.")
    job_title = models.CharField(max_length=160, blank=True, help_text="As on a badge: “Software Engineer”.")
    organisation = models.CharField(max_length=120, blank=True)
    biography = models.TextField(blank=True, help_text="Plain text. An empty line makes a paragraph.")
    biography_is_cut = models.BooleanField(
        "biography is cut", default=False, help_text="The source ends in mid-sentence; shown with an ellipsis."
    )
    photo = models.ImageField(
        upload_to="speakers/",
        blank=True,
        help_text="Shown in a circle, so square is best; without one, the initials are.",
    )

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["event", "slug"], name="speaker_slug_unique")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agenda:speaker", args=[self.event.slug, self.slug])

    @property
    def initials(self) -> str:
        """First letters of the first two names: "Richard W.M. Jones" is RW."""
        return "".join(name[0] for name in self.name.split()[:2]).upper()

    @property
    def role(self) -> str:
        """Job title and organisation as far as they are known: "Software Engineer, IBM"."""
        return ", ".join(part for part in (self.job_title, self.organisation) if part)


class SessionQuerySet(SluggedQuerySet["Session"]):
    def published(self) -> SessionQuerySet:
        return self.filter(is_published=True)

    def visible_to(self, user: object) -> SessionQuerySet:
        """Published sessions; to an editor also the others."""
        return self if is_editor(user) else self.published()

    def going_ahead(self) -> SessionQuerySet:
        return self.exclude(status=Session.Status.CANCELLED)

    def on_day(self, event: Event, day: date) -> SessionQuerySet:
        start, end = event.day_bounds(day)
        return self.filter(start__gte=start, start__lt=end)

    def starred_by(self, user: User) -> SessionQuerySet:
        return self.filter(stars__user=user)

    def at_the_same_time_as(self, session: Session) -> SessionQuerySet:
        """Others of the same event that overlap it; one that ends as it begins does not (DTEND is exclusive)."""
        return self.filter(event=session.event_id, start__lt=session.end, end__gt=session.start).exclude(pk=session.pk)

    def in_order(self) -> SessionQuerySet:
        # Databases disagree on where no room comes; last, here.
        return self.order_by("start", models.F("room__position").asc(nulls_last=True), "title", "pk")

    def with_details(self) -> SessionQuerySet:
        """With all a page or calendar shows of a session, in a number of queries that does not grow with the rows."""
        return self.select_related("event", "room", "track").prefetch_related(
            models.Prefetch("appearances", Appearance.objects.select_related("speaker__event")),
            "materials",
            "revisions",
        )


def is_editor(user: object) -> bool:
    """Whether this person may see the programme's unpublished parts."""
    return isinstance(user, User) and user.is_active and user.is_staff and user.has_perm("agenda.change_session")


class Session(Slugged):
    """One entry of the programme. Not to be confused with the cookie's, which is always request.session."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed"
        TENTATIVE = "tentative"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    guid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=250, help_text="Without who it is by; that goes in the byline.")
    slug = models.SlugField(max_length=120, help_text="Its address. Links to it break when it changes.")
    byline = models.CharField(
        max_length=250,
        blank=True,
        help_text="Who it is by, in the words of the title line: “Jing Liu & Chao Peng, Intel”.",
    )
    abstract = models.TextField(
        blank=True, help_text="Plain text. An empty line makes a paragraph, lines that begin with “- ” a list."
    )
    language = models.CharField(max_length=8, blank=True, default="en", help_text="Spoken language, like en or fr.")
    start = models.DateTimeField()
    end = models.DateTimeField()
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
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    updated = models.DateTimeField(default=timezone.now, editable=False)
    speakers = models.ManyToManyField(Speaker, through="Appearance", related_name="sessions")

    objects = SessionQuerySet.as_manager()

    if TYPE_CHECKING:
        event_id: int
        room_id: int | None
        track_id: int | None

    class Meta:
        ordering = ["start", "title"]
        indexes = [models.Index(fields=["event", "start"], name="session_by_start")]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="session_slug_unique"),
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
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def moved_from(self) -> datetime | None:
        """When readers last saw it start before it was moved; None if it never was, or stands there again."""
        before, was_published = self.start, self.is_published
        for revision in self.revisions.all():  # the newest first
            was_published = revision.changes.get("is_published", [was_published])[0]
            if "start" in revision.changes:
                before = datetime.fromisoformat(revision.changes["start"][0])
            if was_published and before != self.start:
                return before
        return None

    @property
    def latest_note(self) -> str:
        """What the editors said to attendees of the session as it is now; empty if nothing."""
        return latest_note(self.revisions.all())

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    @property
    def place(self) -> str:
        """Room, venue and city as far as they are known: "Forum 3, Lyon Convention Centre, Lyon"."""
        parts = (self.room.name if self.room else "", self.event.venue, self.event.city)
        return ", ".join(part for part in parts if part)


def latest_note(revisions: Iterable[SessionRevision]) -> str:
    """The newest note of these revisions, the newest first; none that was said of another time, room or status.

    Nor why the session was unpublished, which nobody can ask once it is published again.
    """
    for revision in revisions:
        if revision.note and revision.changes.get("is_published") != [True, False]:
            return revision.note
        if {"status", "start", "end", "room"} & revision.changes.keys():
            return ""
    return ""


class AppearanceManager(models.Manager["Appearance"]):
    def get_by_natural_key(self, event_slug: str, session_slug: str, speaker_slug: str) -> Appearance:
        return self.get(session__event__slug=event_slug, session__slug=session_slug, speaker__slug=speaker_slug)


class Appearance(models.Model):
    """A speaker listed under a session, in listed order."""

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
    """Something to a session that can be opened; its address may be unknown, which is then said."""

    class Kind(models.TextChoices):
        SLIDES = "slides"
        RECORDING = "recording"
        PAPER = "paper"
        LINK = "link"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SLIDES)
    title = models.CharField(max_length=120, help_text="The words of the link.")
    url = models.URLField("address", blank=True, help_text="Left empty with no file, it is shown as not available.")
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
        """Where it can be opened; empty if nobody said."""
        return self.url or (self.file.url if self.file else "")
