"""What editors decide of a whole event: who sees it, with its sessions; whether it lists cancelled ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from agenda.editing.changes import recording
from agenda.editing.noting import noting
from agenda.models import Event


@contextmanager
def changing_state(event: Event, *, by: User | None) -> Iterator[None]:
    """Records how each session changes when its event is saved, inside the `with` block, with another state.

    Sessions that become public, or no longer are, get a newer version, so that calendars add or remove them.
    """
    with recording(event.sessions.values_list("pk", flat=True), by=by):
        yield


def give_state(event: Event, state: str, *, by: User | None) -> None:
    """Hides, announces, publishes or archives the event, and notes that in its history."""
    with noting(event, Event, by=by), changing_state(event, by=by):
        Event.objects.filter(pk=event.pk).update(state=state)


def publish(event: Event, *, by: User | None) -> None:
    give_state(event, Event.State.PUBLISHED, by=by)


def list_cancelled(event: Event, *, lists: bool, by: User | None) -> None:
    """Lists the cancelled sessions of the event, or leaves them out, and notes that in its history."""
    with noting(event, Event, by=by):
        Event.objects.filter(pk=event.pk).update(lists_cancelled=lists)
