"""The programme as files for other programs, each made once per change and kept."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.db.models import Prefetch

from agenda.formats import schedule_json_file, schedule_xml_file, table_file, xcal
from agenda.formats.ical import CalendarRecord
from agenda.formats.records import ProgrammeRecord
from agenda.models import Appearance, Event, Session
from agenda.models.session import SessionQuerySet, timed
from agenda.programme.filters import Filters, matching
from agenda.programme.records import programme_record, vevent_record
from agenda.programme.state import ProgrammeState, public_state
from agenda.programme.vevents import product
from agenda.version_cache import EPOCH, Version, VersionCache, microseconds


class File(NamedTuple):
    """A file's bytes, as they are and compressed, and what a strong ETag of them says."""

    plain: bytes
    zipped: bytes  # empty where it would not help
    tag: str


class Part(NamedTuple):
    """The part of an event's programme that a file is made of; `source` is the file's own address."""

    event: Event
    sessions: SessionQuerySet
    version: str
    source: str


class Kind(NamedTuple):
    """A kind of file: its media type, how it is made, and whether browsers save it rather than show it."""

    content_type: str
    make: Callable[[Part], bytes]
    is_saved: bool = False


def _record(part: Part) -> ProgrammeRecord:
    return programme_record(part.event, part.sessions, version=part.version)


def _xml(part: Part) -> bytes:
    return schedule_xml_file.schedule_xml(_record(part), source=part.source)


def _json(part: Part) -> bytes:
    return schedule_json_file.schedule_json(_record(part), source=part.source)


def _xcal(part: Part) -> bytes:
    speakers = Prefetch("appearances", Appearance.objects.select_related("speaker"))
    sessions = (
        part.sessions.in_order().select_related("event", "room", "track", "replaced_by").prefetch_related(speakers)
    )
    calendar = CalendarRecord(name=part.event.name, product=product(), source=part.source)
    return xcal.xcal(calendar, (vevent_record(session, settings.SITE_URL) for session in timed(sessions)))


KINDS = {
    "xml": Kind(schedule_xml_file.CONTENT_TYPE, _xml),
    "json": Kind(schedule_json_file.CONTENT_TYPE, _json),
    "xcal": Kind(xcal.CONTENT_TYPE, _xcal),
    "csv": Kind(table_file.CSV_TYPE, lambda part: table_file.programme_csv(_record(part)), is_saved=True),
    "xlsx": Kind(table_file.XLSX_TYPE, lambda part: table_file.programme_xlsx(_record(part)), is_saved=True),
}
# Of at most a few MB each. What is kept of an event is replaced with its next change.
file_cache: VersionCache[File] = VersionCache(size=24)


def exported(event: Event, filters: Filters, kind: str, path: str, moment: datetime) -> File:
    """The public sessions of the event that pass the filters (except that by stars), as a file of that kind.

    `path` is that of the file's address, and `moment` when the programme last changed, as changed() says. Two
    queries, unless the file must be made.
    """
    query = filters.query(starred=False, view="")
    count, latest, _ = public_state(event.slug) or ProgrammeState(0, EPOCH)
    about = (settings.SITE_URL, settings.SITE_NAME, count, *fields_of(event))
    version = f"{moment:%Y-%m-%d %H:%M} {digest(f'{about} {microseconds(latest)}'.encode())[:8]}"

    def make(pks: list[int]) -> dict[int, File]:
        source = settings.SITE_URL + path + query.rstrip("?")
        made = KINDS[kind].make(Part(event, _sessions(event, filters), version, source))
        zipped = b"" if kind == "xlsx" else gzip.compress(made, 6, mtime=0)  # a workbook is compressed already
        return {event.pk: File(made, zipped, digest(made))}

    return file_cache.get([Version(event.pk, latest)], (kind, query, moment, *about), make)[event.pk]


def _sessions(event: Event, filters: Filters) -> SessionQuerySet:
    sessions = filters.apply(Session.objects.filter(event=event).published(), event, starred=None)
    if not filters.q:
        return sessions
    versions = [Version(*values) for values in sessions.values_list("pk", "updated")]
    return sessions.filter(pk__in=matching(versions, filters.q))


def fields_of(event: Event) -> tuple[str, ...]:
    """What a file says of the event itself."""
    return (
        event.slug,
        event.acronym,
        event.name,
        event.time_zone,
        event.venue,
        event.city,
        str(event.days[0]),
        str(event.days[-1]),
    )


def digest(text: bytes) -> str:
    return sha256(text).hexdigest()[:32]
