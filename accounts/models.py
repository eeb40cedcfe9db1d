"""A person, and the keys that open their calendar."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import keys


def validate_time_zone(name: str) -> None:
    """Raises ValidationError for what is not an IANA time zone name, such as Europe/Paris."""
    if name not in available_timezones():
        raise ValidationError("“%(name)s” is not a time zone. Write it like Europe/Paris.", params={"name": name})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A saved user; without a password they can sign in by mailed code only."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        # Addresses are one person's whatever their case; the database holds that too (constraint below).
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField("e-mail address", unique=True, help_text="The name to sign in with.")
    display_name = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Times are shown in this zone; left empty, in each event's own.",
    )
    is_staff = models.BooleanField("editor", default=False, help_text="May open the editing pages.")
    is_active = models.BooleanField("active", default=True, help_text="Untick instead of deleting an account.")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="There is an account with this e-mail address.",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.email


class CalendarKeyQuerySet(models.QuerySet["CalendarKey"]):
    def active(self) -> CalendarKeyQuerySet:
        return self.filter(revoked=None)

    def feeds(self) -> CalendarKeyQuerySet:
        return self.filter(kind=CalendarKey.Kind.FEED)

    def issue(self, user: User, *, name: str, once: str, kind: str = "feed") -> tuple[CalendarKey, str]:
        """A new key of the user's, and the text that stands in its address, to be shown now and never again.

        The same form sent twice (`once` is its random text) gets the key that it made the first time.
        """
        text = keys.key_for(once, user.pk, settings.CALENDAR_SECRETS[0])
        lookup, secret = keys.split(text)
        digest = keys.digest_of(secret, settings.CALENDAR_SECRETS[0])
        made, _ = self.get_or_create(
            lookup=lookup, user=user, digest=digest, defaults={"name": self._free_name(user, name), "kind": kind}
        )
        return made, text

    def _free_name(self, user: User, name: str) -> str:
        """The name, numbered where the user has one of that name already: "Google", "Google 2"."""
        taken = set(self.filter(user=user, revoked=None).values_list("name", flat=True))
        numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
        return name if name not in taken else next(free for free in numbered if free not in taken)


class CalendarKey(models.Model):
    """One device's or service's way into its owner's calendar. The secret itself is shown once and kept nowhere."""

    class Kind(models.TextChoices):
        FEED = "feed"
        CALDAV = "caldav"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_keys")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.FEED)
    lookup = models.CharField(max_length=keys.LOOKUP_LENGTH, unique=True)
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_client = models.CharField(max_length=120, blank=True)
    served = models.CharField(max_length=64, blank=True, help_text="ETag of what it last got.")
    revoked = models.DateTimeField(null=True, blank=True)

    objects = CalendarKeyQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.lookup}…)"
