"""Notes what changes of an event besides its sessions, for its history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from accounts.models import User
from agenda.editing.changes import one_at_a_time
from agenda.models import Announcement, Event, Room, RowRevision, Session, Speaker, Track, Walk

# The fields that are noted of each kind of row, a related row by its name; of a session, only its deletion.
NOTED: dict[type[models.Model], tuple[str, ...]] = {
    Event: (
        *("name", "slug", "state", "programme_on", "starts_on", "ends_on", "time_zone", "venue", "city", "country"),
        *("website", "acronym", "default_track__name", "lists_cancelled", "walking_minutes"),
    ),
    Track: ("name", "slug", "colour", "position"),
    Room: ("name", "slug", "position", "capacity"),
    Speaker: ("name", "slug", "job_title", "organisation", "biography", "biography_is_cut", "photo"),
    Announcement: ("text", "room__name", "day", "start", "end"),
    Walk: ("room__name", "other__name", "minutes"),
    Session: ("title", "start", "end", "room__name"),
}
# The fields that name a row in the history. Rows of all other kinds have a `name`.
CALLED: dict[type[models.Model], tuple[str, ...]] = {
    Announcement: ("text",),
    Session: ("title",),
    Walk: ("room", "other"),
}

Noted = dict[int, dict[str, Any]]


@contextmanager
def noting(event: Event, *kinds: type[models.Model], by: User | None) -> Iterator[list[RowRevision]]:
    """Opens a transaction that changes rows of these kinds of the event, and notes what changed, at its end.

    The list that it gives has the revisions then.
    """
    with transaction.atomic():
        one_at_a_time()
        before = {kind: values_of_rows(event, kind) for kind in kinds}
        revisions: list[RowRevision] = []
        yield revisions
        for kind in kinds:
            revisions += _revisions(event, kind, before[kind], values_of_rows(event, kind), by)
        RowRevision.objects.bulk_create(revisions)


def note_imported(event: Event, name: str, *, by: User | None) -> None:
    """Notes that the event was made by an import of the file or address `name`."""
    (added,) = _revisions(event, Event, {}, values_of_rows(event, Event), by)
    added.changes["import"] = [None, name]
    added.save()


def values_of_rows(event: Event, kind: type[models.Model]) -> Noted:
    """The noted values of all rows of that kind, as JSON, by pk."""
    rows = kind._default_manager.filter(**{"pk" if kind is Event else "event": event.pk}).order_by("pk")
    return {
        row.pop("pk"): {name.partition("__")[0]: _as_json(value) for name, value in row.items()}
        for row in rows.values("pk", *NOTED[kind])
    }


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else "" if value is None else value


def _revisions(
    event: Event, kind: type[models.Model], before: Noted, after: Noted, by: User | None
) -> list[RowRevision]:
    found = []
    for pk in dict.fromkeys((*before, *after)):
        old, new = before.get(pk, {}), after.get(pk, {})
        changes = {name: [old.get(name), new.get(name)] for name in old | new if old.get(name) != new.get(name)}
        if changes:
            name = " – ".join((new or old)[each] for each in CALLED.get(kind, ("name",)))
            kept = {"kind": kind._meta.model_name, "row": pk, "name": name, "changes": changes}
            found.append(RowRevision(event=event, by=by, **kept))
    return found
