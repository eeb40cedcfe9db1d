"""What a client finds at an address: the root, its principal, its home, a collection there, a member of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from agenda.caldav import addresses
from agenda.caldav.addresses import AGENDA, Address, Kind
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection, Entry
from agenda.caldav.own import OwnAgenda
from agenda.caldav.programmes import Programme
from agenda.models import Event, Track


@dataclass(frozen=True, slots=True)
class Place:
    """The root, the principal or the home."""

    kind: Kind
    caller: Caller
    name: ClassVar[str] = "the home"  # in CalendarKey.properties, beside the names of calendars, which have no blank

    @property
    def address(self) -> str:
        made = {Kind.PRINCIPAL: addresses.principal, Kind.HOME: addresses.home}
        return made[self.kind](self.caller.user_id) if self.kind in made else addresses.ROOT


@dataclass(frozen=True, slots=True)
class Member:
    """A calendar object resource; with its bytes where somebody needs them."""

    collection: Collection
    entry: Entry
    body: bytes | None = None

    @property
    def address(self) -> str:
        return self.collection.address_of(self.entry.guid)


Resource = Place | Collection | Member


def find(caller: Caller, address: Address | None) -> Resource | None:
    """None for what is not there, and for what is another's."""
    if address is None or (address.kind is not Kind.ROOT and address.user_id != caller.user_id):
        return None
    if address.kind not in (Kind.COLLECTION, Kind.RESOURCE):
        return Place(address.kind, caller)
    collection = collection_called(caller, address.collection)
    if collection is None or address.kind is Kind.COLLECTION:
        return collection
    entry = collection.by_name.get(address.name)
    return Member(collection, entry) if entry else None


def starred_at(caller: Caller, address: Address | None) -> Member | None:
    """What is starred under that address in one's own agenda, also what find() does not: it is not shown any more."""
    if address is None or (address.user_id, address.collection) != (caller.user_id, AGENDA):
        return None
    agenda = OwnAgenda(caller)
    entry = agenda.starred_as(address.name)
    return Member(agenda, entry) if entry else None


def collections(caller: Caller) -> Iterator[Collection]:
    """All in the home; the owner's stars come first."""
    for name in (AGENDA, *caller.collections):
        if collection := collection_called(caller, name):
            yield collection


def collection_called(caller: Caller, name: str) -> Collection | None:
    """A programme is called "<event>", a track "<event>--<track>", by their slugs."""
    if name == AGENDA:
        return OwnAgenda(caller)
    if name not in caller.collections:
        return None
    if event := Event.objects.filter(slug=name).first():
        return Programme(caller, name, event, None)
    # A slug may itself have two hyphens.
    splits = [place for place in range(len(name)) if name.startswith("--", place)]
    for place in splits:
        of_name = Track.objects.filter(event__slug=name[:place], slug=name[place + 2 :])
        if track := of_name.select_related("event").first():
            return Programme(caller, name, track.event, track)
    return None
