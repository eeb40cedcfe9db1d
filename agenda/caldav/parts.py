"""calendar-data: the parts of a calendar object that a client asks for (RFC 4791 section 9.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lxml import etree

from agenda.caldav.refusals import Refused
from agenda.caldav.xml import CALDAV
from agenda.formats.contentlines import Component, Property, parse, written
from agenda.formats.zones import by_iana

COMP, PROP, ALL_COMPS, ALL_PROPS = (f"{CALDAV}{name}" for name in ("comp", "prop", "allcomp", "allprop"))
MOST = 100  # elements; no program names more than 20

Part = Callable[[bytes], bytes]


def whole(body: bytes) -> bytes:
    return body


def part_of(asked: etree._Element | None) -> Part:
    """Reads a calendar-data. Its limits on recurrences and on VFREEBUSY change nothing, as no object has either."""
    if asked is None:
        return whole
    if (asked.get("content-type", "text/calendar"), asked.get("version", "2.0")) != ("text/calendar", "2.0"):
        raise Refused(403, "", "<C:supported-calendar-data/>")
    if sum(1 for _ in asked.iter("*")) > MOST:
        raise Refused(400, f"At most {MOST} elements in calendar-data.\n")
    chosen, is_expanded = asked.find(COMP), asked.find(f"{CALDAV}expand") is not None
    if chosen is None and not is_expanded:
        return whole
    if chosen is not None and chosen.get("name", "").upper() != "VCALENDAR":
        raise Refused(400, "The outermost comp of calendar-data is VCALENDAR.\n")

    def part(body: bytes) -> bytes:
        calendar = parse(body)
        calendar = _in_utc(calendar) if is_expanded else calendar
        return written(calendar if chosen is None else _chosen(calendar, chosen))

    return part


def _chosen(component: Component, comp: etree._Element) -> Component:
    """The component with the properties and components that `comp` names; with all if it is empty (section 7.8.1)."""
    if len(comp) == 0:
        return component
    names = {each.get("name", "").upper(): each.get("novalue") == "yes" for each in comp.iterfind(PROP)}
    comps = {each.get("name", "").upper(): each for each in comp.iterfind(COMP)}
    properties = [
        replace(each, value="") if names.get(each.name) else each
        for each in component.properties
        if each.name in names or comp.find(ALL_PROPS) is not None
    ]
    children = [
        _chosen(child, comps[child.name]) if child.name in comps else child
        for child in component.children
        if child.name in comps or comp.find(ALL_COMPS) is not None
    ]
    return Component(component.name, properties, children)


def _in_utc(component: Component) -> Component:
    """The component as `expand` wants it (section 9.6.5): without zones, all times in UTC."""
    children = [_in_utc(child) for child in component.children if child.name != "VTIMEZONE"]
    return Component(component.name, [_with_utc(each) for each in component.properties], children)


def _with_utc(found: Property) -> Property:
    if "TZID" not in found.parameters:
        return found
    moment: datetime = found.moment(by_iana)
    return Property(found.name, {}, f"{moment:%Y%m%dT%H%M%SZ}")
