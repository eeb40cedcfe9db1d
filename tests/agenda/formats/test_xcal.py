"""xCal: the same properties as the calendar file, valid by the names of RFC 6321."""

from __future__ import annotations

from dataclasses import replace

import icalendar
import pytest
from lxml import etree

from agenda.formats.ical import vcalendar, vevent
from agenda.formats.xcal import NAMESPACE, xcal
from tests.agenda.formats.test_ical import BARE, CALENDAR, CANCELLED, MATRYOSHKAS, NOTED

NS = {"x": NAMESPACE}
TIMES = ("DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND")


def properties(element: etree._Element) -> dict[str, str]:
    """Name and text of each property of a component."""
    return {etree.QName(each).localname.upper(): each[0].text or "" for each in element.find("x:properties", NS)}


@pytest.mark.parametrize("session", [MATRYOSHKAS, CANCELLED, BARE, NOTED])
def test_session_says_the_same_as_in_the_calendar_file(session):
    (in_ical,) = icalendar.Calendar.from_ical(vcalendar(CALENDAR, [vevent(session)])).walk("VEVENT")

    (in_xml,) = etree.fromstring(xcal(CALENDAR, [session])).iterfind(".//x:vevent", NS)

    found = properties(in_xml)
    assert found.keys() == set(in_ical)
    for name in found.keys() - {*TIMES, "SEQUENCE", "CATEGORIES"}:
        assert found[name] == str(in_ical[name])
    for name in TIMES:
        assert found[name] == f"{in_ical.decoded(name):%Y-%m-%dT%H:%M:%SZ}"


def test_calendar_has_its_own_properties_and_no_text_that_xml_forbids():
    root = etree.fromstring(xcal(CALENDAR, [replace(BARE, title="a\0\x1b & <b>")]))

    assert properties(root.find("x:vcalendar", NS)) == {
        "VERSION": "2.0",
        "PRODID": "-//Forum agenda//EN",
        "NAME": "My agenda, starred",
        "SOURCE": "https://forum.example/agenda/",
    }
    assert root.findtext(".//x:summary/x:text", None, NS) == "a & <b>"
