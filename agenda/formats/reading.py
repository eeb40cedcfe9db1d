"""Reads a programme from a file of any known format. A format is a module and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agenda.formats import calendar_file, sched_page, schedule_json, schedule_xml, sessionize, spreadsheet
from agenda.formats.cleaning import cleaned
from agenda.formats.joining import joined
from agenda.formats.other_files import what_it_is
from agenda.formats.people_list import people_in
from agenda.formats.records import LARGEST_FILE, Around, ProgrammeRecord, RefusedFile, SpeakerRecord


class Reader(Protocol):
    def looks_like(self, data: bytes, name: str) -> bool:
        """True if the file seems to be of this format. Looks at little of it, and never fails."""

    def read(self, data: bytes, *, zone: str = "") -> ProgrammeRecord:
        """The programme in the file. Raises RefusedFile, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFile:
    """A file as it came. `format` is a key of READERS, or empty.

    If it is a spreadsheet, `mends` are of its cells, and `around` is what its dates without a year are near.
    """

    data: bytes
    name: str
    format: str = ""
    mends: Mapping[str, str] = field(default_factory=dict)
    around: Around | None = None


SPREADSHEET = "spreadsheet"
TOO_LARGE = f"This is larger than {LARGEST_FILE // 1024 // 1024} MB; a programme is never that large."
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
        raise RefusedFile(TOO_LARGE)
    for known, reader in READERS.items():
        if reader.looks_like(data, name):
            return known
    raise RefusedFile(what_it_is(data, name))


def read_programme(
    data: bytes,
    name: str,
    *,
    zone: str = "",
    format: str = "",
    columns: Mapping[str, str] | None = None,
    mends: Mapping[str, str] | None = None,
    around: Around | None = None,
) -> ProgrammeRecord:
    """The programme in the file, as the rows can hold it. Raises RefusedFile, and nothing else.

    `zone` is an IANA name, for times that have none. `format` is a key of READERS; without it, it is recognised.
    `columns` are those of a spreadsheet, as an editor matched them: its header → our field; `mends` its mended cells;
    `around` is what its dates without a year are near.
    """
    known = recognised(data, name) if format not in READERS else format
    if known == SPREADSHEET:
        programme = spreadsheet.read(data, zone=zone, columns=columns, mends=mends, around=around)
    else:
        programme = READERS[known].read(data, zone=zone)
    if not programme.sessions:
        reasons = [each.text for each in sorted(programme.problems, key=lambda each: not each.where)]
        why = f": {reasons[0]}" if reasons else "."
        raise RefusedFile(f"This {programme.format} has no session that can be used{why}")
    return cleaned(programme)


def read_together(
    files: Sequence[ProgrammeFile], *, zone: str = "", columns: Mapping[str, str] | None = None
) -> ProgrammeRecord:
    """The programme in several files, and in lists of people that belong to it. Raises RefusedFile."""
    with_sessions, people = apart(files)
    programmes = []
    for file in with_sessions:
        try:
            found = read_programme(
                file.data,
                file.name,
                zone=zone,
                format=file.format,
                columns=columns,
                mends=file.mends,
                around=file.around,
            )
        except RefusedFile as refusal:
            raise RefusedFile(f"{file.name}: {refusal}" if len(files) > 1 else str(refusal)) from None
        programmes.append((file.name, found))
    return programmes[0][1] if len(files) == 1 else cleaned(joined(programmes, people))


def apart(files: Sequence[ProgrammeFile]) -> tuple[list[ProgrammeFile], list[SpeakerRecord]]:
    """The files that have sessions, and the people of those that only list people. Raises RefusedFile for people alone.

    A file that is alone is taken for one with sessions.
    """
    if sum(len(file.data) for file in files) > LARGEST_FILE:
        raise RefusedFile(TOO_LARGE)
    people = [people_in(file.data, file.name) if len(files) > 1 else None for file in files]
    with_sessions = [file for file, listed in zip(files, people, strict=True) if listed is None]
    if not with_sessions:
        raise RefusedFile("These are lists of people: choose them together with the file of their sessions.")
    return with_sessions, [person for listed in people for person in listed or ()]
