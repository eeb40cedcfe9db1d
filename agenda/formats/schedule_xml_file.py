"""Writes schedule.xml, the format of Giggity, EventFahrplan and many programs; valid by c3voc's schema."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from lxml import etree

from agenda.formats import c3voc, own_notes
from agenda.formats.records import ProgrammeRecord
from agenda.formats.xml_text import in_xml

CONTENT_TYPE = "application/vnd.c3voc.schedule+xml"


def schedule_xml(programme: ProgrammeRecord, *, source: str) -> bytes:
    """The file. The same record gives the same bytes. `source` is its own address."""
    root = etree.Element("schedule")
    etree.SubElement(root, "generator", name=c3voc.GENERATOR, system=urlsplit(source).netloc)
    _add(root, "url", source)
    _add(root, "version", programme.version or "1")
    days = c3voc.days(programme)
    _add_conference(root, programme, days)
    people = c3voc.guids_of_people(programme)
    for day in days:
        xml_day = etree.SubElement(root, "day", index=str(day.index), date=day.date.isoformat())
        xml_day.set("start", day.start.isoformat())
        xml_day.set("end", day.end.isoformat())
        for name, there in day.rooms.items():
            xml_room = etree.SubElement(xml_day, "room", name=in_xml(name))
            for guid in (room.guid for room in programme.rooms if room.name == name and room.guid):
                xml_room.set("guid", str(guid))
            for entry in there:
                _add_session(xml_room, entry, people)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _add_conference(root: etree._Element, programme: ProgrammeRecord, days: list[c3voc.Day]) -> None:
    conference = etree.SubElement(root, "conference")
    _add(conference, "title", programme.title)
    _add(conference, "acronym", c3voc.acronym(programme))
    if days:
        _add(conference, "start", days[0].date.isoformat())
        _add(conference, "end", days[-1].date.isoformat())
    _add(conference, "days", str(len(days)))
    _add(conference, "timeslot_duration", c3voc.TIMESLOT)
    _add(conference, "url", programme.url, where_said=True)
    _add(conference, "time_zone_name", programme.zone, where_said=True)
    for track in programme.tracks:
        xml_track = etree.SubElement(conference, "track", name=in_xml(track.name))
        if track.colour:
            xml_track.set("color", track.colour)
    _add_note(conference, own_notes.of_conference(programme))
    for note in own_notes.of_speakers(programme):
        _add_note(conference, {"speaker": note})


def _add_session(room: etree._Element, entry: c3voc.Entry, people: dict[str, UUID]) -> None:
    """Adds a session as an `event` of this format. Elements that must be there are there, even if empty."""
    session = entry.session
    xml_event = etree.SubElement(room, "event", guid=str(entry.guid), id=str(entry.id))
    _add(xml_event, "room", entry.room)
    _add(xml_event, "title", session.title)
    _add(xml_event, "subtitle", session.subtitle or "")
    _add(xml_event, "type", entry.type)
    _add(xml_event, "date", entry.start.isoformat(timespec="seconds"))
    _add(xml_event, "start", f"{entry.start:%H:%M}")
    _add(xml_event, "duration", entry.duration)
    _add(xml_event, "abstract", session.abstract or "")
    _add(xml_event, "slug", entry.slug)
    _add(xml_event, "track", session.track or "")
    persons = etree.SubElement(xml_event, "persons")
    for name in session.speakers or ():
        person = _add(persons, "person", name)
        if name in people:
            person.set("guid", str(people[name]))
    _add(xml_event, "language", session.language or "", where_said=True)
    if session.may_be_recorded is not None:
        recording = etree.SubElement(xml_event, "recording")
        _add(recording, "license", "")
        _add(recording, "optout", "false" if session.may_be_recorded else "true")
    _add_materials(xml_event, entry)
    _add(xml_event, "url", session.url or "", where_said=True)
    _add_note(xml_event, own_notes.of_session(session))


def _add_materials(xml_event: etree._Element, entry: c3voc.Entry) -> None:
    for plural, singular, materials in (
        ("links", "link", entry.links),
        ("attachments", "attachment", entry.attachments),
    ):
        listed = etree.SubElement(xml_event, plural)
        for material in materials:
            xml_material = _add(listed, singular, material.title)
            xml_material.set("href", in_xml(material.url))
            xml_material.set("type", c3voc.MATERIAL_TYPES.get(material.kind, "web"))


def _add_note(parent: etree._Element, note: own_notes.Note) -> None:
    """Adds what no element can hold as an instruction, if there is anything."""
    if note:
        parent.append(etree.ProcessingInstruction(own_notes.TARGET, in_xml(own_notes.written(note))))


def _add(parent: etree._Element, name: str, text: str, *, where_said: bool = False) -> etree._Element:
    """Adds an element with that text; if `where_said`, only if there is a text."""
    element = etree.Element(name)
    element.text = in_xml(text)
    if text or not where_said:
        parent.append(element)
    return element
