"""Events and sessions besides the seed's, and the seed's moments, for tests that need more than it has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.text import slugify

from agenda.models import Event, Session

BEFORE = datetime(2019, 10, 30, 8, 0, tzinfo=UTC)
DURING = datetime(2019, 10, 31, 10, 10, tzinfo=UTC)  # 11:10 in Lyon, ten minutes into the first session
AFTER = datetime(2019, 11, 2, 8, 0, tzinfo=UTC)

KVM = "/kvm-forum-2019/"


def add_event(slug: str, zone: str, starts_on: str, ends_on: str, state: str = "published") -> Event:
    """An event named after its slug, between two ISO dates; public, unless another state is given."""
    days = (date.fromisoformat(day) for day in (starts_on, ends_on))
    return Event.objects.create(
        **dict(zip(("starts_on", "ends_on"), days, strict=True)),
        slug=slug,
        name=slug.replace("-", " ").title(),
        time_zone=zone,
        state=state,
    )


def add_session(event: Event, title: str, start: str, *, minutes: int = 30, **fields: Any) -> Session:
    """A session whose `start` is an ISO time in the event's zone."""
    begins = datetime.fromisoformat(start).replace(tzinfo=event.zone).astimezone(UTC)
    return Session.objects.create(
        **{"slug": slugify(title)[:120], **fields},
        event=event,
        title=title,
        start=begins,
        end=begins + timedelta(minutes=minutes),
    )


def session_of(title: str) -> Session:
    """The one session whose title begins with these words."""
    return Session.objects.get(title__startswith=title)
