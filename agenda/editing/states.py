"""Hiding and publishing an event, which hides and publishes each of its sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Event


@contextmanager
def changing_state(event: Event, *, by: User) -> Iterator[None]:
    """Records, for each session, that its event is saved inside with another state.

    Sessions that come to be public, or no longer are, then have a newer version, so that calendars take them or give
    them up.
    """
    with recording(event.sessions.values_list("pk", flat=True), by=by):
        yield


def publish(event: Event, *, by: User) -> None:
    with changing_state(event, by=by):
        Event.objects.filter(pk=event.pk).update(state=Event.State.PUBLISHED)
