"""schedule.json of c3voc, frab and pretalx (version 1), and of c3voc's hub (version 2, a list of events).

An event of the file is our session. Values of another kind than expected are taken as absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from agenda.formats.entries import RawDay, RawEntry, RawSchedule, material, uuid_of
from agenda.formats.own_notes import TARGET, NotesReading
from agenda.formats.plain_text import one_line
from agenda.formats.records import (
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SpeakerRecord,
    TrackRecord,
)

MOST_VALUES = 2_000_000  # 20,000 sessions have about a million

_UTF8_MARK = b"\xef\xbb\xbf"
_STATUS = {"canceled": "cancelled", "cancelled": "cancelled", "draft": "tentative", "submitted": "tentative"}
_NOT_ON = frozenset(["rejected", "withdrawn", "deleted"])


def looks_like(data: bytes, name: str) -> bool:
    is_object = data.removeprefix(_UTF8_MARK).lstrip()[:1] == b"{"
    return is_object and b'"schedule"' in data and b'"conference"' in data


def read(data: bytes, *, zone: str = "") -> ProgrammeRecord:
    found = _dict(_loaded(data))
    schedule = _dict(found.get("schedule"))
    if not isinstance(schedule.get("conference"), dict):
        raise RefusedFile("This JSON has a “schedule” without “conference”; it is not a schedule.json.")
    reading = _JsonReading(schedule, _dict(found.get("generator")))
    if not reading.schedule.entries:
        raise RefusedFile(
            "This schedule.json has no event; publish the schedule where it is kept, and export it again."
        )
    return reading.schedule.record(zone)


def _loaded(data: bytes) -> object:
    """What the JSON says. Raises RefusedFile for what is none, or too much."""
    if sum(map(data.count, (b"[", b"{", b","))) > MOST_VALUES:
        raise RefusedFile(f"This JSON has more than {MOST_VALUES:,} values; it is not a schedule.")
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        raise RefusedFile("This JSON is not in UTF-8; save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        is_whole = error.doc.rstrip().endswith("}")
        said = "is damaged; export it again" if is_whole else "ends in the middle; download it again"
        raise RefusedFile(f"This schedule.json {said} (line {error.lineno}).") from None
    except RecursionError:
        raise RefusedFile("This JSON has too many lists inside each other; it is not a schedule.") from None
    except ValueError:
        raise RefusedFile("This JSON has a number of thousands of digits; it is not a schedule.") from None


class _JsonReading:
    """Fills a schedule from the "schedule" of a file."""

    def __init__(self, found: dict[str, Any], generator: dict[str, Any]) -> None:
        conference = _dict(found.get("conference"))
        rooms, tracks = (_dicts(conference.get(key)) for key in ("rooms", "tracks"))
        self.room_names, self.track_names = _names_by_reference(rooms), _names_by_reference(tracks)
        url = next(filter(None, (_text(found, "base_url"), _text(conference, "url"), _text(found, "url"))), "")
        self.schedule = RawSchedule(
            format="schedule.json",
            generator=_text(generator, "name") or "",
            title=_text(conference, "title") or "",
            acronym=_text(conference, "acronym") or "",
            zone=_text(conference, "time_zone_name") or "",
            first_day=_text(conference, "start") or "",
            last_day=_text(conference, "end") or "",
            version=_text(found, "version") or "",
            url=url,
            rooms=[_room(each) for each in rooms if _text(each, "name")],
            tracks=[TrackRecord(name=_text(each, "name") or "", colour=_text(each, "color")) for each in tracks],
        )
        self.notes, noted = NotesReading(self.schedule), _dict(found.get(TARGET))
        self.of_sessions = _dict(noted.get("sessions"))
        self.notes.conference(noted.get("conference", {}), "")
        for note in _dicts(noted.get("speakers")):
            self.notes.speaker(note, "")
        for where, event, day, room in self.events(found, conference):
            self.take(where, event, day, room)

    def events(
        self, found: dict[str, Any], conference: dict[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any], RawDay | None, str]]:
        """The events with their place in the file, day and room: in one list, or by day and room."""
        for number, each in enumerate(_dicts(found.get("events")), 1):
            yield f"event {number}", each, None, ""
        for number, each in enumerate(_dicts(conference.get("days")), 1):
            day = RawDay(date=_text(each, "date") or "", start=_text(each, "day_start") or _text(each, "start") or "")
            self.schedule.days.append(day)
            for room, events in _rooms_of(each.get("rooms")):
                for place, event in enumerate(_dicts(events), 1):
                    yield f"day {number}, room {room}, event {place}", event, day, room

    def take(self, where: str, event: dict[str, Any], day: RawDay | None, room: str) -> None:
        state = (_text(event, "state") or "").lower()
        if state in _NOT_ON:
            title = one_line(_text(event, "title") or "")
            self.schedule.problems.append(Problem(where, f"“{title}” is {state} there; it was left out."))
            return
        if not self.schedule.generator and any("code" in each for each in _dicts(event.get("persons"))):
            self.schedule.generator = "pretalx"
        entry = self.entry(where, event, day, room, _STATUS.get(state, "confirmed"))
        if note := self.of_sessions.get(entry.guid):
            self.notes.session(note, entry)
        self.schedule.add(entry)

    def entry(self, where: str, event: dict[str, Any], day: RawDay | None, room: str, status: str) -> RawEntry:
        start = _text(event, "start") or ""
        no_record = event.get("do_not_record")
        return RawEntry(
            where=where,
            ids=tuple(_text(event, key) for key in ("id", "code", "guid")),
            day=day,
            guid=_text(event, "guid") or "",
            title=_text(event, "title") or "",
            date=(_text(event, "date") or (start if "T" in start else "")).strip(),
            start="" if "T" in start else start,
            end=(_text(event, "end") or "").strip(),
            duration=_text(event, "duration") or "",
            room=room.strip() or _referred(event, "room", self.room_names),
            subtitle=_said(event, "subtitle"),
            abstract=_said(event, "abstract"),
            description=_said(event, "description"),
            language=_said(event, "language"),
            track=_referred(event, "track", self.track_names),
            type=_said(event, "type"),
            slug=_text(event, "slug"),
            url=_text(event, "url"),
            people=_people(event),
            materials=_materials(event),
            may_be_recorded=None if not isinstance(no_record, bool) else not no_record,
            status=status,
        )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(found: dict[str, Any], key: str) -> str | None:
    """The text or number of that key; of a text in several languages, the one in the event's own, or English."""
    value = found.get(key)
    if isinstance(value, dict):
        texts = {language: text for language, text in value.items() if isinstance(text, str)}
        value = next((texts[each] for each in (str(found.get("language")), "en", *texts) if each in texts), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _said(found: dict[str, Any], key: str) -> str | None:
    """The text of that key, empty for null; None if the file does not have the key."""
    return (_text(found, key) or "") if key in found else None


def _names_by_reference(found: list[dict[str, Any]]) -> dict[str, str]:
    """The names of rooms or tracks by their guids and slugs."""
    named = [(each, _text(each, "name")) for each in found]
    return {mark: name for each, name in named if name for key in ("guid", "slug") if (mark := _text(each, key))}


def _referred(event: dict[str, Any], key: str, names: dict[str, str]) -> str | None:
    """The name of the event's room or track, which is a text or refers to a record by guid or slug."""
    value = event.get(key)
    if not isinstance(value, dict):
        return _said(event, key)
    marks = (_text(value, each) or "" for each in ("guid", "slug"))
    return _text(value, "name") or next((names[mark] for mark in marks if mark in names), "")


def _room(found: dict[str, Any]) -> RoomRecord:
    capacity = found.get("capacity")
    return RoomRecord(
        name=_text(found, "name") or "",
        guid=uuid_of(_text(found, "guid") or ""),
        capacity=int(capacity) if isinstance(capacity, int | float) and 0 < capacity < 1e6 else None,
    )


def _rooms_of(value: object) -> list[tuple[str, object]]:
    """The lists of events by the name of their room: an object of lists, or a list of rooms with events."""
    if isinstance(value, dict):
        return list(value.items())
    return [(_text(each, "name") or "", each.get("events")) for each in _dicts(value)]


def _people(event: dict[str, Any]) -> list[SpeakerRecord] | None:
    """The people of an event: names alone, or objects that call the name public_name (frab), name or code (pretalx)."""
    found = event.get("persons", event.get("participants", event.get("speakers")))
    if not isinstance(found, list):
        return None
    people = []
    for each in found:
        person = {"name": each} if isinstance(each, str) else _dict(each)
        names = (_text(person, key) for key in ("public_name", "full_public_name", "name", "code"))
        if name := next((said for each in names if (said := one_line(each or ""))), ""):
            biography = _text(person, "biography")
            people.append(SpeakerRecord(name=name, guid=uuid_of(_text(person, "guid") or ""), biography=biography))
    return people


def _materials(event: dict[str, Any]) -> list[MaterialRecord] | None:
    """Links and attachments, which may be addresses alone; None if the file has no place for them."""
    if not event.keys() & {"links", "attachments"}:
        return None
    found = []
    for key in ("attachments", "links"):
        for each in event[key] if isinstance(event.get(key), list) else ():
            link = {"url": each} if isinstance(each, str) else _dict(each)
            url, kind = _text(link, "url") or _text(link, "href"), _text(link, "type") or ""
            found.append(
                material(_text(link, "title") or _text(link, "name"), url, kind, attached=key == "attachments")
            )
    return [each for each in found if each]
