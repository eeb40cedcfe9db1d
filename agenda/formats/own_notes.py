"""What schedule.xml and schedule.json have no place for, as JSON that our own files carry beside it.

In XML it stands in processing instructions, `<?forum-agenda {…}?>`, one inside an element at most, and one a speaker:
they are no elements, so schemas and other readers pass over them. In JSON it is one more property of the schedule.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from agenda.formats.c3voc import GENERATOR
from agenda.formats.entries import RawEntry, RawSchedule, uuid_of
from agenda.formats.records import MaterialRecord, Problem, ProgrammeRecord, SessionRecord, SpeakerRecord

TARGET = "forum-agenda"  # of the instructions
LONGEST = 200_000  # characters of an instruction
MOST_MATERIALS = 50  # without an address, of a session
KINDS = ("slides", "recording", "paper", "link")  # of materials

Note = dict[str, Any]


def of_session(session: SessionRecord) -> Note:
    bare = [[each.kind, each.title] for each in session.materials or () if not each.url]
    return {
        **_said(byline=session.byline, materials=bare[:MOST_MATERIALS]),
        **({} if session.slides_included is None else {"slides_included": session.slides_included}),
        **({"status": session.status} if session.status == "tentative" else {}),
    }


def of_speakers(programme: ProgrammeRecord) -> list[Note]:
    """A note for each speaker about whom there is more than a name."""
    notes = []
    for each in programme.speakers:
        names = ("organisation", "job_title", "biography", "biography_is_cut")
        if about := _said(**{name: getattr(each, name) for name in names}):
            notes.append({"name": each.name, **_said(guid=str(each.guid or "")), **about})
    return notes


def of_conference(programme: ProgrammeRecord) -> Note:
    capacities = {room.name: room.capacity for room in programme.rooms if room.capacity}
    return _said(venue=programme.venue, city=programme.city, capacities=capacities)


def _said(**values: Any) -> Note:
    return {name: value for name, value in values.items() if value}


def written(note: Note) -> str:
    """The note as the text of an instruction, which the first "?>" in it would end."""
    return json.dumps(note, ensure_ascii=False, separators=(",", ":")).replace(">", "\\u003e")


class NotesReading:
    """Gives a schedule what notes say. What is not understood becomes a problem, and the rest is taken."""

    def __init__(self, schedule: RawSchedule) -> None:
        self.schedule = schedule

    def loaded(self, text: str, where: str) -> object:
        """The note that is written so; nothing for a text that is none."""
        try:
            if len(text) <= LONGEST:
                return json.loads(text)
        except (ValueError, RecursionError):
            pass
        self._pass_over(where, "is too long, or no JSON")
        return {}

    def session(self, note: object, entry: RawEntry) -> None:
        found = self._known(note, _SESSION, entry.where)
        entry.byline = found.get("byline")
        entry.slides_included = found.get("slides_included")
        entry.status = found.get("status", entry.status)
        bare = [MaterialRecord(kind=kind, title=title) for kind, title in found.get("materials", ())]
        if bare:
            entry.materials = [*(entry.materials or ()), *bare]

    def speaker(self, note: object, where: str) -> None:
        found = self._known(note, _SPEAKER, where)
        if name := found.pop("name", "").strip():
            guid = uuid_of(found.pop("guid", ""))
            self.schedule.about.setdefault(name, SpeakerRecord(name=name, guid=guid, **found))

    def conference(self, note: object, where: str) -> None:
        found = self._known(note, _CONFERENCE, where)
        self.schedule.venue = self.schedule.venue or found.get("venue", "")
        self.schedule.city = self.schedule.city or found.get("city", "")
        self.schedule.capacities |= found.get("capacities", {})

    def _known(self, note: object, kinds: Mapping[str, Callable[[Any], bool]], where: str) -> Note:
        """The values of the note that have a known name and are what they should be."""
        if not isinstance(note, dict):
            self._pass_over(where, "cannot be read")
            return {}
        known = {name: value for name, value in note.items() if name in kinds and kinds[name](value)}
        odd = next((name for name in note if name not in known), None)
        if odd is not None:
            self._pass_over(where, f"says “{odd[:40]}” in a way that is not known")
        return known

    def _pass_over(self, where: str, what: str) -> None:
        self.schedule.problems.append(Problem(where, f"A note for {GENERATOR} {what}; that was left out."))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_materials(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_MATERIALS
        and all(isinstance(each, list) and len(each) == 2 and each[0] in KINDS and _is_text(each[1]) for each in value)
    )


def _are_capacities(value: Any) -> bool:
    return isinstance(value, dict) and all(type(each) is int for each in value.values())


_SESSION = {
    "byline": _is_text,
    "slides_included": _is_flag,
    "status": lambda value: value == "tentative",
    "materials": _are_materials,
}
_SPEAKER = {
    **dict.fromkeys(("name", "guid", "organisation", "job_title", "biography"), _is_text),
    "biography_is_cut": _is_flag,
}
_CONFERENCE = {"venue": _is_text, "city": _is_text, "capacities": _are_capacities}
