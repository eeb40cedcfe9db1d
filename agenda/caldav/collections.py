"""What all calendars of a client have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import ClassVar, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from agenda.caldav import addresses
from agenda.caldav.authentication import Caller
from agenda.calendars.options import Options, options_of
from agenda.formats.ical import resource
from agenda.models import Session, SessionRevision
from agenda.programme.vevents import product, written_as
from agenda.stars.overlaps import Span

ACCENT = "#0b6e66"


class CollectionEntry(NamedTuple):
    """A session in a collection: all that clients are told about it besides its VEVENT.

    It has no times: reading them from the database takes longer than all else, and few clients ask for them.
    """

    pk: int
    updated: datetime
    guid: UUID
    zone: str

    @property
    def name(self) -> str:
        return f"{self.guid}.ics"


class Collection(ABC):
    """A calendar collection (RFC 4791 section 4.2)."""

    is_own: ClassVar[bool] = False  # whether deleting from it means something
    description: str
    title: str
    colour: str = ACCENT
    zone: str  # IANA name of the zone that times without one are in

    def __init__(self, caller: Caller, name: str) -> None:
        self.caller = caller
        self.name = name

    @property
    def address(self) -> str:
        return addresses.collection(self.caller.user_id, self.name)

    def address_of(self, guid: UUID) -> str:
        return addresses.resource(self.caller.user_id, self.name, guid)

    @cached_property
    def options(self) -> Options:
        return options_of(self.caller.opened.options)

    @cached_property
    def about(self) -> str:
        """A digest of all that the calendar's bytes depend on besides sessions and stars.

        If it has changed, the sync tokens from before are refused, and clients start over.
        """
        return digest((written_as(), self.name, self.caller.site, self.options))

    def spans(self) -> dict[int, Span]:
        """The start and end, by pk, of each session in the calendar or that a client may still show.

        One query, and one for those that lost their time.
        """
        times = list(self._ever_in_it().values_list("pk", "start", "end"))
        spans = {pk: Span(start, end) for pk, start, end in times if start and end}
        return spans | _lost([pk for pk, *_ in times if pk not in spans])

    def _ever_in_it(self) -> QuerySet[Session]:
        return Session.objects.filter(pk__in=[entry.pk for entry in self.entries])

    @cached_property
    def by_name(self) -> dict[str, CollectionEntry]:
        return {entry.name: entry for entry in self.entries}

    @property
    @abstractmethod
    def entries(self) -> list[CollectionEntry]:
        """The sessions in the calendar, in order of start."""

    @property
    @abstractmethod
    def point(self) -> str:
        """The calendar's state: a version, a dot and a digest of its sessions, in characters that need no encoding."""

    @abstractmethod
    def changed_since(self, point: str) -> dict[int, UUID] | None:
        """The guids by pk of the sessions that may have changed, come or gone since `point`; None if it is unknown."""

    @abstractmethod
    def etag(self, entry: CollectionEntry) -> str: ...

    @abstractmethod
    def vevents(self, entries: list[CollectionEntry]) -> list[bytes]:
        """The entries' VEVENTs, in the order asked; a session deleted a moment ago is left out."""

    def bodies(self, entries: Iterable[CollectionEntry]) -> dict[int, bytes]:
        """Calendar object resources by pk. The number of queries does not grow with the number of entries."""
        asked = list(entries)
        made = self.vevents(asked)
        if len(made) < len(asked):
            asked = [entry for entry in asked if self.vevents([entry])]
            made = self.vevents(asked)
        zoned = self.options.in_event_zone
        return {
            entry.pk: resource(vevent, product(), [entry.zone] if zoned else [])
            for entry, vevent in zip(asked, made, strict=True)
        }


def _lost(pks: list[int]) -> dict[int, Span]:
    """The last times that these sessions (pks) had; nothing for those that never had any."""
    moves = SessionRevision.objects.filter(session__in=pks, changes__has_key="start").order_by("at", "pk")
    last = dict(moves.values_list("session", "changes")) if pks else {}
    return {
        pk: Span(*(datetime.fromisoformat(changes[name][0]) for name in ("start", "end")))
        for pk, changes in last.items()
    }


def digest(parts: Iterable[object]) -> str:
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:12]
