"""The filter of a calendar-query (RFC 4791 sections 7.8 and 9.7). One that is not wholly understood is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from lxml import etree

from agenda.caldav.refusals import Refused
from agenda.caldav.xml import CALDAV
from agenda.formats import contentlines
from agenda.formats.contentlines import Component, Property
from agenda.formats.zones import by_iana
from agenda.stars.overlaps import Span

COMP, PROP, PARAM = (f"{CALDAV}{name}-filter" for name in ("comp", "prop", "param"))
TIME, TEXT, ABSENT = (f"{CALDAV}{name}" for name in ("time-range", "text-match", "is-not-defined"))
PRESENT = f"{CALDAV}is-defined"  # from drafts of RFC 4791; a filter means the same without it
MOST = 50  # elements in a filter; clients send 3 to 6
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# By component of RFC 5545, the components that it may stand in. Components that are not here may stand anywhere.
INSIDE = {
    "VCALENDAR": ("",),
    **dict.fromkeys(("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"), ("VCALENDAR",)),
    "VALARM": ("VEVENT", "VTODO"),
    **dict.fromkeys(("STANDARD", "DAYLIGHT"), ("VTIMEZONE",)),
}
TIMED = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"}  # components with a time (section 9.9)
DATED = {
    "DTSTART",
    "DTEND",
    "DUE",
    "COMPLETED",
    "CREATED",
    "DTSTAMP",
    "LAST-MODIFIED",
    "RECURRENCE-ID",
    "EXDATE",
    "RDATE",
}
# What each collation takes for equal (RFC 4790 section 9; "unicode" as far as case goes).
COLLATIONS: dict[str, Callable[[str], str]] = {
    "i;octet": str,
    "i;ascii-casemap": lambda value: re.sub("[A-Z]+", lambda found: found[0].lower(), value),
    "i;unicode-casemap": str.casefold,
}
# What every member looks like to a filter that asks only for kinds of components.
OUTLINE = Component("VCALENDAR", children=[Component("VEVENT")])
ANY_TIME = Span(EARLIEST, LATEST)

Test = Callable[[Component, Span], bool]


class Filter(NamedTuple):
    """The filter of a query: `test` takes a session's VCALENDAR and span of time.

    OUTLINE is enough as the VCALENDAR if not `looks_closer`, and any span if not `asks_when`.
    """

    test: Test
    looks_closer: bool
    asks_when: bool


def read(root: etree._Element, zone: tzinfo | None) -> Filter:
    """Reads a C:filter. `zone` is the zone of local times; None refuses them."""
    if sum(1 for _ in root.iter("*")) > MOST:
        raise Refused(403, "", "<C:supported-filter/>")
    if len(root) != 1 or root[0].tag != COMP:
        raise _invalid()
    test = _Reader(zone).component(root[0], "")
    looks_closer = any(
        each.tag == PROP or (each.tag == COMP and each.get("name", "").upper() not in ("VCALENDAR", "VEVENT", "VTODO"))
        for each in root.iter("*")
    )
    return Filter(
        lambda calendar, span: test(Component("", children=[calendar]), span),
        looks_closer,
        asks_when=next(root.iter(TIME), None) is not None,
    )


class _Reader(NamedTuple):
    """Makes tests of the elements of a filter."""

    zone: tzinfo | None

    def component(self, element: etree._Element, parent: str) -> Test:
        """Reads a comp-filter. The test takes the component around it, whose name is `parent`."""
        name = _name(element)
        if parent not in INSIDE.get(name, (parent,)) or (not parent and name != "VCALENDAR"):
            raise _invalid()
        if _is_absence(element):
            return lambda around, _: not around.children_named(name)
        tests = [self._in_component(child, name) for child in element if child.tag != PRESENT]
        return lambda around, span: any(all(test(each, span) for test in tests) for each in around.children_named(name))

    def _in_component(self, element: etree._Element, name: str) -> Test:
        if element.tag == COMP:
            return self.component(element, name)
        if element.tag == PROP:
            return self._property(element)
        if element.tag != TIME or name not in TIMED:
            raise _invalid()
        start, end = time_range(element, self.zone)
        if name == "VALARM":
            return lambda alarm, span: any(start <= at < end for at in _triggers(alarm, span))
        return lambda _, span: span.start < end and span.end > start

    def _property(self, element: etree._Element) -> Test:
        name = _name(element)
        if _is_absence(element):
            return lambda component, _: not component.named(name)
        tests = [self._in_property(child, name) for child in element if child.tag != PRESENT]
        return lambda component, _: any(all(test(each) for test in tests) for each in component.named(name))

    def _in_property(self, element: etree._Element, name: str) -> Callable[[Property], bool]:
        if element.tag == TEXT:
            text = _text(element)
            return lambda found: text(found.text)
        if element.tag == PARAM:
            return _parameter(element)
        if element.tag != TIME or name not in DATED:
            raise _invalid()
        start, end = time_range(element, self.zone)
        return lambda found: start <= found.moment(by_iana) < end  # as ours are: in UTC, or in one of IANA's zones


def _parameter(element: etree._Element) -> Callable[[Property], bool]:
    name = _name(element)
    if _is_absence(element):
        return lambda found: name not in found.parameters
    if any(child.tag not in (TEXT, PRESENT) for child in element):
        raise _invalid()
    tests = [_text(child) for child in element if child.tag == TEXT]
    return lambda found: name in found.parameters and all(test(found.parameters[name]) for test in tests)


def _triggers(alarm: Component, span: Span) -> Iterable[datetime]:
    """The times at which the alarm goes off. Ours do not repeat, and count from the start of the session."""
    return [span.start + each.duration for each in alarm.named("TRIGGER")]


def _text(element: etree._Element) -> Callable[[str], bool]:
    collation = COLLATIONS.get(element.get("collation", "i;ascii-casemap"))
    if collation is None:
        raise Refused(403, "", "<C:supported-collation/>")
    wanted = collation(element.text or "")
    negated = element.get("negate-condition", "no") == "yes"
    return lambda value: (wanted in collation(value)) is not negated


def _is_absence(element: etree._Element) -> bool:
    if element.find(ABSENT) is None:
        return False
    if len(element) > 1:
        raise _invalid()
    return True


def _name(element: etree._Element) -> str:
    name = element.get("name", "").upper()
    if not name:
        raise _invalid()
    return name


def time_range(element: etree._Element, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """Start and end, the end exclusive (section 9.9); either may be left out.

    RFC 4791 wants both in UTC. Local times are read as well, if the query says with C:timezone in which zone.
    """
    start, end = _moment(element, "start", zone), _moment(element, "end", zone)
    if (start is None and end is None) or (start and end and start >= end):
        raise _invalid()
    return start or EARLIEST, end or LATEST


def _moment(element: etree._Element, name: str, zone: tzinfo | None) -> datetime | None:
    written = element.get(name)
    if written is None:
        return None
    try:
        return contentlines.moment(written, None if written.endswith("Z") else zone)
    except ValueError:
        raise _invalid() from None


def _invalid() -> Refused:
    return Refused(403, "", "<C:valid-filter/>")
