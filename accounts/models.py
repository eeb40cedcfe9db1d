"""A person, and the keys that open their calendar."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.models import Session as CookieSession
from django.core.exceptions import ValidationError
from django.db import models, transaction
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
    notice_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="How long before a changed session matters to mail about it, if no calendar has it; empty: never.",
    )
    refused_address = models.EmailField(
        blank=True, help_text="The address that a mail server refuses mail to for good; it gets no notices."
    )
    changes_seen = models.JSONField(
        default=dict, blank=True, editable=False, help_text="The newest change they have seen: event's slug → time."
    )
    edits_events = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="They were invited to edit an event: it is worth asking which. It gives no right.",
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
        return self.email  # never display_name: it may read like the address of another person

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves the row; raises DatabaseError if it was deleted meanwhile. Django would make the account once more."""
        if not self._state.adding and not kwargs.get("force_insert"):
            kwargs["force_update"] = True
        super().save(*args, **kwargs)


class SessionOwner(models.Model):
    """Says whose data a cookie session holds, so that theirs are found without reading all: accounts/erasing.py."""

    cookie_session = models.ForeignKey(
        CookieSession, on_delete=models.CASCADE, db_constraint=False, related_name="owners"
    )
    owner = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of a user's number or e-mail address.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cookie_session", "owner"], name="session_owner_unique")]

    def __str__(self) -> str:
        return f"session owner {self.pk}"


class Counter(models.Model):
    """What was counted for a limit: accounts/counters.py."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()
    expires = models.FloatField(db_index=True, help_text="Seconds since 1970.")

    def __str__(self) -> str:
        return self.key


ADDED_WITHIN = timedelta(days=1)  # of making a calendar; Google and Outlook take up to a day to come
UNDONE_WITHIN = timedelta(minutes=1)  # after a calendar was revoked
MOST_CALENDARS = 50  # of one user; the page "My calendars" says much of each


class TooManyCalendars(Exception):
    """Raised for a calendar more than MOST_CALENDARS."""


class CalendarKeyQuerySet(models.QuerySet["CalendarKey"]):
    def active(self) -> CalendarKeyQuerySet:
        return self.filter(revoked=None)

    def issue(
        self, user: User, *, name: str, once: str, kind: str = "feed", options: dict[str, Any] | None = None
    ) -> tuple[CalendarKey, str]:
        """A new key of the user's, and the secret text of its address, to be shown now and never again.

        The same form sent twice (`once` is its random text) gets the key that it made the first time.
        Raises TooManyCalendars if the user has MOST_CALENDARS that are active.
        """
        text, identity = self._identity(user.pk, once)
        shown = {"user_names": [user.email]} if kind == CalendarKey.Kind.CALDAV else {}
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)  # one at a time, so that none is missed in the count
            made = self.filter(**identity).first()
            if made is None:
                self._check_room(user.pk)
                chosen = {"name": self._free_name(user, name), "kind": kind, "options": options or {}}
                made = self.create(**identity, **chosen, **shown)
                made.is_new = True
        return made, text

    def renew(self, key: CalendarKey, *, once: str) -> tuple[CalendarKey, str] | None:
        """Revokes the key and issues another with the same name, kind and choices, all in one transaction.

        Nothing has fetched the new one, but `last_client` stays: that program goes on showing what it got before.

        The same form sent twice gets the same new key. Returns None and changes nothing if the old key was revoked
        without this form, or if the new one has been revoked since.
        """
        with transaction.atomic():
            old = self.select_for_update().get(pk=key.pk)
            text, identity = self._identity(old.user_id, f"renew:{old.pk}:{once}")
            if old.revoked:
                made = self.active().filter(**identity).first()
            else:
                self.filter(pk=old.pk).update(revoked=timezone.now())
                copied = ("name", "kind", "options", "collections", "properties", "last_client")
                same = {field: getattr(old, field) for field in copied}
                made = self.create(**identity, **same, user_names=self._names_after(old))
                made.is_new = True
        return (made, text) if made else None

    def undoable(self, now: datetime) -> CalendarKeyQuerySet:
        """The keys that were revoked so shortly before `now` that they can be opened again."""
        return self.filter(revoked__gt=now - UNDONE_WITHIN)

    def reopen(self, key: CalendarKey, now: datetime) -> bool:
        """Opens the key if it was revoked less than UNDONE_WITHIN before `now`; False, and nothing changes, if not.

        Raises TooManyCalendars if others have taken its place meanwhile.
        """
        with transaction.atomic():
            User.objects.select_for_update().get(pk=key.user_id)
            found = self.filter(pk=key.pk).undoable(now)
            if found.exists():
                self._check_room(key.user_id)
            return bool(found.update(revoked=None))

    def _check_room(self, user_id: int) -> None:
        if self.filter(user=user_id).active().count() >= MOST_CALENDARS:
            raise TooManyCalendars

    def _identity(self, user_id: int, once: str) -> tuple[str, dict[str, Any]]:
        """A key's text, and the fields of its row that follow from it."""
        text = keys.key_for(once, user_id, settings.CALENDAR_SECRETS[0])
        lookup, secret = keys.split(text)
        digest = keys.digest_of(secret, settings.CALENDAR_SECRETS[0])
        return text, {"user_id": user_id, "lookup": lookup, "digest": digest}

    def _names_after(self, old: CalendarKey) -> list[str]:
        """The user names of the key that replaces `old`; none for a feed.

        The last one is shown beside the key, and a device keeps it even if the owner's address changes. The names of
        the old key stay valid, as the device will ask for the password alone.
        """
        if old.kind != CalendarKey.Kind.CALDAV:
            return []
        return [*(name for name in old.user_names if name != old.user.email), old.user.email]

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
    options = models.JSONField(
        default=dict, blank=True, help_text="What its owner chose for it; agenda/calendars/options.py."
    )
    collections = models.JSONField(default=list, blank=True, help_text="Programmes and tracks shown besides the stars.")
    user_names = models.JSONField(default=list, blank=True, help_text="What it, and keys it replaces, were shown with.")
    properties = models.JSONField(default=dict, blank=True, help_text="What a CalDAV client keeps: colour, order.")
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_client = models.CharField(max_length=120, blank=True)
    served = models.CharField(max_length=120, blank=True, help_text="ETag or sync token of what it last got.")
    served_options = models.JSONField(null=True, blank=True, help_text="The options of then; null: the same as now.")
    fetched_every = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds between fetches, usually.")
    revoked = models.DateTimeField(null=True, blank=True)

    is_new = False  # True for the key that issue() or renew() made just now
    objects = CalendarKeyQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.lookup}…)"

    def was_never_added(self, now: datetime) -> bool:
        """True if nothing has fetched it, and ADDED_WITHIN is over: most likely its owner never added it anywhere."""
        return self.last_used_at is None and self.created < now - ADDED_WITHIN

    @property
    def user_name(self) -> str:
        """The user name that a calendar program signs in with: the owner's e-mail address when the key was made."""
        names: list[str] = self.user_names or [self.user.email]
        return names[-1]


class CalendarSecret(models.Model):
    """A mark of one of settings.CALENDAR_SECRETS that calendars were made with; tells it from others, no more."""

    salt = models.CharField(max_length=32)
    fingerprint = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"secret in use since {self.since:%Y-%m-%d}"
