"""The event that a command is about."""

from __future__ import annotations

from django.core.management.base import CommandError

from agenda.models import Event


def chosen_event(slug: str) -> Event:
    """The event of that slug; if there is none, an error that names those that there are."""
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        slugs = ", ".join(Event.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no event “{slug}”; there are: {slugs}.")
    return event
