"""Rows of the programme as the plain records that agenda/formats/ writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from agenda.formats.ical import VeventRecord
from agenda.formats.records import (
    MaterialRecord,
    ProgrammeRecord,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
    UntimedRecord,
)
from agenda.models import Appearance, Event, Material, Room, Session, Speaker, Track
from agenda.models.session import SessionQuerySet, TimedSession, has_time

M = TypeVar("M", Room, Track, Speaker)


class SessionWithParts(NamedTuple):
    session: Session
    speakers: list[Speaker]  # in listed order
    materials: list[Material]


def vevent_record(session: TimedSession, site: str) -> VeventRecord:
    """The fields of the session that a calendar shows; `site` is the scheme and host of the address of its page."""
    return VeventRecord(
        guid=session.guid,
        sequence=session.sequence,
        created=session.created,
        updated=session.updated,
        start=session.start,
        end=session.end,
        title=session.title,
        note=session.note,
        instead=session.instead.title if session.instead else "",
        subtitle=session.subtitle,
        byline=session.credited,
        abstract=session.abstract,
        location=session.place,
        track=session.track.name if session.track else "",
        url=site + session.get_absolute_url(),
        status=session.status,
        zone=session.event.time_zone,
    )


def programme_record(event: Event, sessions: SessionQuerySet, *, version: str = "") -> ProgrammeRecord:
    """The event's programme with these sessions of it, in order of time; three queries, whatever its size.

    Only the rooms, tracks and speakers of these sessions are in it. `version` is what readers compare.
    """
    return _programme(event, _with_parts(sessions), version)


def programme_records(sessions: SessionQuerySet) -> list[ProgrammeRecord]:
    """A record for each event that these sessions are of; three queries. The event of the first comes first."""
    by_event: dict[Event, list[SessionWithParts]] = {}
    for found in _with_parts(sessions.select_related("event")):
        by_event.setdefault(found.session.event, []).append(found)
    return [_programme(event, found, "") for event, found in by_event.items()]


def whole_record(event: Event, sessions: Iterable[Session]) -> ProgrammeRecord:
    """The programme with these sessions from with_details(), and all speakers of the event. One query."""
    found = [
        SessionWithParts(session, [each.speaker for each in session.appearances.all()], list(session.materials.all()))
        for session in sessions
    ]
    programme = _programme(event, found, "")
    return replace(programme, speakers=tuple(map(_speaker, event.speakers.all())))


def _with_parts(sessions: SessionQuerySet) -> list[SessionWithParts]:
    """The sessions in order. Prefetching would make a queryset for each, which takes as long as all the rest."""
    found = list(sessions.in_order().select_related("room", "track"))
    pks = [session.pk for session in found]
    speakers: dict[int, list[Speaker]] = defaultdict(list)
    for appearance in Appearance.objects.filter(session__in=pks).select_related("speaker"):
        speakers[appearance.session_id].append(appearance.speaker)
    materials: dict[int, list[Material]] = defaultdict(list)
    for material in Material.objects.filter(session__in=pks):
        materials[material.session_id].append(material)
    return [SessionWithParts(session, speakers[session.pk], materials[session.pk]) for session in found]


def _programme(event: Event, found: list[SessionWithParts], version: str) -> ProgrammeRecord:
    rooms = _unique(each.session.room for each in found)
    tracks = _unique(each.session.track for each in found)
    people = _unique(speaker for each in found for speaker in each.speakers)
    sessions = [_session(each, event) for each in found]
    return ProgrammeRecord(
        format=settings.SITE_NAME,
        title=event.name,
        acronym=event.acronym or event.slug.replace("-", "_"),
        zone=event.time_zone,
        days=(event.starts_on, event.ends_on),
        venue=event.venue,
        city=event.city,
        url=settings.SITE_URL + event.get_absolute_url(),
        version=version,
        rooms=tuple(map(_room, sorted(rooms, key=lambda room: (room.position, room.name)))),
        tracks=tuple(map(_track, sorted(tracks, key=lambda track: (track.position, track.name)))),
        speakers=tuple(map(_speaker, sorted(people, key=lambda speaker: speaker.name))),
        sessions=tuple(each for each in sessions if isinstance(each, SessionRecord)),
        untimed=tuple(each for each in sessions if not isinstance(each, SessionRecord)),
    )


def _unique(rows: Iterable[M | None]) -> list[M]:
    """The rows, once by name, as records have them; of two that share a name, the older one."""
    found: dict[str, M] = {}
    for row in sorted((row for row in rows if row), key=lambda row: row.pk):
        found.setdefault(row.name, row)
    return list(found.values())


def _session(found: SessionWithParts, event: Event) -> UntimedRecord:
    session = found.session
    session.event = event
    record = UntimedRecord(
        external_id=str(session.guid),
        guid=session.guid,
        id=session.pk,
        title=session.title,
        subtitle=session.subtitle,
        byline=session.byline,
        abstract=session.abstract,
        language=session.language,
        room=session.room.name if session.room else "",
        track=session.track.name if session.track else "",
        speakers=tuple(speaker.name for speaker in found.speakers),
        materials=tuple(map(_material, found.materials)),
        status=session.status,
        slug=session.slug,
        url=settings.SITE_URL + session.get_absolute_url(),
        slides_included=session.slides_included,
    )
    return with_times(record, session)


def with_times(record: UntimedRecord, session: Session) -> UntimedRecord:
    """The record of the session with its times, if it has any."""
    return record.timed(session.start, session.end) if has_time(session) else record


def _material(material: Material) -> MaterialRecord:
    """The material with its absolute address: that of an uploaded file begins with the site's."""
    address = material.address
    site = settings.SITE_URL if address.startswith("/") else ""
    return MaterialRecord(kind=material.kind, title=material.title, url=site + address, is_ours=bool(material.file))


def _room(room: Room) -> RoomRecord:
    return RoomRecord(name=room.name, guid=room_guid(room), capacity=room.capacity)


def _track(track: Track) -> TrackRecord:
    return TrackRecord(name=track.name, colour=track.colour)


def _speaker(speaker: Speaker) -> SpeakerRecord:
    return SpeakerRecord(
        name=speaker.name,
        guid=speaker.guid,
        job_title=speaker.job_title,
        organisation=speaker.organisation,
        biography=speaker.biography,
        biography_is_cut=speaker.biography_is_cut,
    )


def room_guid(room: Room) -> UUID:
    """The guid by which files know the room: the one its source gave it, else one that stays after a change of name."""
    return room.guid or uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/room/{room.pk}")
