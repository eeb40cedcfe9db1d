"""schedule.xml, the conference format of frab, pretalx, wafer, FOSDEM and c3voc, also in Pentabarf's old shape.

An XML event is our session. The schema is c3voc's: https://c3voc.de/wiki/schedule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from io import BytesIO
from typing import Any

from lxml import etree

from agenda.formats.entries import RawDay, RawEntry, RawSchedule, material, uuid_of
from agenda.formats.own_notes import TARGET, NotesReading
from agenda.formats.records import (
    DEEPEST,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SpeakerRecord,
    TrackRecord,
)

MOST_TAGS = 1_000_000  # 20,000 sessions have about half as many

_READ_IN = frozenset(["schedule", "day", "room", "conference", "tracks"])  # whose elements are read one by one
_WRAPPERS = frozenset(["days", "rooms", "events"])
_HEAD = 64 * 1024  # bytes in which the first element stands
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NAMED = re.compile(rb"&([A-Za-z]{2,8});")
_OF_XML = frozenset([b"lt", b"gt", b"amp", b"quot", b"apos"])
# Word processors leave them in abstracts, and XML forbids them (XML 1.0 section 2.2).
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_OTHER_SHAPE = "This is EuroPython's own XML, not schedule.xml; export the programme as schedule.xml or a spreadsheet."


def looks_like(data: bytes, name: str) -> bool:
    return root_of(data) == "schedule"


def root_of(data: bytes) -> str:
    """The name of the first XML element, without its namespace; empty if this is no XML."""
    try:
        for _, element in _events(_tidied(data[:_HEAD]), ("start",)):
            return _name(element)
    except etree.XMLSyntaxError:
        pass
    return ""


def read(data: bytes, *, zone: str = "") -> ProgrammeRecord:
    if data.count(b"<") > MOST_TAGS:
        raise RefusedFile(f"This XML has more than {MOST_TAGS:,} tags; it is not a schedule.")
    tidied = _tidied(data)
    reading = _XmlReading()
    try:
        for action, element in _events(tidied, ("start", "end", "pi")):
            reading.take(action, element)
    except etree.XMLSyntaxError as error:
        raise RefusedFile(_refusal(error)) from None
    schedule = reading.schedule
    if not schedule.entries:
        raise RefusedFile("This schedule.xml has no event; publish the schedule where it is kept, and export it again.")
    if len(tidied) < len(data.lstrip()):
        schedule.problems.append(Problem("", "Control characters, which XML forbids, were removed."))
    return schedule.record(zone)


def _tidied(data: bytes) -> bytes:
    """The XML without controls, and with characters for what only HTML calls by a name: "&nbsp;"."""
    if data.startswith(_UTF16):
        return data
    tidied = data.lstrip().translate(None, _CONTROLS)
    return tidied if b"<!ENTITY" in tidied else _NAMED.sub(_numbered, tidied)


def _numbered(found: re.Match[bytes]) -> bytes:
    character = "" if found[1] in _OF_XML else html5.get(f"{found[1].decode()};", "")
    return b"".join(b"&#%d;" % ord(each) for each in character) or found[0]


def _events(data: bytes, actions: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    """Elements as they begin and end, within limits: no entity, no network, no document type from elsewhere."""
    found: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        BytesIO(data),
        events=actions,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis="pi" not in actions,
    )
    return found


def _refusal(error: etree.XMLSyntaxError) -> str:
    place, code = f"line {error.lineno}", getattr(error, "code", 0)
    if code in (etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING):
        return f"This XML is not in the encoding that it declares ({place}); save it as UTF-8."
    if code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED:
        return f"This schedule.xml ends in the middle ({place}); download it again."
    return f"This schedule.xml is not well-formed XML ({place}: {(error.msg or '').strip()}); export it again."


class _XmlReading:
    """Takes elements as they begin and end, and fills a schedule. Each one read is let go at once."""

    def __init__(self) -> None:
        self.schedule = RawSchedule(format="schedule.xml")
        self.path: list[str] = []
        self.day: RawDay | None = None
        self.room: str | None = None
        self.notes = NotesReading(self.schedule)
        self.of_event = ""  # the note of the event that is being read

    def take(self, action: str, element: etree._Element) -> None:
        if action == "pi":
            self._take_note(element)
            return
        name = _name(element)
        if name in _WRAPPERS and self.path[-1:] and self.path[-1] in ("schedule", "day", "room"):
            return  # some programs wrap days, rooms or events once more
        if action == "start":
            if not self.path:
                _refuse_entities(element)
            self.path.append(name)
            if len(self.path) > DEEPEST:
                raise RefusedFile(f"This XML has more than {DEEPEST} elements inside each other; it is not a schedule.")
            self._begin(name, element)
        else:
            self.path.pop()
            if self.path and self.path[-1] in _READ_IN:
                etree.strip_tags(element, etree.ProcessingInstruction)  # the tree has elements alone, as before
            self._end(name, element)
            if self.path and self.path[-1] in ("schedule", "day", "room"):
                _let_go(element)

    def _take_note(self, instruction: etree._Element) -> None:
        """Takes what our own files say in instructions, which stand directly inside an event or the conference."""
        if getattr(instruction, "target", "") != TARGET:
            return
        text, where = instruction.text or "", f"line {instruction.sourceline}"
        if self.path[-1:] == ["event"] and self.path[-2] in ("day", "room"):
            self.of_event = self.of_event or text
        elif self.path == ["schedule", "conference"]:
            note = self.notes.loaded(text, where)
            if isinstance(note, dict) and "speaker" in note:
                self.notes.speaker(note["speaker"], where)
            else:
                self.notes.conference(note, where)

    def _begin(self, name: str, element: etree._Element) -> None:
        if self.path == ["schedule", "slots"]:
            raise RefusedFile(_OTHER_SHAPE)
        if name == "day" and len(self.path) == 2:
            self.day = RawDay(date=element.get("date", ""), start=element.get("start", ""))
            self.schedule.days.append(self.day)
        elif name == "room" and self.path[-2] == "day":
            self.room = element.get("name", "")

    def _end(self, name: str, element: etree._Element) -> None:
        parent = self.path[-1] if self.path else ""
        if name == "event" and parent in ("day", "room"):
            if parent == "day":
                self.schedule.format = "Pentabarf's XML"
            entry = self._entry(element)
            if self.of_event:
                self.notes.session(self.notes.loaded(self.of_event, entry.where), entry)
                self.of_event = ""
            self.schedule.add(entry)
        elif name == "room" and parent == "day":
            if name := element.get("name", "").strip():
                self._note_room(RoomRecord(name=name, guid=uuid_of(element.get("guid", ""))))
            self.room = None
        elif name == "generator":
            self.schedule.generator = element.get("name", "") or _text(element)
        elif name == "version" and parent == "schedule":
            self.schedule.version = _text(element)
        elif name == "track" and parent in ("tracks", "conference"):
            track = TrackRecord(name=element.get("name") or _text(element), colour=element.get("color"))
            self.schedule.tracks.append(track)
        elif name == "conference":
            self._conference(element)

    def _conference(self, element: etree._Element) -> None:
        said = {_name(child): _text(child) for child in element}
        schedule = self.schedule
        schedule.title, schedule.acronym = said.get("title", ""), said.get("acronym", "")
        schedule.zone = next(filter(None, map(said.get, ("time_zone_name", "time_zone", "timezone"))), "")
        schedule.venue, schedule.city = said.get("venue", schedule.venue), said.get("city", schedule.city)
        schedule.first_day, schedule.last_day = said.get("start", ""), said.get("end", "")
        schedule.day_change = said.get("day_change", "")
        schedule.url = said.get("base_url") or said.get("url", "")

    def _note_room(self, room: RoomRecord) -> None:
        if room not in self.schedule.rooms:
            self.schedule.rooms.append(room)

    def _entry(self, xml_event: etree._Element) -> RawEntry:
        children = {_name(child): child for child in xml_event}
        said = {name: _text(child) for name, child in children.items() if name not in ("persons", "links")}
        optout = _inner(children, "recording", "optout").lower()
        return RawEntry(
            where=f"line {xml_event.sourceline}",
            ids=(xml_event.get("id"), xml_event.get("code"), xml_event.get("guid")),
            day=self.day,
            guid=xml_event.get("guid", ""),
            title=said.get("title", ""),
            date=said.get("date", "").strip(),
            start=said.get("start", ""),
            end=said.get("end", "").strip(),
            duration=said.get("duration", ""),
            room=(self.room or "").strip() or said.get("room", self.room),
            subtitle=said.get("subtitle"),
            abstract=said.get("abstract"),
            description=said.get("description"),
            language=said.get("language"),
            track=said.get("track"),
            type=said.get("type"),
            slug=said.get("slug"),
            url=said.get("url"),
            people=_people(children.get("persons")),
            materials=_materials(children),
            may_be_recorded=None if optout not in ("true", "false", "1", "0") else optout in ("false", "0"),
        )


def _refuse_entities(root: etree._Element) -> None:
    """Refuses a file that defines entities, which could make a small file very large."""
    kind: Any = root.getroottree().docinfo.internalDTD
    if kind is not None and any(True for _ in kind.iterentities()):
        raise RefusedFile("This XML defines entities of its own, which are not read; export it without a DOCTYPE.")


def _let_go(element: etree._Element) -> None:
    """Frees the memory of an element that was read, and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element | None) -> str:
    """The text of an element, also of XHTML inside it."""
    if element is None:
        return ""
    return element.text or "" if len(element) == 0 else "".join(map(str, element.itertext()))


def _inner(children: dict[str, etree._Element], outer: str, name: str) -> str:
    return next((_text(each) for each in children.get(outer, ()) if _name(each) == name), "").strip()


def _people(persons: etree._Element | None) -> list[SpeakerRecord] | None:
    """The people of an event: their names as text (frab), or inside <public_name> or <name> (pretalx)."""
    if persons is None:
        return None
    people = []
    for person in persons:
        inside = {_name(child): _text(child).strip() for child in person}
        name = inside.get("public_name") or inside.get("name") or (person.text or "").strip() or inside.get("code", "")
        if name:
            guid = uuid_of(person.get("guid", ""))
            people.append(SpeakerRecord(name=name, guid=guid, biography=inside.get("biography")))
    return people


def _materials(children: dict[str, etree._Element]) -> list[MaterialRecord] | None:
    """Links and attachments, and the recording; None if the file has no place for any of them."""
    if not children.keys() & {"links", "attachments"}:
        return None
    found = [
        material(_text(each), each.get("href"), each.get("type", ""), attached=outer == "attachments")
        for outer in ("attachments", "links")
        for each in children.get(outer, ())
    ]
    recording = _text(children.get("video_download_url")) or _inner(children, "recording", "url")
    if recording.strip():
        found.append(material("Recording", recording, "recording"))
    return [each for each in found if each]
