"""From the site's name to the calendar, the way that clients go."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.agenda.caldav.dav import answers

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "OPTIONS", "POST", "REPORT"])
def test_well_known_address_leads_to_the_root_without_a_password(db, method):
    response = Client(enforce_csrf_checks=True).generic(method, "/.well-known/caldav")

    assert (response.status_code, response["Location"], response.cookies) == (301, "/dav/", {})


@pytest.mark.parametrize("path", ["/dav", "/dav/"])
def test_root_names_the_principal(phone, path):
    found = answers(phone.propfind(path, "<D:current-user-principal/>"))

    assert found == {"/dav/": {"D:current-user-principal": f"D:href={phone.principal}"}}


def test_principal_names_the_home(phone):
    inside = "<C:calendar-home-set/><D:principal-URL/><C:calendar-user-address-set/><D:displayname/><D:resourcetype/>"

    found = answers(phone.propfind(phone.principal, inside))

    assert found == {
        phone.principal: {
            "C:calendar-home-set": f"D:href={phone.home}",
            "D:principal-URL": f"D:href={phone.principal}",
            "C:calendar-user-address-set": f"D:href=mailto:alice@example.org D:href={phone.principal}",
            "D:displayname": "alice@example.org",
            "D:resourcetype": "D:principal",
        }
    }


def test_home_holds_one_calendar(phone):
    found = answers(phone.propfind(phone.home, "<D:resourcetype/>", depth="1"))

    assert found == {
        phone.home: {"D:resourcetype": "D:collection"},
        phone.agenda: {"D:resourcetype": "D:collection C:calendar"},
    }


COLLECTION = {
    "D:displayname": "My agenda · Forum agenda",
    "C:calendar-description": (
        "The talks you starred. Deleting one here takes its star away; the rest is changed on the page."
    ),
    "A:calendar-color": "#0b6e66ff",
    "D:supported-report-set": (
        "D:supported-report=D:report=C:calendar-query D:supported-report=D:report=C:calendar-multiget "
        "D:supported-report=D:report=C:free-busy-query D:supported-report=D:report=D:sync-collection"
    ),
    # write-content and unbind: without, DAVx5 reads only and sends no deletion.
    "D:current-user-privilege-set": (
        "D:privilege=D:read D:privilege=D:read-current-user-privilege-set D:privilege=D:write-properties "
        "D:privilege=D:write-content D:privilege=D:unbind"
    ),
    "C:supported-collation-set": (
        "C:supported-collation=i;ascii-casemap C:supported-collation=i;octet C:supported-collation=i;unicode-casemap"
    ),
    "C:max-resource-size": "100000",
    "D:quota-used-bytes": "0",
    "D:quota-available-bytes": "100000",
}


def test_collection_says_what_it_is(phone):
    inside = "".join(f"<{name}/>" for name in COLLECTION)

    assert answers(phone.propfind(phone.agenda, inside)) == {phone.agenda: COLLECTION}


def test_collection_is_its_owners(phone):
    found = answers(phone.propfind(phone.agenda, "<D:owner/><D:current-user-principal/>"))

    owner = f"D:href={phone.principal}"
    assert found == {phone.agenda: {"D:owner": owner, "D:current-user-principal": owner}}


def test_collection_takes_events_alone(phone):
    inside = "<C:supported-calendar-component-set/><C:supported-calendar-data/>"

    response = phone.propfind(phone.agenda, inside).content.decode()

    assert '<C:comp name="VEVENT"/></C:supported-calendar-component-set>' in response
    assert '<C:calendar-data content-type="text/calendar" version="2.0"/>' in response
    assert response.count("<C:comp ") == 1


@pytest.mark.parametrize(("zone", "tzid"), [("", "Europe/Paris"), ("Asia/Tokyo", "Asia/Tokyo")])
def test_collections_time_zone_is_the_owners_or_the_events(phone, alice, starred, zone, tzid):
    alice.time_zone = zone
    alice.save()

    (found,) = answers(phone.propfind(phone.agenda, "<C:calendar-timezone/>")).values()

    assert found["C:calendar-timezone"].startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\n" in found["C:calendar-timezone"]


@pytest.mark.parametrize("name", ["<D:sync-token/>", "<CS:getctag/>"])
def test_collection_has_a_version_that_changes_with_the_stars(phone, starred, alice, name):
    before = answers(phone.propfind(phone.agenda, name))
    same = answers(phone.propfind(phone.agenda, name))
    phone("DELETE", phone.address_of(starred[0]))

    assert before == same
    assert before != answers(phone.propfind(phone.agenda, name))


def test_members_privileges_let_them_be_deleted(phone, starred):
    (found,) = answers(phone.propfind(phone.address_of(starred[0]), "<D:current-user-privilege-set/>")).values()

    assert found == {"D:current-user-privilege-set": COLLECTION["D:current-user-privilege-set"]}


def allowed(response):
    return response.status_code, response["DAV"], response["Allow"]


def test_options_say_what_is_true(phone, starred):
    dav = "1, 3, calendar-access"
    always = "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH"

    assert allowed(phone("OPTIONS", phone.home)) == (200, dav, always)
    assert allowed(phone("OPTIONS", phone.agenda)) == (200, dav, f"{always}, REPORT, PUT, DELETE")
    assert allowed(phone("OPTIONS", phone.address_of(starred[0]))) == (200, dav, f"{always}, REPORT, PUT, DELETE")


@pytest.mark.parametrize("path", ["principal", "home", "agenda"])
def test_person_who_looks_is_told_what_it_is_for(phone, path):
    response = phone("GET", getattr(phone, path))

    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.content.decode().startswith("This address is for calendar programs")
