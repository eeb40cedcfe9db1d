"""Writes schedule.json (version 1), valid by c3voc's schema, with one property of our own (own_notes.py)."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from agenda.formats import c3voc, own_notes
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SpeakerRecord
from agenda.formats.xml_text import in_xml

CONTENT_TYPE = "application/json"
SCHEMA = "https://c3voc.de/schedule/schema.json"

Row = dict[str, Any]


def schedule_json(programme: ProgrammeRecord, *, source: str) -> bytes:
    """The file. The same record gives the same bytes. `source` is its own address."""
    days = c3voc.days(programme)
    people = {speaker.name: speaker for speaker in programme.speakers}
    conference: Row = {
        "acronym": c3voc.acronym(programme),
        "title": programme.title,
        "start": days[0].date.isoformat() if days else "",
        "end": days[-1].date.isoformat() if days else "",
        "daysCount": len(days),
        "timeslot_duration": c3voc.TIMESLOT,
        **_said(time_zone_name=c3voc.zone_name(programme), url=programme.url),
        "tracks": [{"name": track.name, **_said(color=track.colour)} for track in programme.tracks],
        "rooms": _rooms(programme),
        "days": [_day(day, people) for day in days],
    }
    schedule = {"version": programme.version or "1", "conference": conference, **_notes(programme, days)}
    whole = {"$schema": SCHEMA, "generator": {"name": c3voc.GENERATOR, "url": source}, "schedule": schedule}
    return json.dumps(_clean(whole), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _notes(programme: ProgrammeRecord, days: list[c3voc.Day]) -> Row:
    """What the schema has no place for; only a schedule may have properties that it does not name."""
    entries = (entry for day in days for there in day.rooms.values() for entry in there)
    notes = {
        "conference": own_notes.of_conference(programme),
        "speakers": own_notes.of_speakers(programme),
        "sessions": {str(entry.guid): note for entry in entries if (note := own_notes.of_session(entry.session))},
    }
    said = {name: note for name, note in notes.items() if note}
    return {own_notes.TARGET: said} if said else {}


def _rooms(programme: ProgrammeRecord) -> list[Row]:
    """The rooms, each with a guid, which the schema demands: made of its name where it has none."""
    return [
        {
            "name": room.name,
            "guid": str(room.guid or uuid5(NAMESPACE_URL, f"{programme.url}#{in_xml(room.name)}")),
            **({} if room.capacity is None else {"capacity": room.capacity}),
        }
        for room in programme.rooms
    ]


def _day(day: c3voc.Day, people: dict[str, SpeakerRecord]) -> Row:
    return {
        "index": day.index,
        "date": day.date.isoformat(),
        "day_start": day.start.isoformat(),
        "day_end": day.end.isoformat(),
        "rooms": {name: [_session(entry, people) for entry in there] for name, there in day.rooms.items()},
    }


def _session(entry: c3voc.Entry, people: dict[str, SpeakerRecord]) -> Row:
    session = entry.session
    return {
        "id": entry.id,
        "guid": str(entry.guid),
        "date": entry.start.isoformat(timespec="seconds"),
        "start": f"{entry.start:%H:%M}",
        "end": entry.end.isoformat(timespec="seconds"),
        "duration": entry.duration,
        "room": entry.room,
        "slug": entry.slug,
        "url": session.url or "",
        "title": session.title,
        "subtitle": session.subtitle or "",
        "track": session.track,
        "type": entry.type,
        "language": session.language or None,
        "abstract": session.abstract or "",
        **({} if session.may_be_recorded is None else {"do_not_record": not session.may_be_recorded}),
        "persons": [_person(name, people.get(name)) for name in session.speakers or ()],
        "links": [_material(each) for each in entry.links],
        "attachments": [_material(each) for each in entry.attachments],
    }


def _person(name: str, speaker: SpeakerRecord | None) -> Row:
    """Name and guid. Never an id or a public_name beside them: the schema takes those for another kind of person."""
    guid, biography = (speaker.guid, speaker.biography) if speaker else (None, None)
    return {"name": name, **_said(guid=str(guid) if guid else None, biography=biography)}


def _material(material: MaterialRecord) -> Row:
    return {"title": material.title, "url": material.url, "type": c3voc.MATERIAL_TYPES.get(material.kind, "web")}


def _said(**values: str | None) -> Row:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value}


def _clean(value: Any) -> Any:
    """The value, its texts without what XML forbids: lone surrogates cannot be written at all."""
    if isinstance(value, str):
        return in_xml(value)
    if isinstance(value, dict):
        return {in_xml(key): _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value
