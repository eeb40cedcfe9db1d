"""Files and addresses that an editor brings in: each becomes a plan that waits for review.

A file that leaves a question open (its zone, or which column is what) is kept in the plan's `wanted` as "file", so that
it can be read again with the answer. It is forgotten once the plan is published.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agenda.editing.fetching import Fetched, FetchFailed, fetch
from agenda.editing.imports import days_of, new_event, plan_for, title_of
from agenda.editing.wanted import wanted_of
from agenda.formats.reading import read_programme
from agenda.formats.records import ProgrammeRecord, RefusedFile
from agenda.models import Event, Plan, Source

PATIENCE = 10.0  # seconds; a page does not wait longer for an address
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

    def read(self, zone: str) -> ProgrammeRecord:
        """The programme in the file. Raises RefusedFile."""
        return read_programme(self.data, self.name, zone=zone, format=self.format)


def from_address(address: str, *, patience: float = PATIENCE) -> Incoming:
    """The file at the address. Raises RefusedFile with the reason if nothing comes."""
    answer = fetch(address, patience=patience)
    if isinstance(answer, Fetched):
        came = {"etag": answer.etag, "last_modified": answer.last_modified}
        return Incoming(data=answer.data, name=answer.name, address=address.strip(), **came)
    raise RefusedFile(answer.sentence if isinstance(answer, FetchFailed) else "The server sent no file.")


@transaction.atomic
def into_event(incoming: Incoming, event: Event, *, by: User | None, zone: str = "") -> Plan:
    """The waiting plan to bring the event in step with this file. Raises RefusedFile.

    `zone` is the one of times that have none; it is the event's unless another is given.
    """
    programme = incoming.read(zone or event.time_zone)
    source = _source_of(incoming, event, programme)
    return _planned(incoming, programme, source, zone or event.time_zone, by)


@transaction.atomic
def into_new_event(
    incoming: Incoming, *, by: User | None, name: str = "", zone: str = "", asks_for_zone: bool = False
) -> Plan:
    """The waiting plan of a new event, which is hidden. Raises RefusedFile.

    If no zone is known and `asks_for_zone`, times are taken as UTC, and the file is kept to be read again.
    """
    programme = incoming.read(zone)
    known = zone or programme.zone
    is_open = asks_for_zone and not known
    event = new_event(programme, name=name, zone=PROVISIONAL if is_open else known)
    source = _source_of(incoming, event, programme)
    plan = _planned(incoming, programme, source, known, by)
    if is_open:
        _keep_file(plan, incoming)
    return plan


def _source_of(incoming: Incoming, event: Event, programme: ProgrammeRecord) -> Source:
    """The source that the file is a newer one of: by its address or name, or by the sessions in it; else a new one."""
    name = (incoming.address or incoming.name)[:200]
    sources = list(event.sources.prefetch_related("origins"))
    ids = {session.external_id for session in programme.sessions}
    for source in sources:
        if source.name == name:
            return source
    for source in sources:
        had = {origin.external_id for origin in source.origins.all() if not origin.is_gone}
        if had and len(had & ids) >= LARGE_PART * len(had):
            return source
    return Source(event=event, name=name, address=incoming.address)


def _planned(incoming: Incoming, programme: ProgrammeRecord, source: Source, zone: str, by: User | None) -> Plan:
    source.zone = zone
    if incoming.address and incoming.address == source.address:
        source.etag, source.last_modified, source.fetched = incoming.etag, incoming.last_modified, timezone.now()
    source.save()
    return plan_for(programme, source, by=by)


def _keep_file(plan: Plan, incoming: Incoming) -> None:
    data = base64.b64encode(zlib.compress(incoming.data)).decode()
    plan.wanted["file"] = {"data": data, "name": incoming.name, "format": incoming.format, "asks": True}
    plan.save(update_fields=["wanted"])


def asks_for_zone(plan: Plan) -> bool:
    """True as long as nobody has said in which zone the times of the plan's file are."""
    return bool(plan.wanted.get("file", {}).get("asks"))


@transaction.atomic
def read_again(plan: Plan, *, zone: str) -> None:
    """Reads the plan's file again, with times that have no zone in this one; its event moves there. Raises RefusedFile.

    The event has no session yet.
    """
    kept = plan.wanted["file"]
    incoming = Incoming(data=zlib.decompress(base64.b64decode(kept["data"])), name=kept["name"], format=kept["format"])
    programme = incoming.read(zone)
    event, source = plan.event, plan.source
    event.time_zone = zone
    event.starts_on, event.ends_on = days_of(programme, event)
    event.save(update_fields=["time_zone", "starts_on", "ends_on"])
    if source:
        source.zone = zone
        source.save(update_fields=["zone"])
    plan.title, plan.wanted = title_of(programme), wanted_of(programme) | {"file": {**kept, "asks": False}}
    plan.save(update_fields=["title", "wanted"])


def forget_file(plan: Plan) -> None:
    """Keeps what a published plan wanted, but no longer the file that it was read from."""
    wanted: dict[str, Any] = Plan.objects.values_list("wanted", flat=True).get(pk=plan.pk)
    if wanted.pop("file", None):
        Plan.objects.filter(pk=plan.pk).update(wanted=wanted)
