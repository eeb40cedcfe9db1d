"""What all of a client's calendars have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import ClassVar, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from agenda.caldav import addresses
from agenda.caldav.authentication import Caller
from agenda.calendars.options import Options, options_of
from agenda.formats.ical import resource
from agenda.models import Session
from agenda.programme.vevents import written_as
from agenda.stars.overlaps import Span

ACCENT = "#0b6e66"


class Entry(NamedTuple):
    """What a client is told of a session in a collection without its VEVENT.

    Its times are left out: reading them from the database takes longest, and few requests need them.
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

    @property
    def about(self) -> str:
        """Which it is, and what all its bytes depend on besides sessions and stars: with another, all are new."""
        return digest((written_as(), self.name, self.caller.site, self.options))

    def spans(self) -> dict[int, Span]:
        """The times, by pk, of each session that is in it, and of those that a client may still show. One query."""
        return {pk: Span(start, end) for pk, start, end in self._ever_in_it().values_list("pk", "start", "end")}

    def _ever_in_it(self) -> QuerySet[Session]:
        return Session.objects.filter(pk__in=[entry.pk for entry in self.entries])

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    @property
    @abstractmethod
    def entries(self) -> list[Entry]:
        """The members, in order of start."""

    @property
    @abstractmethod
    def point(self) -> str:
        """The collection's version: a state, a dot, and a digest of the members. No address escapes it."""

    @abstractmethod
    def changed_since(self, point: str) -> dict[int, UUID] | None:
        """The guids by pk of sessions that may have been added, changed or removed since; None if that is unknown."""

    @abstractmethod
    def etag(self, entry: Entry) -> str: ...

    @abstractmethod
    def vevents(self, entries: list[Entry]) -> list[bytes]:
        """The VEVENTs in the order asked. A session deleted a moment ago is left out."""

    def bodies(self, entries: Iterable[Entry]) -> dict[int, bytes]:
        """The calendar object resources by pk. Many take no more queries than one."""
        asked = list(entries)
        made = self.vevents(asked)
        if len(made) < len(asked):
            asked = [entry for entry in asked if self.vevents([entry])]
            made = self.vevents(asked)
        zoned = self.options.in_event_zone
        return {
            entry.pk: resource(vevent, settings.SITE_NAME, [entry.zone] if zoned else [])
            for entry, vevent in zip(asked, made, strict=True)
        }


def digest(parts: Iterable[object]) -> str:
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:12]
