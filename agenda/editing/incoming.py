"""Files and addresses that an editor brings in: each becomes a plan that waits for review.

A file that leaves questions open (its zone, or which column is what) is kept in the plan's `wanted` as "file", so that
it can be read again with the answers. It is forgotten once the plan is published.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agenda.editing.fetching import Fetched, FetchFailed, fetch
from agenda.editing.imports import days_of, new_event, plan_for, title_of
from agenda.editing.naming import slug_for
from agenda.editing.wanted import wanted_of
from agenda.formats import spreadsheet
from agenda.formats.reading import SPREADSHEET, read_programme, recognised
from agenda.formats.records import ProgrammeRecord, RefusedFile
from agenda.formats.spreadsheet import Column
from agenda.models import Event, Plan, Source
from agenda.models.event import RESERVED_SLUGS

PATIENCE = 10.0  # seconds; a page does not wait longer for an address
LONGEST_ADDRESS = 200  # characters; a source is called so
PROVISIONAL = "UTC"  # the zone of a new event until the editor says which one it is
LARGE_PART = 0.5  # of the sessions that a source had: a file with so many of them is a newer one of that source


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file as it came. `name` is the file's; `format` a key of READERS, or empty to recognise it."""

    data: bytes
    name: str
    address: str = ""
    etag: str = ""
    last_modified: str = ""
    format: str = ""

    @property
    def is_spreadsheet(self) -> bool:
        """True for a spreadsheet. Raises RefusedFile for what is no programme."""
        return (self.format or recognised(self.data, self.name)) == SPREADSHEET

    def read(self, zone: str, columns: Mapping[str, str] | None = None) -> ProgrammeRecord:
        """The programme in the file. Raises RefusedFile."""
        return read_programme(self.data, self.name, zone=zone, format=self.format, columns=columns)

    def read_if_possible(self, zone: str, columns: Mapping[str, str] | None = None) -> ProgrammeRecord:
        """The programme; one without sessions for a spreadsheet whose columns have to be matched first."""
        try:
            return self.read(zone, columns)
        except RefusedFile:
            if not self.is_spreadsheet:
                raise
            spreadsheet.columns(self.data)  # refuses what has none
            return ProgrammeRecord(format="spreadsheet", sessions=(), zone=zone)


def from_address(address: str, *, patience: float = PATIENCE) -> Incoming:
    """The file at the address. Raises RefusedFile with the reason if nothing comes."""
    if len(address) > LONGEST_ADDRESS:
        raise RefusedFile(f"The address has more than {LONGEST_ADDRESS} characters. Download the file and import that.")
    answer = fetch(address, patience=patience)
    if isinstance(answer, Fetched):
        came = {"etag": answer.etag, "last_modified": answer.last_modified}
        return Incoming(data=answer.data, name=answer.name, address=address.strip(), **came)
    raise RefusedFile(answer.sentence if isinstance(answer, FetchFailed) else "The server sent no file.")


@transaction.atomic
def into_event(incoming: Incoming, event: Event, *, by: User | None, zone: str = "", asks: bool = False) -> Plan:
    """The waiting plan to bring the event in step with this file. Raises RefusedFile.

    `zone` is the one of times that have none; it is the event's unless another is given. If `asks`, the file of a
    spreadsheet is kept, and the plan waits for its columns to be matched.
    """
    zone, read = zone or event.time_zone, incoming.read_if_possible if asks else incoming.read
    programme = read(zone)
    source = _source_of(incoming, event, programme)
    if incoming.is_spreadsheet and source.columns:
        programme = read(zone, source.columns)
    plan = _planned(incoming, programme, source, zone, by)
    if asks and incoming.is_spreadsheet:
        _keep_file(plan, incoming, asks=not _knows_columns(source, incoming))
    return plan


@transaction.atomic
def into_new_event(
    incoming: Incoming,
    *,
    by: User | None,
    name: str = "",
    zone: str = "",
    asks: bool = False,
    pk: UUID | None = None,
) -> Plan:
    """The waiting plan of a new event, which is hidden. Raises RefusedFile; IntegrityError if there is a plan `pk`.

    If `asks`, a file that leaves questions open is kept with the plan. Until they are answered, its times are UTC.
    """
    programme = (incoming.read_if_possible if asks else incoming.read)(zone)
    known = zone or programme.zone
    event = _new_event(programme, name, PROVISIONAL if asks and not known else known)
    source = _source_of(incoming, event, programme)
    plan = _planned(incoming, programme, source, known, by, pk)
    if asks and (not known or incoming.is_spreadsheet):
        _keep_file(plan, incoming, asks=True)
    return plan


def asks(plan: Plan) -> bool:
    """True as long as the plan's file leaves questions open that nobody has answered."""
    return bool(plan.wanted.get("file", {}).get("asks"))


def has_file(plan: Plan) -> bool:
    return "file" in plan.wanted


def columns_of(plan: Plan) -> list[Column]:
    """The columns of the plan's spreadsheet, as they are matched; none for another kind of file."""
    incoming = _file_of(plan)
    chosen = plan.source.columns if plan.source else {}
    return spreadsheet.columns(incoming.data, chosen) if incoming.is_spreadsheet else []


@transaction.atomic
def read_again(plan: Plan, *, zone: str, columns: Mapping[str, str]) -> None:
    """Reads the plan's file again with these answers, which are kept for the next file. Raises RefusedFile.

    `zone` is where times are that have none; an event without sessions moves there. `columns` are header → field.
    """
    event, source = plan.event, plan.source
    programme = _file_of(plan).read(zone, columns)
    if not event.sessions.exists():
        event.time_zone = programme.zone or zone
        event.starts_on, event.ends_on = days_of(programme, event)
        event.save(update_fields=["time_zone", "starts_on", "ends_on"])
    if source:
        source.zone, source.columns = zone, dict(columns)
        source.save(update_fields=["zone", "columns"])
    plan.title = title_of(programme)
    plan.wanted = wanted_of(programme) | {"file": {**plan.wanted["file"], "asks": False}}
    plan.save(update_fields=["title", "wanted"])


def forget_file(plan: Plan) -> None:
    """Keeps what a plan that is over wanted, but no longer the file that it was read from."""
    wanted: dict[str, Any] = Plan.objects.values_list("wanted", flat=True).get(pk=plan.pk)
    if wanted.pop("file", None):
        Plan.objects.filter(pk=plan.pk).update(wanted=wanted)


def _new_event(programme: ProgrammeRecord, name: str, zone: str) -> Event:
    """A new event; on the present day, as long as it is not known which rows are its sessions."""
    if programme.sessions:
        return new_event(programme, name=name, zone=zone)
    name, today = name[:120] or "New programme", timezone.now().date()
    taken = set(Event.objects.values_list("slug", flat=True))
    slug = slug_for(name, taken | RESERVED_SLUGS, 50)
    return Event.objects.create(name=name, slug=slug, time_zone=zone, starts_on=today, ends_on=today)


def _source_of(incoming: Incoming, event: Event, programme: ProgrammeRecord) -> Source:
    """The source that the file is a newer one of: by its address or name, or by the sessions in it; else a new one."""
    name = (incoming.address or incoming.name)[:LONGEST_ADDRESS]
    sources = list(event.sources.prefetch_related("origins"))
    ids = {session.external_id for session in programme.sessions}
    for source in sources:
        if source.name == name:
            return source
    for source in sources:
        had = {origin.external_id for origin in source.origins.all() if not origin.is_gone}
        if had and len(had & ids) >= LARGE_PART * len(had):
            source.name = source.address or name
            return source
    return Source(event=event, name=name, address=incoming.address)


def _planned(
    incoming: Incoming, programme: ProgrammeRecord, source: Source, zone: str, by: User | None, pk: UUID | None = None
) -> Plan:
    source.zone = zone
    if incoming.address and incoming.address == source.address:
        source.etag, source.last_modified, source.fetched = incoming.etag, incoming.last_modified, timezone.now()
    source.save()
    return plan_for(programme, source, by=by, pk=pk)


def _knows_columns(source: Source, incoming: Incoming) -> bool:
    headers = {column.header for column in spreadsheet.columns(incoming.data, source.columns)}
    return headers <= set(source.columns)


def _keep_file(plan: Plan, incoming: Incoming, *, asks: bool) -> None:
    data = base64.b64encode(zlib.compress(incoming.data)).decode()
    plan.wanted["file"] = {"data": data, "name": incoming.name, "format": incoming.format, "asks": asks}
    plan.save(update_fields=["wanted"])


def _file_of(plan: Plan) -> Incoming:
    kept = plan.wanted["file"]
    data = zlib.decompress(base64.b64decode(kept["data"]))
    return Incoming(data=data, name=kept["name"], format=kept["format"])
