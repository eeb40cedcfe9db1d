"""The read-only calendars: the programme of an event, or one of its tracks."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from agenda.caldav.authentication import Caller
from agenda.caldav.collections import ACCENT, Collection, CollectionEntry, digest
from agenda.formats.ical import Style
from agenda.models import Event, Session, SessionRevision, Track
from agenda.models.session import as_seen, has_time_in, is_public
from agenda.programme import vevents
from agenda.version_cache import EPOCH, Version, from_microseconds, microseconds
from database.prepared import Prepared


class ProgrammeRow(NamedTuple):
    """A session of an event: what decides whether it is in the calendar, and its version."""

    pk: int
    updated: datetime
    guid: UUID
    track_id: int | None
    status: str
    is_published: bool  # and its event's programme is public
    has_time: bool


# What is or ever was published: only that has revisions (agenda/editing/changes.py). Drafts are never shown.
_rows = Prepared(
    lambda event: (
        Session.objects.filter(is_public() | Exists(SessionRevision.objects.filter(session=OuterRef("pk"))))
        .filter(event=event)
        .in_order()
        .values_list("pk", as_seen(), "guid", "track", "status", is_public(), has_time_in())
    )
)


class ProgrammeCalendar(Collection):
    """All that is published of an event, or of a track."""

    def __init__(self, caller: Caller, name: str, event: Event, track: Track | None) -> None:
        super().__init__(caller, name)
        self.track = track
        self._event_id = event.pk
        self.title = f"{event.name}: {track.name}" if track else event.name
        self.description = f"The programme, to look at. {event.place}".strip()
        self.colour = track.colour if track else ACCENT
        self.zone = event.time_zone

    @cached_property
    def rows(self) -> list[ProgrammeRow]:
        """All sessions of the event that are or were published, also those that are now hidden or in another track."""
        return [ProgrammeRow._make(row) for row in _rows.rows(self._event_id)]

    @cached_property
    def entries(self) -> list[CollectionEntry]:
        return [CollectionEntry(row.pk, row.updated, row.guid, self.zone) for row in self.rows if self._holds(row)]

    def _holds(self, row: ProgrammeRow) -> bool:
        in_track = self.track is None or row.track_id == self.track.pk
        return in_track and self.options.holds(row)

    @cached_property
    def point(self) -> str:
        newest = max((row.updated for row in self.rows), default=EPOCH)
        last = max((row.pk for row in self.rows), default=0)
        return f"{microseconds(newest)}-{last}.{self._pks(last, set())}"

    def changed_since(self, point: str) -> dict[int, UUID] | None:
        if point == self.point:
            return {}
        state, _, pks = point.partition(".")
        numbers = [int(part) for part in state.split("-") if part.isascii() and part.isdecimal() and len(part) < 18]
        if len(numbers) != 2:
            return None
        since = from_microseconds(numbers[0])
        # A deleted session leaves no trace but that the pks of then are fewer now.
        if pks != self._pks(numbers[1], self._drafts_at(since)):
            return None
        if since > max((row.updated for row in self.rows), default=EPOCH):
            return None
        return {row.pk: row.guid for row in self.rows if row.updated > since}

    def _pks(self, last: int, drafts: set[int]) -> str:
        return digest(sorted(row.pk for row in self.rows if row.pk <= last and row.pk not in drafts))

    def _drafts_at(self, since: datetime) -> set[int]:
        """The pks of sessions first published after `since`, as their first revision says. One query."""
        later = (
            SessionRevision.objects.filter(session__event=self._event_id, at__gt=since)
            .exclude(session__revisions__at__lte=since)
            .order_by("-at")
            .values_list("session", "changes__is_published")
        )
        oldest = dict(later)  # the oldest comes last and stays
        return {pk for pk, published in oldest.items() if published == [False, True]}

    @property
    def _style(self) -> Style:
        """The style without alarms: nobody attends a whole programme."""
        return Style(local=self.options.in_event_zone)

    def etag(self, entry: CollectionEntry) -> str:
        return vevents.etag([Version(entry.pk, entry.updated)], self.caller.site, str(self._style))

    def vevents(self, entries: list[CollectionEntry]) -> list[bytes]:
        versions = [Version(entry.pk, entry.updated) for entry in entries]
        return list(vevents.vevents_of(versions, self.caller.site, self._style).values())
