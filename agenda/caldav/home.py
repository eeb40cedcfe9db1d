"""What a client finds at an address: the root, its principal, its home, a collection, or a member of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from agenda.caldav import addresses
from agenda.caldav.addresses import AGENDA, Address, ResourceKind
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection, CollectionEntry
from agenda.caldav.own import OwnAgenda
from agenda.caldav.programmes import ProgrammeCalendar
from agenda.models import Event, Track


@dataclass(frozen=True, slots=True)
class Signpost:
    """The root, the principal or the home: they lead a client to its collections."""

    kind: ResourceKind
    caller: Caller
    name: ClassVar[str] = "the home"  # in CalendarKey.properties, beside the names of calendars, which have no blank

    @property
    def address(self) -> str:
        made = {ResourceKind.PRINCIPAL: addresses.principal, ResourceKind.HOME: addresses.home}
        return made[self.kind](self.caller.user_id) if self.kind in made else addresses.ROOT


@dataclass(frozen=True, slots=True)
class Member:
    """A calendar object resource. Where bytes are needed, `body` holds all, and `shown` what a client asked for."""

    collection: Collection
    entry: CollectionEntry
    body: bytes | None = None
    shown: bytes | None = None

    @property
    def address(self) -> str:
        return self.collection.address_of(self.entry.guid)


Resource = Signpost | Collection | Member


def find(caller: Caller, address: Address | None) -> Resource | None:
    """What is at the address; None if nothing is, or if it is another person's."""
    if address is None or (address.kind is not ResourceKind.ROOT and address.user_id != caller.user_id):
        return None
    if address.kind not in (ResourceKind.COLLECTION, ResourceKind.RESOURCE):
        return Signpost(address.kind, caller)
    collection = collection_called(caller, address.collection)
    if collection is None or address.kind is ResourceKind.COLLECTION:
        return collection
    entry = collection.by_name.get(address.name)
    return Member(collection, entry) if entry else None


def starred_at(caller: Caller, address: Address | None) -> Member | None:
    """The starred session at that address of the caller's agenda, even if the agenda does not show it any more."""
    if address is None or (address.user_id, address.collection) != (caller.user_id, AGENDA):
        return None
    agenda = OwnAgenda(caller)
    entry = agenda.starred_as(address.name)
    return Member(agenda, entry) if entry else None


def collections(caller: Caller) -> Iterator[Collection]:
    """All collections in the home; the owner's stars come first."""
    for name in (AGENDA, *caller.collections):
        if collection := collection_called(caller, name):
            yield collection


def collection_called(caller: Caller, name: str) -> Collection | None:
    """The collection of that name: a programme's is "<event>", a track's "<event>--<track>", by their slugs."""
    if name == AGENDA:
        return OwnAgenda(caller)
    if name not in caller.collections:
        return None
    if event := Event.objects.public().filter(slug=name).first():
        return ProgrammeCalendar(caller, name, event, None)
    # A slug may itself have two hyphens.
    splits = [place for place in range(len(name)) if name.startswith("--", place)]
    for place in splits:
        event = Event.objects.public().filter(slug=name[:place]).first()
        if event and (track := _track(event, name[place + 2 :])):
            return ProgrammeCalendar(caller, name, event, track)
    return None


def _track(event: Event, slug: str) -> Track | None:
    """The track that has this slug or had it before: clients keep the address that they were given."""
    return Track.objects.filter(event=event, slug=slug).first() or Track.objects.once_called(event, slug).first()
