"""The rooms, tracks and speakers of an event, by the names that files give them; missing ones are made here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from agenda.editing.naming import slug_for
from agenda.editing.wanted import Values
from agenda.models import Event, FormerSlug, Origin, Room, Session, Speaker, Track
from agenda.programme.prose import fold
from agenda.programme.records import room_guid

Named = dict[str, Any]  # an entry of a plan's rooms, tracks or speakers
LONGEST_SLUGS = {"room": 80, "track": 80, "speaker": 120}  # characters, as the models have them


class Names:
    """All rows of an event that have names. A name that was changed here still leads to its row, by the slug it gave.

    `plan` is what a plan wants: a guid that the event knows leads to its room or speaker, if the event has none of the
    name in the file. `origins` are what its source said last: a name that it gave itself is not one that changed here.
    """

    def __init__(self, event: Event, plan: Mapping[str, Any], origins: Iterable[Origin] = ()) -> None:
        self.event, self.plan, self.origins = event, plan, origins
        self.room_rows: dict[int | None, Room] = {room.pk: room for room in event.rooms.all()}
        self.track_rows: dict[int | None, Track] = {track.pk: track for track in event.tracks.all()}
        self.speaker_rows = {speaker.pk: speaker for speaker in event.speakers.all()}
        self.rows: dict[str, Mapping[Any, Room | Track | Speaker]] = {
            "room": self.room_rows,
            "track": self.track_rows,
            "speaker": self.speaker_rows,
        }
        self.rooms = {folded(room.name): room for room in self.room_rows.values()}
        self.tracks = {folded(track.name): track for track in self.track_rows.values()}
        self.speakers = {folded(speaker.name): speaker for speaker in self.speaker_rows.values()}
        self.room_by_guid = {str(room_guid(room)): room for room in self.rooms.values()}
        for named in plan.get("rooms", ()):
            if room := self.room_by_guid.get(named.get("guid", "")):
                self.rooms.setdefault(folded(named["name"]), room)
        self.by_guid = {str(speaker.guid): speaker for speaker in self.speakers.values()}
        for named in plan.get("speakers", ()):
            if speaker := self.by_guid.get(named.get("guid", "")):
                self.speakers.setdefault(folded(named["name"]), speaker)
        former = FormerSlug.objects.filter(event=event, kind__in=LONGEST_SLUGS).values_list("kind", "slug", "row")
        self.former = {(kind, slug): row for kind, slug, row in former}

    @cached_property
    def slugs_kept(self) -> dict[tuple[str, str], int]:
        """Rows (pks) by the slugs that they have from an earlier name: renaming leaves a slug as it is."""
        told = {folded(name) for origin in self.origins for name in _names_in(origin.as_imported)}
        renamed_back = {("room", pk) for pk, _, _ in self.plan.get("renames", ())}
        kept = {}
        for kind, rows in self.rows.items():
            slugs = {row.slug for row in rows.values()}
            for pk, row in rows.items():
                if not (folded(row.name) in told or (kind, pk) in renamed_back or _gives_its_slug(kind, row, slugs)):
                    kept[kind, row.slug] = row.pk
        return kept

    def sessions(self, among: Collection[int] | None, *, with_revisions: bool) -> dict[int, Session]:
        """The event's sessions (those `among`, if it is given) in order, by pk, with their parts.

        Each room, track and speaker is one object.
        """
        parts = ("appearances", "materials", *(("revisions",) if with_revisions else ()))
        rows = self.event.sessions.all() if among is None else self.event.sessions.filter(pk__in=among)
        found = {session.pk: session for session in rows.in_order().prefetch_related(*parts)}
        for session in found.values():
            session.event = self.event
            if room := self.room_rows.get(session.room_id):  # else it was made at this moment
                session.room = room
            if track := self.track_rows.get(session.track_id):
                session.track = track
            for appearance in session.appearances.all():
                if speaker := self.speaker_rows.get(appearance.speaker_id):
                    appearance.speaker = speaker
        return found

    def room(self, name: str) -> str:
        """The name as the event has it; as it is given if no room is known by it."""
        return self._known("room", self.rooms, name)

    def knows_room(self, name: str) -> bool:
        return folded(name) in self.rooms

    def renamed_room(self, named: Named) -> Room | None:
        """The room that the entry of a plan calls by a name that only its guid leads to."""
        room = self.rooms.get(folded(named["name"]))
        if room is None or folded(room.name) == folded(named["name"]):
            return None
        return None if self.renamed_since("room", named["name"]) == room.pk else room

    def rename_room(self, pk: int, name: str) -> Room:
        """Gives the room the name, which leads to it from now on."""
        room = next(room for room in self.rooms.values() if room.pk == pk)
        Room.objects.filter(pk=pk).update(name=name)
        room.name = name
        self.rooms[folded(name)] = room
        return room

    def _known(self, kind: str, rows: dict[str, Any], name: str) -> str:
        row = rows.get(folded(name)) or self.rows[kind].get(self.renamed_since(kind, name))
        return row.name if row else name

    def renamed_since(self, kind: str, name: str) -> int | None:
        """The row (pk) that had the name before."""
        if not name or not (self.former or self.slugs_kept):
            return None
        called = (kind, slug_for(name, (), LONGEST_SLUGS[kind]))
        return self.former.get(called) or self.slugs_kept.get(called)

    def speaker(self, named: Named) -> Speaker | None:
        """The speaker that an entry of a plan is about, by guid, else by present or former name; or None."""
        if pk := named.get("speaker"):
            return next((speaker for speaker in self.speakers.values() if speaker.pk == pk), None)
        known = self.by_guid.get(named.get("guid", "")) or self.speakers.get(folded(named["name"]))
        return known or self.speaker_rows.get(self.renamed_since("speaker", named["name"]) or 0)

    def as_known(self, values: Values) -> Values:
        """The values with the names that the event has for its rooms, tracks and speakers."""
        known = dict(values)
        if "room" in values:
            known["room"] = self.room(values["room"])
        if "track" in values:
            known["track"] = self._known("track", self.tracks, values["track"])
        if "speakers" in values:
            known["speakers"] = [self._known("speaker", self.speakers, name) for name in values["speakers"]]
        return known

    def make_missing(self, values: Iterable[Values], plan: dict[str, Any]) -> None:
        """Makes the rooms, tracks and speakers that the values name, in the order and with what a plan says of them."""
        used = list(values)
        kinds: tuple[tuple[str, dict[str, Any]], ...] = (("room", self.rooms), ("track", self.tracks))
        for kind, rows in kinds:
            about = {folded(named["name"]): named for named in plan.get(f"{kind}s", ())}
            names = dict.fromkeys(name for each in used if (name := each.get(kind)))
            order = {folded: number for number, folded in enumerate(about)}
            for name in sorted(names, key=lambda name: order.get(folded(name), len(order))):
                if folded(name) not in rows:
                    rows[folded(name)] = self._make(kind, name, about.get(folded(name), {}), len(rows))
        self._note_guids(plan.get("rooms", ()))
        self._make_speakers(dict.fromkeys(name for each in used for name in each.get("speakers") or ()), plan)

    def _make(self, kind: str, name: str, about: Named, position: int) -> Room | Track:
        rows: dict[str, Any] = self.rooms if kind == "room" else self.tracks
        slug = slug_for(name, {row.slug for row in rows.values()}, LONGEST_SLUGS[kind])
        if kind == "room":
            more = {"capacity": about.get("capacity")}
            return Room.objects.create(event=self.event, name=name, slug=slug, position=position, **more)
        colour = {"colour": about["colour"]} if about.get("colour") else {}
        return Track.objects.create(event=self.event, name=name, slug=slug, position=position, **colour)

    def _note_guids(self, rooms: Iterable[Named]) -> None:
        """Notes the guids that a file gives to rooms which have none from a source yet."""
        for named in rooms:
            room, guid = self.rooms.get(folded(named["name"])), named.get("guid", "")
            if room and room.guid is None and guid and guid not in self.room_by_guid:
                room.guid = UUID(guid)
                Room.objects.filter(pk=room.pk).update(guid=room.guid)
                self.room_by_guid[guid] = room

    def _make_speakers(self, names: Iterable[str], plan: dict[str, Any]) -> None:
        about = {folded(named["name"]): named for named in plan.get("speakers", ())}
        guids = [named["guid"] for named in about.values() if named.get("guid")]
        elsewhere = set(map(str, Speaker.objects.filter(guid__in=guids).values_list("guid", flat=True)))
        slugs = {speaker.slug for speaker in self.speakers.values()}
        made = []
        for name in names:
            if folded(name) in self.speakers:
                continue
            named = about.get(folded(name), {})
            speaker = Speaker(
                event=self.event,
                name=name,
                slug=slug_for(name, slugs, LONGEST_SLUGS["speaker"]),
                **named.get("about", {}),
            )
            if (guid := named.get("guid")) and guid not in elsewhere:
                speaker.guid = UUID(guid)
            slugs.add(speaker.slug)
            self.speakers[folded(name)] = speaker
            made.append(speaker)
        Speaker.objects.bulk_create(made)


def _gives_its_slug(kind: str, row: Room | Track | Speaker, slugs: Collection[str]) -> bool:
    """True if the row's slug is made of its present name; also with a number, as another row has the plain one."""
    without_number, _, number = row.slug.rpartition("-")
    made = slug_for(row.name, (), LONGEST_SLUGS[kind])
    return made == row.slug or (made == without_number and number.isdecimal() and made in slugs)


def _names_in(values: Values) -> list[str]:
    return [*filter(None, (values.get("room"), values.get("track"))), *(values.get("speakers") or ())]


def folded(name: str) -> str:
    """The name as names are compared: without case, accents and more than one blank in a row."""
    return " ".join(fold(name).split())
