"""Reads a programme from a file of any known format. A format is a module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agenda.formats import calendar_file, sched_page, schedule_json, schedule_xml, sessionize, spreadsheet
from agenda.formats.cleaning import cleaned
from agenda.formats.other_files import what_it_is
from agenda.formats.records import LARGEST_FILE, ProgrammeRecord, RefusedFile


class Reader(Protocol):
    def looks_like(self, data: bytes, name: str) -> bool:
        """True if the file seems to be of this format. Looks at little of it, and never fails."""

    def read(self, data: bytes, *, zone: str = "") -> ProgrammeRecord:
        """The programme in the file. Raises RefusedFile, and nothing else."""


SPREADSHEET = "spreadsheet"
# By the name that people know them by. The first that takes a file reads it.
READERS: dict[str, Reader] = {
    "schedule.xml": schedule_xml,
    "schedule.json": schedule_json,
    "Sessionize JSON": sessionize,
    "iCalendar": calendar_file,
    "Sched page": sched_page,
    SPREADSHEET: spreadsheet,  # last: it takes any text whose name ends in .csv
}


def recognised(data: bytes, name: str) -> str:
    """The format of the file, a key of READERS. Raises RefusedFile, which says what the file is instead."""
    if len(data) > LARGEST_FILE:
        raise RefusedFile(
            f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB; a programme is never that large."
        )
    for known, reader in READERS.items():
        if reader.looks_like(data, name):
            return known
    raise RefusedFile(what_it_is(data, name))


def read_programme(
    data: bytes, name: str, *, zone: str = "", format: str = "", columns: Mapping[str, str] | None = None
) -> ProgrammeRecord:
    """The programme in the file, as the rows can hold it. Raises RefusedFile, and nothing else.

    `zone` is an IANA name, for times that have none. `format` is a key of READERS; without it, it is recognised.
    `columns` are those of a spreadsheet, as an editor matched them: its header → our field.
    """
    known = recognised(data, name) if format not in READERS else format
    is_matched = columns and known == SPREADSHEET
    programme = (
        spreadsheet.read(data, zone=zone, columns=columns) if is_matched else READERS[known].read(data, zone=zone)
    )
    if not programme.sessions:
        why = f": {programme.problems[0].text}" if programme.problems else "."
        raise RefusedFile(f"This {programme.format} has no session that can be used{why}")
    return cleaned(programme)
