"""Makes one programme of several: of files a room, or of sessions in one file and the people in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from agenda.formats.assembly import Identities, folded
from agenda.formats.records import (
    MOST_SESSIONS,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)

Named = TypeVar("Named", RoomRecord, TrackRecord, SpeakerRecord)
Joined = TypeVar("Joined", RoomRecord, TrackRecord, SpeakerRecord, SessionRecord)


def joined(programmes: Sequence[tuple[str, ProgrammeRecord]], people: Sequence[SpeakerRecord] = ()) -> ProgrammeRecord:
    """The programmes, each with the name of its file, as one; what the first says of the conference counts.

    `people` are of lists that have no sessions. A session that is in two files with the same id, title and start is
    one; another one of that id keeps it for itself by its title.
    """
    programmes = [(name, _with_whole_names(programme, people)) for name, programme in programmes]
    sessions = _sessions(programmes)
    if len(sessions) > MOST_SESSIONS:
        raise RefusedFile(f"The files have more than {MOST_SESSIONS:,} sessions: too many for one event.")
    listed = [each for _, programme in programmes for each in programme.speakers]
    days = [day for _, programme in programmes for day in programme.days or ()]
    words = ("title", "acronym", "zone", "venue", "city", "country", "url")
    said: dict[str, Any] = {name: _first(programmes, name) for name in words}
    return replace(
        programmes[0][1],
        **said,
        format=" and ".join(dict.fromkeys(programme.format for _, programme in programmes)),
        sessions=tuple(sessions),
        days=(min(days), max(days)) if days else None,
        rooms=_by_name(each for _, programme in programmes for each in programme.rooms),
        tracks=_by_name(each for _, programme in programmes for each in programme.tracks),
        speakers=_with_people(_by_name(listed), people),
        problems=tuple(_problems(programmes)),
    )


def _first(programmes: Sequence[tuple[str, ProgrammeRecord]], name: str) -> str:
    said: str = next((value for _, programme in programmes if (value := getattr(programme, name))), "")
    return said


def _sessions(programmes: Sequence[tuple[str, ProgrammeRecord]]) -> list[SessionRecord]:
    found: dict[tuple[object, ...], SessionRecord] = {}
    for name, programme in programmes:
        for session in programme.sessions:
            key = session.external_id, folded(session.title), session.start
            placed = replace(session, where=_placed(name, session.where))
            found[key] = _filled(found[key], placed) if key in found else placed
    ids = Identities()
    return [replace(each, external_id=ids.give(each.external_id, each.title)[0]) for each in found.values()]


def _problems(programmes: Sequence[tuple[str, ProgrammeRecord]]) -> Iterable[Problem]:
    for name, programme in programmes:
        yield from (
            Problem(_placed(name, each.where), each.text, leaves_out=each.leaves_out) for each in programme.problems
        )
    zones = dict.fromkeys(programme.zone for _, programme in programmes if programme.zone)
    if len(zones) > 1:
        yield Problem("", f"The files are in several time zones, {', '.join(zones)}; the event is in the first.")


def _placed(name: str, where: str) -> str:
    return f"{name}, {where}" if where else name


def _by_name(records: Iterable[Named]) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for record in records:
        found[record.name] = _filled(found[record.name], record) if record.name in found else record
    return tuple(found.values())


def _with_whole_names(programme: ProgrammeRecord, people: Iterable[SpeakerRecord]) -> ProgrammeRecord:
    """The programme, in which each name of `people` that has an "&" inside, like "Tern & Tide", is one speaker.

    The reader of a session's cell did not know the name, and made two speakers of it: "Tern" and "Tide".
    """
    whole = {folded(person.name): person.name for person in people if " & " in person.name}
    if not whole:
        return programme
    sessions = tuple(
        replace(each, speakers=each.speakers and _whole(each.speakers, whole)) for each in programme.sessions
    )
    before, now = ({name for each in those for name in each.speakers or ()} for those in (programme.sessions, sessions))
    kept = [speaker for speaker in programme.speakers if speaker.name not in before - now]
    found = [SpeakerRecord(name=name) for name in whole.values() if name in now - before]
    return replace(programme, sessions=sessions, speakers=(*kept, *found))


def _whole(names: Iterable[str], whole: Mapping[str, str]) -> tuple[str, ...]:
    """The names. Two neighbours become one name if `whole` has it; its keys are folded."""
    found: list[str] = []
    for name in names:
        both = whole.get(folded(f"{found[-1]} & {name}")) if found else None
        found[-1:] = [both] if both else [*found[-1:], name]
    return tuple(found)


def _with_people(speakers: tuple[SpeakerRecord, ...], people: Sequence[SpeakerRecord]) -> tuple[SpeakerRecord, ...]:
    """The speakers with what the lists say of them, found by guid, else by name."""
    by_guid = {person.guid: person for person in people}
    by_name = {folded(person.name): person for person in people}
    known = ((each, (each.guid and by_guid.get(each.guid)) or by_name.get(folded(each.name))) for each in speakers)
    return tuple(_filled(each, person) if person else each for each, person in known)


def _filled(record: Joined, other: Joined) -> Joined:
    """The record; what it does not say, or leaves empty, as the other has it."""
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return replace(record, **{name: getattr(other, name) for name, value in values.items() if value in (None, "", ())})
