"""Writes a calendar as xCal, iCalendar in XML (RFC 6321): the same properties as the .ics file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from lxml import etree

from agenda.formats.ical import CalendarRecord, VeventRecord, described, uri
from agenda.formats.xml_text import in_xml

CONTENT_TYPE = "application/calendar+xml"
NAMESPACE = "urn:ietf:params:xml:ns:icalendar-2.0"


def xcal(calendar: CalendarRecord, sessions: Iterable[VeventRecord]) -> bytes:
    """The whole file. The same records give the same bytes."""
    root = etree.Element(f"{{{NAMESPACE}}}icalendar", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    vcalendar = _child(root, "vcalendar")
    _add_properties(
        vcalendar,
        ("version", "text", "2.0"),
        ("prodid", "text", f"-//{calendar.product}//EN"),
        ("name", "text", calendar.name),
        ("source", "uri", uri(calendar.source)),
    )
    components = _child(vcalendar, "components")
    for session in sessions:
        _add_vevent(components, session)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _add_vevent(components: etree._Element, session: VeventRecord) -> None:
    is_cancelled = session.status == "cancelled"
    _add_properties(
        _child(components, "vevent"),
        ("uid", "text", str(session.guid)),
        ("dtstamp", "date-time", _utc(session.updated)),
        ("created", "date-time", _utc(session.created)),
        ("last-modified", "date-time", _utc(session.updated)),
        ("sequence", "integer", str(session.sequence)),
        ("status", "text", session.status.upper()),
        ("transp", "text", "TRANSPARENT" if is_cancelled else "OPAQUE"),
        # Of no type that is known: RFC 6321 section 5. Outlook reads it in place of the one before.
        ("x-microsoft-cdo-busystatus", "unknown", "FREE" if is_cancelled else ""),
        ("dtstart", "date-time", _utc(session.start)),
        ("dtend", "date-time", _utc(session.end)),
        ("summary", "text", f"CANCELLED: {session.title}" if is_cancelled else session.title),
        ("location", "text", session.location),
        ("description", "text", described(session)),
        ("url", "uri", uri(session.url)),
        ("categories", "text", session.track),
    )


def _add_properties(component: etree._Element, *properties: tuple[str, str, str]) -> None:
    """Adds the properties: name, type and value. Those without a value are left out."""
    listed = _child(component, "properties")
    for name, kind, value in properties:
        if value:
            _child(_child(listed, name), kind).text = in_xml(value)


def _child(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _utc(moment: datetime) -> str:
    """A date-time as RFC 6321 section 3.6.5 has it, with hyphens and colons."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
