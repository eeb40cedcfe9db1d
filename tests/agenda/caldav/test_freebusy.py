"""REPORT free-busy-query (RFC 4791 section 7.10)."""

from __future__ import annotations

import icalendar
import pytest
from django.conf import settings

from agenda.models import Session, StarLog
from agenda.stars.ranking import rank
from agenda.stars.starring import star
from tests.agenda.caldav.dav import DECLARED, Dav
from tests.agenda.kvm_forum import add_session

pytestmark = pytest.mark.any_database

YEAR = 'start="20190101T000000Z" end="20200101T000000Z"'


def ask(phone, attributes=YEAR, path=""):
    body = f"<C:free-busy-query {DECLARED}><C:time-range {attributes}/></C:free-busy-query>"
    return phone("REPORT", path or phone.agenda, body, headers={"Depth": "1"})


def busy(response):
    """Each FREEBUSY: its type, and from when to when."""
    (component,) = icalendar.Calendar.from_ical(response.content).walk("VFREEBUSY")
    lines = response.content.decode().split("\r\n")
    assert component.errors == []
    return [line.removeprefix("FREEBUSY;FBTYPE=") for line in lines if line.startswith("FREEBUSY")]


NESTING, GOING_ON, KUBEVIRT = (
    "BUSY:20191031T103000Z/20191031T110000Z",
    "BUSY:20191101T080000Z/20191101T083000Z",
    "BUSY:20191101T124500Z/20191101T131500Z",
)
RANGES = {
    "the year": (YEAR, [NESTING, GOING_ON, KUBEVIRT]),
    "the second day": ('start="20191101T000000Z" end="20191102T000000Z"', [GOING_ON, KUBEVIRT]),
    "a part of one": ('start="20191031T104500Z" end="20191031T105000Z"', ["BUSY:20191031T104500Z/20191031T105000Z"]),
    "until one": ('start="20191031T000000Z" end="20191031T103000Z"', []),
    "from its end": ('start="20191031T110000Z" end="20191031T120000Z"', []),
    "from a day on": ('start="20191101T090000Z"', [KUBEVIRT]),
    "until a day": ('end="20191101T000000Z"', [NESTING]),
}


@pytest.mark.parametrize("case", RANGES)
def test_times_of_the_stars_are_busy(phone, starred, case):
    attributes, found = RANGES[case]

    response = ask(phone, attributes)

    assert response["Content-Type"] == "text/calendar; charset=utf-8; component=VFREEBUSY"
    assert busy(response) == found


def test_answer_has_the_times_alone(phone, starred):
    lines = ask(phone, 'start="20191031T104500Z" end="20191031T105000Z"').content.decode().split("\r\n")

    (uid,) = (line for line in lines if line.startswith("UID:"))
    product = f"PRODID:-//Forum agenda {settings.VERSION}//EN"
    assert lines == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", product, "CALSCALE:GREGORIAN", "BEGIN:VFREEBUSY"),
        *(uid, "DTSTAMP:20191030T080000Z", "DTSTART:20191031T104500Z", "DTEND:20191031T105000Z"),
        *("FREEBUSY;FBTYPE=BUSY:20191031T104500Z/20191031T105000Z", "END:VFREEBUSY", "END:VCALENDAR", ""),
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"status": "cancelled"}, [GOING_ON, KUBEVIRT]),
        ({"status": "tentative"}, [GOING_ON, KUBEVIRT, NESTING.replace("BUSY", "BUSY-TENTATIVE")]),
        ({"is_published": False}, [GOING_ON, KUBEVIRT]),
    ],
)
def test_kind_of_time_is_that_of_the_session(phone, starred, fields, found):
    Session.objects.filter(pk=starred[0].pk).update(**fields)

    assert busy(ask(phone)) == found


def test_backup_choice_takes_no_time(phone, alice, kvm_forum, starred):
    longer = add_session(kvm_forum, "Longer", "2019-10-31T11:30", minutes=90)
    star(alice, [longer.pk], through=StarLog.Through.PAGE)
    rank(alice, longer, in_case_of=starred[0], through=StarLog.Through.PAGE)

    assert busy(ask(phone)) == [NESTING, GOING_ON, KUBEVIRT]


@pytest.mark.parametrize("start", ["2019-10-31T11:45", "2019-10-31T12:00"])
def test_times_that_meet_are_one(phone, alice, kvm_forum, starred, start):
    later = add_session(kvm_forum, "Later", start, minutes=30)
    star(alice, [later.pk], through=StarLog.Through.PAGE)

    assert busy(ask(phone))[0] == f"BUSY:20191031T103000Z/{later.end:%Y%m%dT%H%M%SZ}"


@pytest.mark.on_postgresql
def test_programme_has_times_too(alice, clock, kvm_forum):
    phone = Dav(alice, collections=[kvm_forum.slug])

    found = busy(ask(phone, 'end="20191031T104500Z"', path=f"{phone.home}{kvm_forum.slug}/"))

    assert found == ["BUSY:20191031T100000Z/20191031T104500Z"]


def test_nobody_is_told_anothers_times(phone, bobs_phone, starred):
    assert busy(ask(bobs_phone)) == []
    assert ask(bobs_phone, path=phone.agenda).status_code == 404


NO_RANGES = ["", 'start="20191031"', 'start="20191031T100000"', 'start="20200101T000000Z" end="20190101T000000Z"']


@pytest.mark.parametrize("attributes", NO_RANGES)
def test_range_that_is_none_is_refused(phone, starred, attributes):
    assert ask(phone, attributes).status_code == 400


def test_query_without_a_range_is_refused(phone):
    assert phone("REPORT", phone.agenda, f"<C:free-busy-query {DECLARED}/>").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_query_takes_as_many_queries_for_1_and_3(phone, starred, django_assert_num_queries, count):
    for session in starred[count:]:
        phone("DELETE", phone.address_of(session))
    ask(phone)

    with django_assert_num_queries(5):  # key, owner, stars, log, and when they are
        assert len(busy(ask(phone))) == count
