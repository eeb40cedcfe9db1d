"""The filter of a calendar-query (RFC 4791 sections 7.8 and 9.7). One that is not wholly supported is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from lxml import etree

from agenda.caldav.contentlines import Component
from agenda.caldav.refusals import Refused
from agenda.caldav.xml import CALDAV
from agenda.stars.overlaps import Span

COMP, PROP, TIME, TEXT = (f"{CALDAV}{name}" for name in ("comp-filter", "prop-filter", "time-range", "text-match"))
ABSENT = f"{CALDAV}is-not-defined"
MOST = 50  # elements in a filter; clients send 3 to 6
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
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


def read(root: etree._Element) -> Filter:
    """Reads a C:filter."""
    calendars = root.findall(COMP)
    if len(root) != 1 or len(calendars) != 1 or calendars[0].get("name", "").upper() != "VCALENDAR":
        raise _invalid()
    if sum(1 for _ in root.iter("*")) > MOST:
        raise Refused(403, "", "<C:supported-filter/>")
    looks_closer = any(
        each.tag == PROP or (each.tag == COMP and each.get("name", "").upper() not in ("VCALENDAR", "VEVENT", "VTODO"))
        for each in root.iter("*")
    )
    return Filter(_all_of(calendars[0]), looks_closer, asks_when=next(root.iter(TIME), None) is not None)


def _all_of(element: etree._Element) -> Test:
    """Reads the conditions inside a comp-filter."""
    tests = [_test_in(element, child) for child in element]
    return lambda component, span: all(test(component, span) for test in tests)


def _test_in(parent: etree._Element, child: etree._Element) -> Test:
    if child.tag == COMP:
        return _component(child)
    if child.tag == PROP:
        return _property(child)
    if child.tag == TIME and parent.get("name", "").upper() in ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"):
        start, end = _range(child)
        return lambda _, span: span.start < end and span.end > start
    raise _unsupported(child)


def _component(element: etree._Element) -> Test:
    name = _name(element)
    if _is_absence(element):
        return lambda parent, _: not parent.children_named(name)
    inside = _all_of(element)
    return lambda parent, span: any(inside(child, span) for child in parent.children_named(name))


def _property(element: etree._Element) -> Test:
    name = _name(element)
    if _is_absence(element):
        return lambda component, _: not component.named(name)
    if any(child.tag != TEXT for child in element):
        raise _unsupported(element)
    tests = [_text(child) for child in element]
    return lambda component, _: any(all(test(each.text) for test in tests) for each in component.named(name))


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


def _range(element: etree._Element) -> tuple[datetime, datetime]:
    """Start and end, the end exclusive (section 9.9); either may be left out."""
    start, end = _moment(element, "start"), _moment(element, "end")
    if (start is None and end is None) or (start and end and start >= end):
        raise _invalid()
    return start or EARLIEST, end or LATEST


def _moment(element: etree._Element, name: str) -> datetime | None:
    written = element.get(name)
    if written is None:
        return None
    try:
        return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _invalid() from None


def _invalid() -> Refused:
    return Refused(403, "", "<C:valid-filter/>")


def _unsupported(element: etree._Element) -> Refused:
    """Names what is not supported, as section 7.8 asks."""
    local = etree.QName(element).localname
    known = local in ("comp-filter", "prop-filter", "param-filter")
    return Refused(403, "", f"<C:supported-filter>{f'<C:{local}/>' if known else ''}</C:supported-filter>")
