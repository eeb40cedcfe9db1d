"""The access log, the secrets that stay out of it, and what is compressed."""

from __future__ import annotations

import logging
import re

import pytest

from forum.middleware import HideCalendarKeys, without_keys

KEY = "abcdefghijkmnopqrstuvwxyz23456789ABCDEFG"

pytestmark = pytest.mark.django_db


def test_request_is_one_line_of_method_path_status_bytes_and_time(client, logged):
    client.get("/health/live")

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO forum\.access: GET /health/live 200 3 \d+\.\dms\n",
        logged.getvalue(),
    )


def test_log_has_no_query_and_no_address_of_the_reader(client, logged):
    client.get("/health/live?q=private", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": "192.0.2.8"})

    assert [word for word in ("private", "192.0.2") if word in logged.getvalue()] == []


def test_file_that_is_streamed_is_logged_without_its_length(client, logged):
    b"".join(client.get("/static/forum/favicon.svg").streaming_content)

    assert " GET /static/forum/favicon.svg 200 - " in logged.getvalue()


def test_path_cannot_forge_a_line(client, logged):
    client.get("/x%0A2019-10-31 INFO forum.access: forged")

    assert [line for line in logged.getvalue().splitlines() if line.startswith("2019-10-31 INFO")] == []


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"GET /calendar/{KEY}.ics 200", "GET /calendar/abcdefgh… 200"),
        (f"Not Found: /calendar/{KEY[:20]} {KEY[20:]}.ICS", "Not Found: /calendar/abcdefgh…"),
        (f'"GET /calendar/{KEY}.ics HTTP/1.1" 200', '"GET /calendar/abcdefgh… HTTP/1.1" 200'),
        (f"http://a.example/calendar/{KEY}.ics?x=1", "http://a.example/calendar/abcdefgh…?x=1"),
        (f"/calendar/{KEY}", "/calendar/abcdefgh…"),
        (f"/calendar/{KEY}.ics and /calendar/{KEY[::-1]}.ics", "/calendar/abcdefgh… and /calendar/GFEDCBA9…"),
        ("/calendar/short", "/calendar/short"),
        ("/agenda/calendars/add", "/agenda/calendars/add"),
    ],
)
def test_calendar_address_is_cut_after_its_lookup(text, safe):
    assert without_keys(text) == safe


def test_filter_cuts_addresses_out_of_arguments_too():
    record = logging.LogRecord("any", logging.WARNING, "", 0, "Not Found: %s %d", (f"/calendar/{KEY}.ics", 7), None)

    assert HideCalendarKeys().filter(record)
    assert record.getMessage() == "Not Found: /calendar/abcdefgh… 7"


def test_filter_leaves_other_lines_as_they_are():
    record = logging.LogRecord("any", logging.INFO, "", 0, "%s", ("100% sure",), None)

    assert HideCalendarKeys().filter(record)
    assert (record.msg, record.args) == ("%s", ("100% sure",))


def test_every_handler_of_the_site_hides_keys(settings):
    assert {tuple(handler["filters"]) for handler in settings.LOGGING["handlers"].values()} == {("hide_keys",)}


@pytest.mark.parametrize("name", ["forum.access", "django.request", "django.security", "granian", "any.library"])
def test_whatever_is_logged_anywhere_has_no_whole_key(logged, name):
    logging.getLogger(name).error("Trouble with /calendar/%s.ics", KEY)

    assert logged.getvalue().endswith(f"ERROR {name}: Trouble with /calendar/abcdefgh…\n")


def test_pages_are_compressed_for_who_can_read_that(client):
    plain, packed = (client.get("/agenda/time-zone/", headers={"Accept-Encoding": coding}) for coding in ("", "gzip"))

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed["Vary"]
