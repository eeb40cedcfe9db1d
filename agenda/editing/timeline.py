"""All changes of an event in one order of time: of sessions, of other rows, and whole batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import CharField, QuerySet, Value
from django.utils.formats import date_format

from accounts.models import User
from agenda.editing.past_changes import KINDS, batches, can_put_back, person, revisions
from agenda.editing.refreshing import counts_in_words
from agenda.editing.rows_back import can_put_back as can_put_row_back
from agenda.models import Batch, Event, RowRevision, SessionRevision
from agenda.programme.history import changes_in_words
from agenda.programme.prose import in_isolates
from agenda.programme.words import date_and_time

MANY = "many"  # as a kind: batches, also those that changed no session
# As kinds: rows that are not sessions. What such a row is in the table, in the filter, and in a line.
ROWS = {
    "the-event": ("event", "The event itself", "Event"),
    "rooms": ("room", "Rooms", "Room"),
    "tracks": ("track", "Tracks", "Track"),
    "speakers": ("speaker", "Texts about speakers", "Speaker"),
    "announcements": ("announcement", "Announcements", "Announcement"),
    "walking": ("walk", "Walking times", "Walking time"),
    "deleted": ("session", "Deleted sessions", "Session"),
}
CALLED = {kind: called for kind, _, called in ROWS.values()}
LONG = frozenset({"biography", "photo"})  # only that they changed is said
MOMENTS = ("start", "end")  # fields with a time
DAYS = ("starts_on", "ends_on", "programme_on", "day")


class PastEntry(NamedTuple):
    """Where a change stands: `table` is session, row or batch."""

    at: datetime
    table: str
    pk: int


class PastLine(NamedTuple):
    """A change as a list says it. `put_back` is the table and pk of what its button puts back; None: no button."""

    at: datetime
    title: str
    in_words: str
    by: User | None
    note: str
    batch: Batch | None
    slug: str  # of the session that it is about
    entry: PastEntry
    can_put_back: bool
    was_put_back: bool = False


def every_kind() -> list[tuple[str, str]]:
    """What can be filtered by, with its words."""
    of_rows = [(name, words) for name, (_, words, _) in ROWS.items()]
    return [*((name, words) for name, (words, _) in KINDS.items()), *of_rows, (MANY, "Many talks at once")]


def row_revisions(event: Event, *, by: str = "", kind: str = "", words: str = "") -> QuerySet[RowRevision]:
    """The changes of rows that are not sessions, the newest first."""
    found = RowRevision.objects.filter(event=event).select_related("by", "batch__plan__source")
    found = found.defer("batch__before", "batch__plan__wanted")
    if by:
        found = found.filter(by=person(by))
    if kind in ROWS:
        found = found.filter(kind=ROWS[kind][0])
    for word in words.split():
        found = found.filter(name__icontains=word)
    return found


def entries(event: Event, *, by: str = "", kind: str = "", words: str = "") -> QuerySet[Any, Any]:
    """The changes that pass the filters, the newest first, as (at, table, pk); a batch is all of its changes."""
    if kind == MANY:
        return _as_entries(batches(event, by=by), "batch").order_by("-at", "-pk")
    sessions = _as_entries(revisions(event, by=by, kind=kind, words=words), "session")
    rows = _as_entries(row_revisions(event, by=by, kind=kind, words=words), "row")
    if kind in ROWS:
        return rows.order_by("-at", "-pk")
    if kind in KINDS:
        return sessions.order_by("-at", "-pk")
    return sessions.union(rows, all=True).order_by("-at", "table", "-pk")


def recent(event: Event, count: int) -> list[PastLine]:
    """The newest changes by everybody; those of a batch are one line. Four queries at most."""
    sessions = _as_entries(revisions(event).filter(batch=None), "session")
    rows = _as_entries(row_revisions(event).filter(batch=None), "row")
    found = _as_entries(batches(event), "batch").union(sessions, rows, all=True).order_by("-at", "table", "-pk")
    return lines(event, found[:count])


def lines(event: Event, chosen: Iterable[Any]) -> list[PastLine]:
    """The lines of these entries, in their order. A query for each table that they are in."""
    found = [PastEntry(*each) for each in chosen]
    pks = {table: [entry.pk for entry in found if entry.table == table] for table in ("session", "row", "batch")}
    rows: dict[str, dict[int, Any]] = {
        "session": revisions(event).in_bulk(pks["session"]),
        "row": row_revisions(event).in_bulk(pks["row"]),
        "batch": batches(event).in_bulk(pks["batch"]),
    }
    said: dict[str, Callable[[PastEntry, Any, ZoneInfo], PastLine]]
    said = {"session": _of_session, "row": _of_row, "batch": _of_batch}
    there = (entry for entry in found if entry.pk in rows[entry.table])  # not deleted at this moment
    return [said[entry.table](entry, rows[entry.table][entry.pk], event.zone) for entry in there]


def _as_entries(found: QuerySet[Any], table: str) -> QuerySet[Any, Any]:
    marked: QuerySet[Any, Any] = found.order_by().annotate(table=Value(table, CharField()))
    return marked.values_list("at", "table", "pk")


def _of_session(entry: PastEntry, revision: SessionRevision, zone: ZoneInfo) -> PastLine:
    session, batch = revision.session, revision.batch
    in_words = changes_in_words(revision, zone)
    title, note, may = session.title, revision.note, can_put_back(revision)
    return PastLine(entry.at, title, in_words, revision.by, note, batch, session.slug, entry, may)


def _of_row(entry: PastEntry, revision: RowRevision, zone: ZoneInfo) -> PastLine:
    title = f"{CALLED[revision.kind]}: {in_isolates(revision.name)}"
    in_words, may = row_in_words(revision, zone), can_put_row_back(revision)
    return PastLine(entry.at, title, in_words, revision.by, "", revision.batch, "", entry, may)


def _of_batch(entry: PastEntry, batch: Any, zone: ZoneInfo) -> PastLine:
    in_words = counts_in_words(batch.counts) or "Texts about people, or names of rooms"
    was = batch.put_back
    return PastLine(entry.at, batch.plan.title, in_words, batch.by, batch.note, batch, "", entry, not was, was)


def row_in_words(revision: RowRevision, zone: ZoneInfo) -> str:
    """What became of a row: "added", "added by import of schedule.xml", "deleted", or each changed field.

    Of a field both values, "name: Red → Blue"; of a long one, "biography edited".
    """
    if revision.was_added:
        imported = revision.changes.get("import")
        return f"added by import of {in_isolates(imported[1])}" if imported else "added"
    if revision.was_deleted:
        return "deleted"
    return "; ".join(
        f"{_field(name)} edited"
        if name in LONG
        else f"{_field(name)}: {_value(name, old, zone)} → {_value(name, new, zone)}"
        for name, (old, new) in sorted(revision.changes.items())
    )


def _field(name: str) -> str:
    return {"starts_on": "first day", "ends_on": "last day", "slug": "address"}.get(name, name.replace("_", " "))


def _value(name: str, value: Any, zone: ZoneInfo) -> str:
    if value == "":
        return "none"
    if name in MOMENTS:
        return date_and_time(datetime.fromisoformat(value), zone)
    if name in DAYS:
        return date_format(datetime.fromisoformat(value), "D j M Y")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return in_isolates(value)
