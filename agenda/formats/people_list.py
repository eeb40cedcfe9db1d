"""Reads a list of people that goes with a programme: a spreadsheet, or the view Speakers of Sessionize's API."""

from __future__ import annotations

import json

from agenda.formats import sessionize
from agenda.formats.assembly import folded, guid_of, prose_of
from agenda.formats.plain_text import one_line
from agenda.formats.records import RefusedFile, SpeakerRecord
from agenda.formats.spreadsheet_columns import KEYS, key_of
from agenda.formats.spreadsheet_table import OLD_EXCEL, ZIP, Table, written
from agenda.formats.workbook import Cell

TIMES = frozenset((*KEYS["start"], *KEYS["date"]))  # what a list of sessions has
SPEAKERS = frozenset(KEYS["speakers"])  # what it has beside a title
# field: its names, as those of spreadsheet_columns.ALIASES
ALIASES = {
    "name": "full name, fullname, name, speaker name, speaker, display name, vollständiger name",
    "first": "first name, given name, vorname, prénom",
    "last": "last name, surname, family name, nachname, nom",
    "guid": "id, speaker id, guid, uuid",
    "job_title": "job title, tag line, tagline, position, role, title, funktion, fonction",
    "organisation": "organisation, organization, company, affiliation, employer, firma, institution, société",
    "biography": "biography, bio, about, about me, description, biografie, biographie",
}
ABOUT = ("job_title", "organisation", "biography")


def people_in(data: bytes, name: str) -> tuple[SpeakerRecord, ...] | None:
    """The people in the list; None for a file that is none."""
    begin = data[:1000].lstrip()
    if begin.startswith(b"["):
        return _of_json(data)
    is_table = begin.startswith(ZIP) or name.casefold().endswith((".csv", ".tsv", ".tab", ".txt"))
    if not is_table or begin.startswith((b"<", b"{", b"%PDF", b"BEGIN:", OLD_EXCEL)):
        return None
    try:
        return _of_table(Table(data, {}))
    except RefusedFile:
        return None


def _of_json(data: bytes) -> tuple[SpeakerRecord, ...] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    people = [each for each in found if isinstance(each, dict) and "fullName" in each]
    return tuple(person for each in people if (person := sessionize.person(each)).name) if people else None


def _of_table(table: Table) -> tuple[SpeakerRecord, ...] | None:
    keys = {key_of(header): header for header in reversed(table.headers)}
    fields = {
        field: keys[key]
        for field, names in ALIASES.items()
        for key in reversed([key_of(name) for name in names.split(",")])
        if key in keys
    }
    is_of_sessions = TIMES & keys.keys() or ("title" in keys and key_of(fields.get("name", "")) in SPEAKERS)
    if is_of_sessions or not fields.keys() & {"name", "last"} or not fields.keys() & set(ABOUT):
        return None
    places = {field: table.headers.index(header) for field, header in fields.items()}
    rows = ({field: _cell(row, place) for field, place in places.items()} for row in table.rows)
    people = {folded(name): _person(name, row) for row in rows if (name := _name(row))}
    return tuple(people.values())


def _cell(row: list[Cell], place: int) -> str:
    return written(row[place]) if place < len(row) else ""


def _name(row: dict[str, str]) -> str:
    return one_line(row.get("name", "")) or one_line(f"{row.get('first', '')} {row.get('last', '')}")


def _person(name: str, row: dict[str, str]) -> SpeakerRecord:
    """The person. A column that the list does not have says nothing."""
    biography = prose_of(row["biography"]) if "biography" in row else None
    return SpeakerRecord(
        name=name,
        guid=guid_of(one_line(row.get("guid", ""))),
        job_title=one_line(row["job_title"]) if "job_title" in row else None,
        organisation=one_line(row["organisation"]) if "organisation" in row else None,
        biography=biography,
        biography_is_cut=None if biography is None else False,
    )
