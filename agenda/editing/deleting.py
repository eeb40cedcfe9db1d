"""Deleting an event that is long over, with its programme, its files and all stars in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.formats import date_format

from accounts.models import User
from agenda.editing.changes import one_at_a_time
from agenda.models import Event, GoneEvent, Material, Session, Speaker

KEPT_FOR = timedelta(days=30)  # after its end: people still look up talks, and editors add slides and recordings


class NotOver(Exception):
    """An event that cannot be deleted yet. The text is a sentence for the editor."""


def may_delete(user: object) -> bool:
    """True if this person may delete events: not those who were invited to edit one."""
    return isinstance(user, User) and user.is_active and user.is_staff and user.has_perm("agenda.delete_event")


def why_not(event: Event, now: datetime) -> str:
    """Says in a sentence why the event cannot be deleted yet; empty if it can."""
    from_then_on = event.day_bounds(event.ends_on)[1] + KEPT_FOR
    if now >= from_then_on:
        return ""
    verb = "ended" if event.has_ended(now) else "ends"
    last, first = (date_format(day, "j F Y") for day in (event.ends_on, from_then_on.astimezone(event.zone)))
    return (
        f"“{event}” {verb} on {last}. It can be deleted from {first} on, {KEPT_FOR.days} days after its end. "
        "Until then, archive it or hide it."
    )


@transaction.atomic
def delete_event(event: Event, now: datetime) -> None:
    """Deletes the event, unless it is gone already. Calendars lack its talks from their next fetch on.

    Raises NotOver. What was public leaves its name, so that its addresses say what became of it.
    """
    one_at_a_time()
    present = Event.objects.filter(pk=event.pk).first()
    if present is None:
        return
    if sentence := why_not(present, now):
        raise NotOver(sentence)
    if not present.is_hidden:
        GoneEvent.objects.update_or_create(slug=present.slug, defaults={"name": present.name, "at": now})
    sessions = Session.objects.filter(event=present)
    list(sessions.select_for_update().order_by("pk").values_list("pk"))  # so that nobody stars one meanwhile
    files = _files_of(present)
    sessions.delete()  # before the rooms, tracks and speakers that they need
    present.delete()
    transaction.on_commit(partial(_delete_files, files), robust=True)


def _files_of(event: Event) -> list[str]:
    photos = Speaker.objects.filter(event=event).exclude(photo="").values_list("photo", flat=True)
    materials = Material.objects.filter(session__event=event).exclude(file="").values_list("file", flat=True)
    return [*photos, *materials]


def _delete_files(names: Iterable[str]) -> None:
    """Deletes those of the uploaded files that no other event shows."""
    for name in names:
        if not (Speaker.objects.filter(photo=name).exists() or Material.objects.filter(file=name).exists()):
            default_storage.delete(name)
