"""Reads "Speakers: Ann Lee (CERN), Bo Ek", with which some calendars begin a description: Indico's, Sched's."""

from __future__ import annotations

from collections.abc import Iterable

from agenda.formats.people_in_cells import People
from agenda.formats.plain_text import one_line
from agenda.formats.records import SpeakerRecord

WORDS = ("speaker", "speakers", "speaker(s)", "presenter", "presenters")
LONGEST = 2_000  # characters of the line
LONGEST_NAME = 60  # characters; what is longer is a sentence


def people_of(description: str) -> list[SpeakerRecord]:
    """The people in the first line of a description, with their organisation in brackets; none for another line."""
    word, _, listed = description.lstrip().partition("\n")[0].partition(":")
    listed = one_line(listed)
    if word.strip().casefold() not in WORDS or len(listed) > LONGEST:
        return []
    names = People([]).names(_without_brackets(listed))
    return [_person(name, listed) for name in names] if all(len(name) <= LONGEST_NAME for name in names) else []


def without_line(description: str) -> str:
    """The description after its first line."""
    return description.lstrip().partition("\n")[2].lstrip()


def _without_brackets(text: str) -> str:
    return one_line("".join(part.rpartition(")")[2] if ")" in part else part for part in text.split("(")))


def _person(name: str, listed: str) -> SpeakerRecord:
    after = listed.partition(name)[2].lstrip()
    organisation = one_line(after[1:].partition(")")[0]) if after.startswith("(") else ""
    return SpeakerRecord(name=name, organisation=organisation or None)


def merged(people: Iterable[SpeakerRecord]) -> tuple[SpeakerRecord, ...]:
    """Each person once, with the organisation that some line gives."""
    found: dict[str, SpeakerRecord] = {}
    for person in people:
        if person.name not in found or found[person.name].organisation is None:
            found[person.name] = person
    return tuple(found.values())
