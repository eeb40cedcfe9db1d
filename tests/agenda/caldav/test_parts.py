"""calendar-data: the parts of an event that a client asks for (RFC 4791 section 9.6)."""

from __future__ import annotations

import icalendar
import pytest
from django.conf import settings

from tests.agenda.caldav.dav import ALL_EVENTS, answers
from tests.agenda.kvm_forum import session_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def session(phone, starred):
    """Its event has a zone and an alarm."""
    phone.change_key(options={"alarm": 10, "times": "zone"})
    return session_of("Nesting&testing")


def lines(text):
    """The content lines, unfolded; the many lines of a zone as one."""
    unfolded = text.replace("\r\n ", "").splitlines()
    begin, end = (f"{word}:VTIMEZONE" for word in ("BEGIN", "END"))
    if begin in unfolded:
        unfolded[unfolded.index(begin) : unfolded.index(end) + 1] = ["(zone)"]
    return unfolded


def comp(name, inside=""):
    return f'<C:comp name="{name}">{inside}</C:comp>'


def prop(*names):
    return "".join(f'<C:prop name="{name}"/>' for name in names)


HEAD = ["VERSION:2.0", f"PRODID:-//Forum agenda {settings.VERSION}//EN", "CALSCALE:GREGORIAN"]
EVENT = ["BEGIN:VEVENT", "SUMMARY:Nesting&testing", "END:VEVENT"]
ALARM = ["BEGIN:VALARM", "TRIGGER:-PT10M", "END:VALARM"]
PARTS = {
    "the calendar's own": (comp("VCALENDAR", "<C:allprop/>"), HEAD),
    "one of those": (comp("VCALENDAR", prop("VERSION")), HEAD[:1]),
    "a title": (comp("VCALENDAR", comp("VEVENT", prop("SUMMARY"))), EVENT),
    "in small letters": (comp("vcalendar", comp("vevent", prop("summary"))), EVENT),
    "an alarm": (
        comp("VCALENDAR", comp("VEVENT", prop("SUMMARY") + comp("VALARM", prop("TRIGGER")))),
        [*EVENT[:2], *ALARM, "END:VEVENT"],
    ),
    "a name without its value": (
        comp("VCALENDAR", comp("VEVENT", '<C:prop name="SUMMARY" novalue="yes"/>')),
        ["BEGIN:VEVENT", "SUMMARY:", "END:VEVENT"],
    ),
    "a whole zone, as in section 7.8.1": (
        comp("VCALENDAR", prop("VERSION") + comp("VEVENT", prop("SUMMARY")) + comp("VTIMEZONE")),
        [*HEAD[:1], "(zone)", *EVENT],
    ),
    "what there is not": (comp("VCALENDAR", comp("VTODO") + prop("METHOD")), []),
    "a start": (
        comp("VCALENDAR", comp("VEVENT", prop("DTSTART"))),
        ["BEGIN:VEVENT", "DTSTART;TZID=Europe/Paris:20191031T113000", "END:VEVENT"],
    ),
    "a start, expanded": (
        comp("VCALENDAR", comp("VEVENT", prop("DTSTART")))
        + '<C:expand start="20190101T000000Z" end="20200101T000000Z"/>',
        ["BEGIN:VEVENT", "DTSTART:20191031T103000Z", "END:VEVENT"],
    ),
}


@pytest.mark.parametrize("case", PARTS)
@pytest.mark.parametrize("report", ["query", "multiget", "sync"])
def test_part_that_is_asked_for_is_all_there_is(phone, session, case, report):
    inside, expected = PARTS[case]
    data, at = f"<D:getetag/><C:calendar-data>{inside}</C:calendar-data>", phone.address_of(session)
    asked = {"query": lambda: phone.query(ALL_EVENTS, prop=data), "sync": lambda: phone.sync(prop=data)}

    found = answers(asked[report]() if report in asked else phone.multiget(at, prop=data))[at]

    assert lines(found["C:calendar-data"]) == ["BEGIN:VCALENDAR", *expected, "END:VCALENDAR"]
    assert found["D:getetag"] == phone("GET", at)["ETag"]


LIMITS = '<C:{} start="20190101T000000Z" end="20200101T000000Z"/>'


@pytest.mark.parametrize(
    "inside",
    [
        "",
        comp("VCALENDAR"),
        comp("VCALENDAR", "<C:allprop/><C:allcomp/>"),
        comp("VCALENDAR", f"<C:allprop/>{comp('VEVENT', '<C:allprop/><C:allcomp/>')}{comp('VTIMEZONE')}"),
        LIMITS.format("limit-recurrence-set"),
        LIMITS.format("limit-freebusy-set"),
    ],
)
def test_all_parts_are_the_whole(phone, session, inside):
    at = phone.address_of(session)

    found = answers(phone.multiget(at, prop=f"<C:calendar-data>{inside}</C:calendar-data>"))

    assert found[at]["C:calendar-data"] == phone("GET", at).content.decode()


def test_expanded_event_is_the_same_in_utc(phone, session):
    """RFC 4791 section 9.6.5: no zones, and all times in UTC."""
    at = phone.address_of(session)
    phone.change_key(options={"alarm": 10})
    in_utc = phone("GET", at).content.decode()
    phone.change_key(options={"alarm": 10, "times": "zone"})

    found = answers(phone.multiget(at, prop=f"<C:calendar-data>{LIMITS.format('expand')}</C:calendar-data>"))

    assert found[at]["C:calendar-data"] == in_utc
    assert len(icalendar.Calendar.from_ical(in_utc).events) == 1


@pytest.mark.parametrize("inside", [comp("VEVENT"), comp(""), comp("VCALENDAR", prop("UID") * 100)])
def test_parts_of_nothing_are_refused(phone, starred, inside):
    response = phone.query(ALL_EVENTS, prop=f"<C:calendar-data>{inside}</C:calendar-data>")

    assert response.status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_parts_take_as_many_queries_for_1_and_3(phone, starred, django_assert_num_queries, count):
    data = f"<C:calendar-data>{comp('VCALENDAR', comp('VEVENT', prop('UID')))}</C:calendar-data>"
    hrefs = [phone.address_of(session) for session in starred[:count]]
    phone.multiget(*hrefs, prop=data)

    with django_assert_num_queries(4):  # key, owner, stars, log
        found = answers(phone.multiget(*hrefs, prop=data))

    assert len(found) == count
