"""An event, and the tracks, rooms and speakers of its programme."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Greatest, Least
from django.urls import reverse

from accounts.models import validate_time_zone
from agenda.formats import days

# First words of addresses that are the site's own; an event of that name could never be opened.
RESERVED_SLUGS = frozenset(
    "accounts admin agenda api calendar collections dav dev edit events health media metrics static".split()
)


def validate_event_slug(slug: str) -> None:
    """Raises ValidationError for a slug in RESERVED_SLUGS."""
    if slug in RESERVED_SLUGS:
        raise ValidationError("“%(slug)s” is an address of the site itself. Choose another.", params={"slug": slug})


validate_colour = RegexValidator(r"^#[0-9a-f]{6}$", "Write the colour as # and six digits, like #0b6e66.")


def current(events: Iterable[Event], now: datetime) -> Event | None:
    """The event that runs at `now`, else the next to start, else the last that ended; None if there is no event.

    An archived event is chosen only where all are.
    """
    ordered = sorted(events, key=lambda event: event.starts_on)
    ordered = [event for event in ordered if not event.is_archived] or ordered
    running_or_next = [event for event in ordered if not event.has_ended(now)]
    return running_or_next[0] if running_or_next else ordered[-1] if ordered else None


class EventQuerySet(models.QuerySet["Event"]):
    def public(self) -> EventQuerySet:
        """The events that everybody may know of."""
        return self.exclude(state=Event.State.HIDDEN)

    def current(self, now: datetime) -> Event | None:
        return current(self, now)

    def get_by_natural_key(self, slug: str) -> Event:
        return self.get(slug=slug)


class Event(models.Model):
    class State(models.TextChoices):
        """How much of the event the public can see; editors always see all of it."""

        HIDDEN = "hidden", "hidden: only editors see it"
        ANNOUNCED = "announced", "announced: name, dates and place, no programme yet"
        PUBLISHED = "published", "published: everybody reads its programme"
        ARCHIVED = "archived", "archived: to be read, never shown first"

    slug = models.SlugField(
        unique=True,
        validators=[validate_event_slug],
        help_text="Its address: /kvm-forum-2019/. Printed on badges; keep it.",
    )
    acronym = models.CharField(
        max_length=50,
        blank=True,
        default="",
        db_default="",
        help_text="What schedule.xml and its like call it. Empty: made of the address.",
    )
    state = models.CharField(max_length=9, choices=State, default=State.HIDDEN)
    programme_on = models.DateField(
        "programme comes on",
        null=True,
        blank=True,
        help_text="While the event is announced, its page says so. Publish the programme yourself when the day comes.",
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
    lists_cancelled = models.BooleanField(
        "lists cancelled sessions",
        default=True,
        db_default=True,
        help_text="Struck through, where they were to be. Unticked, the programme leaves them out; calendars and the "
        "agendas of those who starred them say it all the same.",
    )
    default_track = models.ForeignKey(
        "Track",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The track a new session starts with.",
    )

    walking_minutes = models.PositiveSmallIntegerField(
        "minutes from room to room",
        default=0,
        db_default=0,
        help_text="Pages then say when to leave for the next talk. Walking times has the rooms that are further apart.",
    )

    # Of its published sessions, the most frequent first; programme.languages.note_languages() puts them in.
    languages: tuple[str, ...] = ()
    first_language: str | None = None  # in the alphabet, as fetched by programme.languages.with_languages()
    last_language: str | None = None

    announced_until: datetime | None = (
        None  # the last end; as fetched by programme.announcements.with_announced_until()
    )

    photos_changed = models.DateTimeField(null=True, editable=False)  # a speaker's, which is part of no session

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
    def is_hidden(self) -> bool:
        return self.state == self.State.HIDDEN

    @property
    def is_archived(self) -> bool:
        return self.state == self.State.ARCHIVED

    @property
    def has_public_programme(self) -> bool:
        return self.state in WITH_PUBLIC_PROGRAMME

    def promises_programme_on(self, now: datetime) -> date | None:
        """The day on which an announced event's programme comes; None if no day is known, or if it has passed."""
        day = self.programme_on if self.state == self.State.ANNOUNCED else None
        return day if day and day >= now.astimezone(self.zone).date() else None

    @property
    def usual_language(self) -> str:
        return self.languages[0] if self.languages else ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def place(self) -> str:
        """Venue, city and country, if they are known: "Lyon Convention Centre, Lyon, France"."""
        return ", ".join(part for part in (self.venue, self.city, self.country) if part)

    @property
    def days(self) -> list[date]:
        """The days of its programme, from the first to the last."""
        return [self.starts_on + timedelta(days=number) for number in range((self.ends_on - self.starts_on).days + 1)]

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """The half-open span of a programme day in UTC: from 04:00 to 04:00 the next morning, local time."""
        start, end = days.day_bounds(day, self.zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """The programme day that a moment belongs to."""
        return days.day_of(moment, self.zone)

    def has_ended(self, now: datetime) -> bool:
        return now >= self.day_bounds(self.ends_on)[1]

    def has_begun(self, now: datetime) -> bool:
        return now >= self.day_bounds(self.starts_on)[0]


# The states in which everybody may see the published sessions.
WITH_PUBLIC_PROGRAMME = (Event.State.PUBLISHED, Event.State.ARCHIVED)

M = TypeVar("M", bound=models.Model)


class SluggedQuerySet(models.QuerySet[M]):
    """Rows that have a slug of their own within an event."""

    def get_by_natural_key(self, event_slug: str, slug: str) -> M:
        return self.get(event__slug=event_slug, slug=slug)

    def once_called(self, event: Event, slug: str) -> Self:
        """The row of that event that had this slug before; empty if there is none."""
        former = FormerSlug.objects.filter(event=event, kind=self.model._meta.model_name, slug=slug)
        return self.filter(event=event, pk__in=former.values("row"))


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
    guid = models.UUIDField(null=True, blank=True, editable=False)  # as its source says; records.room_guid() has one

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="room_slug_unique"),
            models.UniqueConstraint(fields=["event", "guid"], name="room_guid_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Walk(models.Model):
    """How long it takes from one room of an event to another, where that is not the event's usual time."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="walks")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="walks")
    other = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", verbose_name="other room")
    minutes = models.PositiveSmallIntegerField(help_text="On foot, either way; 0 if they are side by side.")

    class Meta:
        verbose_name = "walking time"
        ordering = ["room__position", "room__name", "other__position", "other__name"]
        constraints = [
            models.UniqueConstraint(
                Least("room", "other"),
                Greatest("room", "other"),
                name="walk_unique",
                violation_error_message="These two rooms have a walking time already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.room} – {self.other}: {self.minutes} min"


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
        help_text="JPEG or PNG, at most 10 MB. Shown in a circle, so square is best; without one, the initials are.",
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
        """The first letters of the first two names: "Richard W.M. Jones" is RW."""
        return "".join(name[0] for name in self.name.split()[:2]).upper()

    @property
    def role(self) -> str:
        """Job title and organisation, if they are known: "Software Engineer, IBM"."""
        return ", ".join(part for part in (self.job_title, self.organisation) if part)


def byline_of(speakers: Iterable[Speaker]) -> str:
    """The speakers in the words of a title line: "Jing Liu & Chao Peng, Intel & Andra Paraschiv, Amazon".

    Neighbours of one organisation share its name. Speakers without an organisation come last: anywhere else, they would
    seem to belong to the next one.
    """
    listed = sorted(speakers, key=lambda speaker: not speaker.organisation)
    parts = []
    for organisation, group in groupby(listed, key=lambda speaker: speaker.organisation):
        names = " & ".join(speaker.name for speaker in group)
        parts.append(f"{names}, {organisation}" if organisation else names)
    return " & ".join(parts)


class FormerSlug(models.Model):
    """A slug that a track, room, speaker or session had before; its address still leads to the renamed row."""

    class Kind(models.TextChoices):
        TRACK = "track"
        ROOM = "room"
        SPEAKER = "speaker"
        SESSION = "session"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="former_slugs")
    kind = models.CharField(max_length=7, choices=Kind)
    slug = models.SlugField(max_length=120)
    row = models.PositiveBigIntegerField(help_text="The primary key of the track, room, speaker or session.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "kind", "slug"], name="former_slug_unique")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
