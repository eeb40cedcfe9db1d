"""Methods that no page has: calendar programs are told so, and not that a form was open for too long."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.forum.addresses import address, routes

pytestmark = pytest.mark.any_database

BODY = '<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-principal/></D:prop></D:propfind>'
# These answer for themselves, as no form leads to them; Google's is switched off.
ELSEWHERE = (
    ".well-known/caldav",
    ".well-known/caldav/",
    "dav",
    "dav/",
    "dav/<path:path>",
    "accounts/google/login/token/",
)


@pytest.fixture
def program(db) -> Client:
    """A program that has no cookie, and so no token for forms."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PROPPATCH", "MKCALENDAR", "PUT", "DELETE", "NONSENSE"])
def test_pages_say_which_methods_they_have(program, things, method):
    found = {
        route: program.generic(method, address(route, things), BODY, "application/xml")
        for route in routes()
        if route and route not in ELSEWHERE
    }

    assert {route: each.status_code for route, each in found.items() if each.status_code != 405} == {}
    assert {
        route for route, each in found.items() if "GET" not in each["Allow"] and "POST" not in each["Allow"]
    } == set()
    assert {route for route, each in found.items() if each.cookies} == set()


def test_page_that_is_not_there_is_still_not_there(program):
    assert program.generic("PROPFIND", "/no/such/page.html").status_code == 404


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded"])
def test_front_page_sends_programs_on_with_their_request(program, method, content_type):
    response = program.generic(method, "/", BODY, content_type)

    assert (response.status_code, response["Location"], response.cookies) == (308, "/dav/", {})


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("PROPPATCH", 405), ("OPTIONS", 405), ("POST", 403)])
def test_front_page_refuses_what_it_did_before(program, method, status):
    assert program.generic(method, "/", BODY, "application/xml").status_code == status


@pytest.mark.parametrize("path", ["/dav/", "/dav/calendars/1/agenda/"])
def test_calendars_answer_for_themselves(program, path):
    assert program.generic("PROPFIND", path, BODY, "application/xml").status_code == 401
