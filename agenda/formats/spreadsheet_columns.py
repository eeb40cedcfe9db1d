"""Which column of a spreadsheet is which field: by the words that people and other programs write above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agenda.formats.workbook import Cell

LOOKED_AT = 20  # rows in which the headers may stand

# field: its names, the surest first; Sched's, Sessionize's, Guidebook's, Indico's and pretalx's words among them
ALIASES = {
    "id": (
        "id, guid, uuid, uid, session id, event id, event key, talk id, contribution id, proposal id, "
        "external id, key, code"
    ),
    "title": (
        "title, session title, event title, talk title, proposal title, contribution title, session name, "
        "event name, event/session name, name, titel, titre, talk, vortrag, session, topic, thema, what, was"
    ),
    "subtitle": "subtitle, untertitel, sous-titre",
    "byline": "byline, credits",
    "abstract": (
        "abstract, description, session description, event description, short abstract, summary, "
        "beschreibung, résumé, content, long description, details, text"
    ),
    "language": "language, session language, spoken language, sprache, langue",
    "date": "date, start date, session date, event date, day, datum, tag, jour",
    "start": (
        "start, start time, time start, session start, event start, starts at, starts, start date time, "
        "start datetime, scheduled at, begin, begins, beginn, anfang, début, from, von, time, uhrzeit, heure, "
        "zeit, when"
    ),
    "end": (
        "end, end time, time end, session end, event end, ends at, ends, end date time, end datetime, finish, "
        "ende, fin, to, until, till, bis"
    ),
    "end_date": "end date, enddatum, date de fin",
    "duration": (
        "duration, scheduled duration, duration minutes, duration min, duration in minutes, length, dauer, "
        "durée, minutes"
    ),
    "zone": "time zone, timezone, zone, tz, zeitzone",
    "room": (
        "room, room/location, venue, location, room name, session location, raum, saal, salle, hall, stage, "
        "place, ort, lieu, where, wo"
    ),
    "track": (
        "track, schedule track, track name, event type, session track, tracks, stream, theme, category, categories"
    ),
    "type": "type, session type, session format, format, contribution type, typ, art",
    "speakers": (
        "speakers, speaker, speaker names, speaker name, speakers names, presenters, presenter, presented by, "
        "artists, authors, author, referenten, referent, vortragende, intervenants, who, wer"
    ),
    "status": "status, session status, state",
    "url": "url, session url, website, web page, page, permalink, link",
    "slides": "slides, slides included, session slides included",
    "materials": "materials, material, files, attachments, links, media url",
}
FIELDS = tuple(ALIASES)

_NOTE = re.compile(r"\((?:optional|required)\)", re.IGNORECASE)
_NOT_A_LETTER = re.compile(r"[\W_]+")


def key_of(header: str) -> str:
    """The header without case, blanks, signs and a note such as "(optional)"."""
    return _NOT_A_LETTER.sub("", _NOTE.sub("", header)).casefold()


KEYS = {field: [key_of(alias) for alias in aliases.split(",")] for field, aliases in ALIASES.items()}
KNOWN = {key for keys in KEYS.values() for key in keys}


def guessed(headers: Iterable[str]) -> dict[str, str]:
    """header: field, for the headers that are known. Each field has one column, that of its surest name."""
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(key_of(header), header)
    found = {}
    for field, keys in KEYS.items():
        for key in keys:
            if key in by_key and by_key[key] not in found:
                found[by_key[key]] = field
                break
    return found


def score(row: Iterable[Cell]) -> int:
    """How many headers a row has; none if it has no title."""
    keys = {key_of(cell) for cell in row if isinstance(cell, str)}
    return len(keys & KNOWN) if keys & set(KEYS["title"]) else 0


def header_row(rows: list[list[Cell]], chosen: Mapping[str, str]) -> int:
    """The place of the row that has the headers: those that were chosen, else most known ones, else the first words."""
    first = next((place for place, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    begin = rows[: first + LOOKED_AT]

    def worth(place: int) -> tuple[int, int]:
        cells = [cell for cell in begin[place] if isinstance(cell, str)]
        return sum(cell.strip() in chosen for cell in cells), score(cells)

    best = max(range(len(begin)), key=worth, default=0)
    return best if begin and max(worth(best)) > 1 else first


def names_of(row: list[Cell], width: int) -> list[str]:
    """A name for each column: its header, told apart from an equal one before, or its letters if it has none."""
    names: list[str] = []
    for place in range(width):
        cell = row[place] if place < len(row) else ""
        name = " ".join(str(cell).split()) or f"column {letters(place)}"
        again = 2
        while name in names:
            name, again = f"{name.removesuffix(f' ({again - 1})')} ({again})", again + 1
        names.append(name)
    return names


def letters(place: int) -> str:
    """The letters of a column: "A" for 0, "AA" for 26."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
