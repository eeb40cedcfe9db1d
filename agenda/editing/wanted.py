"""What sessions should become, as plain JSON: the stored half of a plan, made of a file, an edit or a batch.

A plan's `wanted` is {"sessions": [Wanted], "rooms": …, "tracks": …, "speakers": …}. The values of a session are those
of VALUES: texts and names as they are, `when` as [start, end] in ISO 8601 and UTC ([]: no time), `speakers` in order,
`materials` as [kind, title, address] of each one that is no uploaded file, `replaced_by` as a primary key or 0. A value
that is not there is left alone. Of a plan that is over, `prune` leaves the digest alone.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from agenda.formats.records import ProgrammeRecord, RoomRecord, SessionRecord, SpeakerRecord
from agenda.models import Session

Values = dict[str, Any]
Wanted = dict[str, Any]  # "key", "wanted": Values; and "session": pk, "base": Values, "guid", "slug", "where"

VALUES = (
    *(
        "title",
        "subtitle",
        "byline",
        "abstract",
        "language",
        "when",
        "room",
        "track",
        "status",
        "speakers",
        "materials",
    ),
    *("slides_included", "is_published", "note", "replaced_by"),
)
ABOUT_SPEAKERS = ("job_title", "organisation", "biography", "biography_is_cut")


def when(start: datetime | None, end: datetime | None) -> list[str]:
    """The two times as they are compared and stored; empty if there are none."""
    return [moment.astimezone(UTC).isoformat(timespec="seconds") for moment in (start, end) if moment]


def values_of(session: Session) -> Values:
    """The values of a session as they are now. Makes no query for a session from with_details()."""
    return {
        **{name: getattr(session, name) for name in ("title", "subtitle", "byline", "abstract", "language", "status")},
        "when": when(session.start, session.end),
        "room": session.room.name if session.room else "",
        "track": session.track.name if session.track else "",
        "speakers": [appearance.speaker.name for appearance in session.appearances.all()],
        "materials": [[each.kind, each.title, each.url] for each in session.materials.all() if not each.file],
        "slides_included": session.slides_included,
        "is_published": session.is_published,
        "note": session.note,
        "replaced_by": session.replaced_by_id or 0,
    }


def wanted_of(programme: ProgrammeRecord) -> dict[str, Any]:
    """The JSON that a programme from a file wants of an event."""
    return {
        "format": programme.format,
        "zone": programme.zone,
        "days": [day.isoformat() for day in programme.days or ()],
        "sessions": [_session(record) for record in programme.sessions],
        "rooms": [_room(room) for room in programme.rooms],
        "tracks": [{"name": track.name, "colour": track.colour} for track in programme.tracks],
        "speakers": [_speaker(speaker) for speaker in programme.speakers],
        "problems": [[problem.where, problem.text] for problem in programme.problems],
        **_left_out(programme),
    }


def _left_out(programme: ProgrammeRecord) -> dict[str, bool]:
    """Says of a file that it had sessions which could not be read: what it lacks is not therefore gone."""
    return {"leaves_out": True} if any(problem.leaves_out for problem in programme.problems) else {}


def digest_of(wanted: dict[str, Any]) -> str:
    """What tells this `wanted` of a programme from another; also once it was emptied."""
    said = {name: value for name, value in wanted.items() if name != "file"}
    return str(wanted.get("digest") or sha256(json.dumps(said, sort_keys=True).encode()).hexdigest())


def emptied(wanted: dict[str, Any]) -> dict[str, Any]:
    """What is kept of it once its plan is over: no session any more, but its digest."""
    return {"digest": digest_of(wanted), "sessions": []}


def _session(record: SessionRecord) -> Wanted:
    said = {name: getattr(record, name) for name in ("title", "subtitle", "byline", "abstract", "language", "status")}
    said |= {name: getattr(record, name) for name in ("room", "track", "slides_included")}
    values = {name: value for name, value in said.items() if value is not None}
    values["when"] = when(record.start, record.end)
    if record.speakers is not None:
        values["speakers"] = list(record.speakers)
    if record.materials is not None:
        values["materials"] = [[each.kind, each.title, each.url] for each in record.materials]
    wanted: Wanted = {"key": record.external_id, "where": record.where, "wanted": values}
    return wanted | ({"guid": str(record.guid)} if record.guid else {}) | ({"slug": record.slug} if record.slug else {})


def _room(record: RoomRecord) -> dict[str, Any]:
    room = {"name": record.name, "capacity": record.capacity}
    return room | ({"guid": str(record.guid)} if record.guid else {})


def _speaker(record: SpeakerRecord) -> dict[str, Any]:
    about = {name: getattr(record, name) for name in ABOUT_SPEAKERS if getattr(record, name) is not None}
    return {"name": record.name, "about": about} | ({"guid": str(record.guid)} if record.guid else {})
