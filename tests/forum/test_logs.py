"""No log holds what opens a calendar."""

from __future__ import annotations

import logging

import pytest

from forum.logs import without_keys

KEY = "abcdefghijkmnopqrstuvwxyz23456789ABCDEFG"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"GET /calendar/{KEY}.ics 200", "GET /calendar/abcdefgh… 200"),
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


@pytest.mark.parametrize(
    "slip",
    [
        *("/calendar/%20{key}.ics", "/calendar/'{key}'.ics", '/calendar/"{key}".ics', "//calendar//{key}.ics"),
        *("/./calendar/./{key}.ics", "/calendar/%2520{key}", "/calender/{key}.ics", "/{key}.ics", "/{key}", "/x?{key}"),
        *("/calendar/{key}/.ics", "/calendar/<{key}>", "/calendar/({key})", "/agenda/{key}.ics", "/CALENDAR/{key}.ICS"),
        *("/calendar/https://a.example/calendar/{key}.ics", "/calendar/{key},", "/calendar/{key}%0A", "{key} {key}"),
    ],
)
def test_key_is_hidden_wherever_a_slip_of_the_hand_has_put_it(db, client, logged, slip):
    path = slip.format(key=KEY)

    if path.startswith("/"):
        client.get(path)
    logging.getLogger("django.request").warning("Not Found: %s", path)

    assert KEY[8:24] not in logged.getvalue()
    assert len(logged.getvalue().splitlines()) >= 1


def test_long_entry_is_cut_before_it_is_searched():
    assert without_keys("x y " * 10_000) == "x y " * 5_000 + "…"


def test_arguments_are_cut_too_and_so_is_the_traceback(logged):
    try:
        raise ValueError(f"nothing at /calendar/{KEY}.ics")
    except ValueError:
        logging.getLogger("any").exception("Not Found: %s %d", f"/calendar/{KEY}.ics", 7)

    assert "ERROR any: Not Found: /calendar/abcdefgh… 7\nTraceback" in logged.getvalue()
    assert logged.getvalue().endswith("ValueError: nothing at /calendar/abcdefgh…\n")


def test_other_lines_stay_as_they_are(logged):
    logging.getLogger("any").warning("%s", "100% sure")

    assert logged.getvalue().endswith(" WARNING any: 100% sure\n")


def test_every_handler_of_the_site_hides_keys(settings):
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    assert settings.LOGGING["formatters"]["line"]["()"] == "forum.logs.DiscreetFormatter"


@pytest.mark.parametrize("name", ["forum.access", "django.request", "django.security", "granian", "any.library"])
def test_whatever_is_logged_anywhere_has_no_whole_key(logged, name):
    logging.getLogger(name).error("Trouble with /calendar/%s.ics", KEY)

    assert logged.getvalue().endswith(f"ERROR {name}: Trouble with /calendar/abcdefgh…\n")
