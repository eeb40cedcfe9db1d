"""Files and addresses that an editor brings in: each becomes a plan that waits for review.

A file that leaves questions open (its zone, or which column is what) is kept in the plan's `wanted` as "file", so that
it can be read again with the answers. It is forgotten once the plan is published.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agenda.editing.fetching import Fetched, FetchFailed, fetch
from agenda.editing.imports import days_of, new_event, plan_for, title_of
from agenda.editing.naming import slug_for
from agenda.editing.noting import note_imported
from agenda.editing.wanted import wanted_of
from agenda.formats import spreadsheet
from agenda.formats.reading import SPREADSHEET, ProgrammeFile, apart, read_together, recognised
from agenda.formats.records import Around, CellToMend, ProgrammeRecord, RefusedFile
from agenda.formats.spreadsheet import Column
from agenda.models import Event, Plan, Source
from agenda.models.event import RESERVED_SLUGS

PATIENCE = 10.0  # seconds; a page does not wait longer for an address
LONGEST_ADDRESS = 200  # characters; a source is called so
PROVISIONAL = "UTC"  # the zone of a new event until the editor says which one it is
LARGE_PART = 0.5  # of the sessions that a source had: a file with so many of them is a newer one of that source


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Files as they came, which are one programme; an address gives one. `last_modified` is in its server's words."""

    files: tuple[ProgrammeFile, ...]
    address: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def name(self) -> str:
        return ", ".join(sorted(file.name for file in self.files))

    @property
    def tables(self) -> list[ProgrammeFile]:
        """The spreadsheets of sessions among the files. Raises RefusedFile for what is no programme."""
        with_sessions, _ = apart(self.files)
        return [each for each in with_sessions if (each.format or recognised(each.data, each.name)) == SPREADSHEET]

    def near(self, around: Around) -> Incoming:
        """The same files, whose dates without a year are near that day."""
        return replace(self, files=tuple(replace(file, around=around) for file in self.files))

    def read(self, zone: str, columns: Mapping[str, str] | None = None) -> ProgrammeRecord:
        """The programme in the files. Raises RefusedFile."""
        return read_together(self.files, zone=zone, columns=columns)

    def read_if_possible(self, zone: str, columns: Mapping[str, str] | None = None) -> ProgrammeRecord:
        """The programme; one without sessions for a spreadsheet whose columns have to be matched first."""
        try:
            return self.read(zone, columns)
        except RefusedFile:
            if not (tables := self.tables):
                raise
            for table in tables:
                spreadsheet.columns(table.data)  # refuses what has none
            if others := [file for file in apart(self.files)[0] if file not in tables]:
                read_together(others, zone=zone)
            return ProgrammeRecord(format="spreadsheet", sessions=(), zone=zone)

    def cells_to_mend(self, event: Event, zone: str, columns: Mapping[str, str]) -> list[CellToMend]:
        """The cells of the spreadsheets that may be mended; their keys begin with the number of the file."""
        days = (event.starts_on, event.ends_on) if event.sessions.exists() else None
        rooms, tables = list(event.rooms.values_list("name", flat=True)), self.tables
        return [
            replace(
                cell,
                key=f"{number}:{cell.key}",
                name=cell.name if len(tables) == 1 else f"{file.name}, {cell.name}",
            )
            for number, file in enumerate(self.files)
            if file in tables
            for cell in spreadsheet.cells_to_mend(
                file.data,
                zone=zone,
                columns=columns,
                mends=file.mends,
                rooms=rooms,
                days=days,
                around=file.around,
            )
        ]


def from_address(address: str, *, patience: float = PATIENCE) -> Incoming:
    """The file at the address. Raises RefusedFile with the reason if nothing comes."""
    if len(address) > LONGEST_ADDRESS:
        raise RefusedFile(f"The address has more than {LONGEST_ADDRESS} characters. Download the file and import that.")
    answer = fetch(address, patience=patience)
    if isinstance(answer, Fetched):
        came = {"etag": answer.etag, "last_modified": answer.last_modified}
        return Incoming(files=(ProgrammeFile(data=answer.data, name=answer.name),), address=address.strip(), **came)
    raise RefusedFile(answer.sentence if isinstance(answer, FetchFailed) else "The server sent no file.")


@transaction.atomic
def into_event(incoming: Incoming, event: Event, *, by: User | None, zone: str = "", asks: bool = False) -> Plan:
    """The waiting plan to bring the event in step with this file. Raises RefusedFile.

    `zone` is the one of times that have none; it is the event's unless another is given. If `asks`, the file of a
    spreadsheet is kept, and the plan waits for its columns to be matched.
    """
    incoming = incoming.near(Around(event.starts_on, is_first=True))
    zone, read = zone or event.time_zone, incoming.read_if_possible if asks else incoming.read
    programme = read(zone)
    source = _source_of(incoming, event, programme)
    is_table = bool(incoming.tables)
    if is_table and source.columns:
        programme = read(zone, source.columns)
    plan = _planned(incoming, programme, source, zone, by)
    if asks and is_table:
        knows_all = _knows_columns(source, incoming) and not incoming.cells_to_mend(event, zone, source.columns)
        _keep_files(plan, incoming.files, asks=not knows_all)
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
    incoming = incoming.near(Around(timezone.now().date()))
    programme = (incoming.read_if_possible if asks else incoming.read)(zone)
    known = zone or programme.zone
    event = _new_event(programme, name, PROVISIONAL if asks and not known else known)
    source = _source_of(incoming, event, programme)
    note_imported(event, source.name, by=by)
    plan = _planned(incoming, programme, source, known, by, pk)
    if asks and (not known or incoming.tables):
        _keep_files(plan, incoming.files, asks=True)
    return plan


def asks(plan: Plan) -> bool:
    """True as long as the plan's file leaves questions open that nobody has answered."""
    return bool(plan.wanted.get("file", {}).get("asks"))


def has_file(plan: Plan) -> bool:
    return "file" in plan.wanted


def columns_of(plan: Plan) -> list[Column]:
    """The columns of the plan's spreadsheets, as they are matched; none for other kinds of files."""
    chosen = plan.source.columns if plan.source else {}
    found = [
        column for file in _incoming_of(plan).tables for column in spreadsheet.columns(file.data, chosen, file.around)
    ]
    return list({column.header: column for column in reversed(found)}.values())[::-1]


def cells_of(plan: Plan, zone: str, columns: Mapping[str, str]) -> list[CellToMend]:
    """The cells of the plan's spreadsheets that may be mended; none as long as the columns are not matched."""
    try:
        return _incoming_of(plan).cells_to_mend(plan.event, zone, columns)
    except RefusedFile:
        return []


@transaction.atomic
def read_again(plan: Plan, *, zone: str, columns: Mapping[str, str], mends: Mapping[str, str]) -> None:
    """Reads the plan's files again with these answers; zone and columns are kept for the next file. Raises RefusedFile.

    `zone` is where times are that have none; an event without sessions moves there. `columns` are header → field, and
    `mends` what cells should say, by the keys of cells_of(). The plan asks again if a cell cannot be read even then.
    """
    event, source = plan.event, plan.source
    files = _mended(_incoming_of(plan).files, mends)
    incoming = Incoming(files=files)
    programme = incoming.read(zone, columns)
    cells = incoming.cells_to_mend(event, zone, columns)
    if not event.sessions.exists():
        event.time_zone = programme.zone or zone
        event.starts_on, event.ends_on = days_of(programme, event)
        event.save(update_fields=["time_zone", "starts_on", "ends_on"])
    if source:
        source.zone, source.columns = zone, dict(columns)
        source.save(update_fields=["zone", "columns"])
    plan.title = title_of(programme)
    plan.wanted = wanted_of(programme)
    plan.save(update_fields=["title"])
    _keep_files(plan, files, asks=bool(cells))


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
    tables = (spreadsheet.columns(file.data, source.columns) for file in incoming.tables)
    return {column.header for columns in tables for column in columns} <= set(source.columns)


def _mended(files: tuple[ProgrammeFile, ...], mends: Mapping[str, str]) -> tuple[ProgrammeFile, ...]:
    """The files with these mends beside those of before."""
    of_file: dict[str, dict[str, str]] = {}
    for key, text in mends.items():
        number, _, cell = key.partition(":")
        of_file.setdefault(number, {})[cell] = text
    return tuple(
        replace(file, mends={**file.mends, **of_file.get(str(number), {})}) for number, file in enumerate(files)
    )


def _keep_files(plan: Plan, files: tuple[ProgrammeFile, ...], *, asks: bool) -> None:
    """Keeps the files with the plan: the first where all have been kept, the others beside it."""
    first, *more = map(_as_json, files)
    plan.wanted["file"] = {**first, "more": more, "asks": asks}
    plan.save(update_fields=["wanted"])


def _as_json(file: ProgrammeFile) -> dict[str, Any]:
    data = base64.b64encode(zlib.compress(file.data)).decode()
    around = [file.around.day.isoformat(), file.around.is_first] if file.around else None
    return {"data": data, "name": file.name, "format": file.format, "mends": dict(file.mends), "around": around}


def _incoming_of(plan: Plan) -> Incoming:
    first = plan.wanted["file"]
    return Incoming(files=tuple(map(_from_json, [first, *first.get("more", ())])))


def _from_json(kept: dict[str, Any]) -> ProgrammeFile:
    data = zlib.decompress(base64.b64decode(kept["data"]))
    day, is_first = kept.get("around") or (None, False)
    around = Around(date.fromisoformat(day), is_first=is_first) if day else None
    return ProgrammeFile(
        data=data, name=kept["name"], format=kept["format"], mends=kept.get("mends", {}), around=around
    )
