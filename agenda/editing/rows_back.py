"""Puts one change of a room, track, speaker, announcement or of the event itself back, at once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import User
from agenda.editing.changes import one_at_a_time, touch
from agenda.editing.names import Names
from agenda.editing.noting import NOTED, noting, values_of_rows
from agenda.editing.slugs import keep_former_slug
from agenda.editing.states import changing_state
from agenda.models import Announcement, Event, Room, RowRevision, Track, Walk

RELATED: dict[str, type[Track | Room]] = {"default_track": Track, "room": Room, "other": Room}
MADE_AGAIN = (Track, Room, Announcement, Walk)  # once deleted: nothing but its name leads to one
# Sessions may have moved along with the first three. A picture that was replaced is kept nowhere.
NOT_PUT_BACK = frozenset({"starts_on", "ends_on", "time_zone", "photo"})


class CannotBePutBack(Exception):
    """The change stays, for the reason that the sentence gives."""


def can_put_back(revision: RowRevision) -> bool:
    """True if put_back() may be tried: a change that nothing else went along with, or the deletion of a plain row."""
    if revision.was_added or revision.changes.keys() & NOT_PUT_BACK:
        return False
    return not revision.was_deleted or _kind(revision) in MADE_AGAIN


@transaction.atomic
def put_back(revision: RowRevision, *, by: User) -> None:
    """Gives the row the values from before the revision, as a change of its own; once, however often it is called.

    Raises CannotBePutBack if the row was changed again since then, or is gone, or if the values are no longer allowed.
    """
    one_at_a_time()
    if not can_put_back(revision):
        raise CannotBePutBack("This change cannot be put back from here. Make the opposite change instead.")
    event, kind = Event.objects.get(pk=revision.event_id), _kind(revision)
    olds = {name: old for name, (old, _) in revision.changes.items()}
    row = kind._default_manager.filter(pk=revision.row).first()
    if row:
        now = values_of_rows(event, kind)[row.pk]
        if all(now[name] == old for name, old in olds.items()):
            return
        if any(now[name] != new for name, (_, new) in revision.changes.items()):
            raise CannotBePutBack(f"“{revision.name}” was changed again since. Look at it as it is now.")
    elif not revision.was_deleted:
        raise CannotBePutBack(f"“{revision.name}” was deleted since.")
    _save(row or kind(pk=revision.row, event=event), olds, event, by)


def _save(row: Any, olds: dict[str, Any], event: Event, by: User) -> None:
    kind = type(row)
    for name, old in olds.items():
        setattr(row, name, _as_value(event, kind, name, old))
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotBePutBack(f"It cannot be as it was: {' '.join(error.messages)}") from error
    changing = changing_state(event, by=by) if "state" in olds else nullcontext()
    with noting(event, kind, by=by), changing:
        if "slug" in olds and kind is not Event:
            keep_former_slug(row)
        row.save()
        if kind not in (Announcement, Walk):
            touch(row)


def _as_value(event: Event, kind: type[models.Model], name: str, old: Any) -> Any:
    """The value of which this is the JSON. Raises CannotBePutBack if a row that it names is gone."""
    if related := RELATED.get(name):
        if not old:
            return None
        rows, of_kind = related.objects.filter(event=event), str(related._meta.model_name)
        present = Names(event, {}).as_known({of_kind: old})[of_kind]  # it may have been renamed since
        found = rows.filter(name=old).first() or rows.filter(name=present).first()
        if not found:
            raise CannotBePutBack(f"“{old}” is gone, which it named.")
        return found
    field: models.Field[Any, Any] = kind._meta.get_field(name)  # type: ignore[assignment]  # no relation from elsewhere
    return None if old == "" and field.null else field.to_python(old)


def _kind(revision: RowRevision) -> type[models.Model]:
    return next(kind for kind in NOTED if kind._meta.model_name == revision.kind)
