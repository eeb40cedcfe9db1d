"""SITE_NAME: the one name of the site on pages, in mails and in calendars; no name breaks any of them."""

from __future__ import annotations

import plistlib
import re

import icalendar
import pytest
from django.core import mail
from django.template.loader import render_to_string

from accounts.models import CalendarKey
from tests.accounts.steps import log_in
from tests.calendars import values
from tests.forum.test_checks import STRONG, run
from tests.pages import page, read_html

pytestmark = pytest.mark.any_database

TITLES = {
    "/": "{}",
    "/accounts/login/": "Log in · {}",
    "/accounts/": "My account · {}",
    "/nothing/": "Not found · {}",
}
HARMLESS = [
    "Forum agenda",
    'The "Best" Forum\'s </title><script>alert(1)</script>',
    r"Backslash\n, semicolon; comma, //EN & {{ user }}",
    "🎪 Größe 漢字 " + "🎪" * 48,
]


@pytest.fixture(params=HARMLESS)
def name(request, settings) -> str:
    settings.SITE_NAME = request.param
    return str(request.param)


@pytest.mark.parametrize("name", ["", "   ", "Two\nlines", "Tab\there", "Bell\a", "Line\u2028separator", "x" * 200])
def test_name_that_is_empty_long_or_not_one_line_is_refused(tmp_path, name):
    done = run(["-c", "import forum.settings"], tmp_path, SITE_NAME=name, SECRET_KEY=STRONG)

    assert done.returncode == 1
    assert f"SITE_NAME is {name.strip()!r}; write 1 to 60 characters on one line, like Forum agenda" in done.stderr


@pytest.mark.parametrize("given", [" Forum ", *HARMLESS])
def test_any_other_name_is_taken(tmp_path, given):
    code = ["-c", "from forum import settings; print(ascii(settings.SITE_NAME))"]
    done = run(code, tmp_path, SITE_NAME=given, SECRET_KEY=STRONG)

    assert (done.returncode, done.stdout.strip()) == (0, ascii(given.strip()))


@pytest.mark.parametrize("address", TITLES)
def test_page_is_titled_with_it_and_runs_nothing_of_it(client, alice, name, address):
    if address == "/accounts/":
        log_in(client, alice)

    root = page(client.get(address))

    assert root.one("title").text == TITLES[address].format(name)
    assert root.one("meta", property="og:site_name")["content"] == name
    assert root.one("a.brand").text == name
    assert [script.text for script in root.all("script") if script.text] == []


def test_page_that_can_rely_on_no_request_has_it(name):
    root = read_html(render_to_string("500.html"))

    assert root.one("title").text == f"Our mistake · {name}"
    assert root.one("a.brand").text == name


def test_mail_ends_with_it_as_it_is(client, alice, name):
    client.post("/accounts/login/code/", {"email": alice.email})

    assert mail.outbox[0].body.splitlines()[-1] == f"{name}, http://testserver/"


def test_calendar_has_it_in_its_name_and_product_and_is_fetched_anew(client, alice, settings):
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="once")
    etags = set()
    for settings.SITE_NAME in HARMLESS:
        response = client.get(f"/calendar/{key}.ics", headers={"if-none-match": ", ".join(etags)})
        etags.add(response["ETag"])

        read = [re.sub(r"\\(.)", r"\1", values(response, name)[0]) for name in ("NAME", "X-WR-CALNAME", "PRODID")]
        assert read == [f"My agenda · {settings.SITE_NAME}"] * 2 + [f"-//{settings.SITE_NAME} {settings.VERSION}//EN"]
        assert icalendar.Calendar.from_ical(response.content)["VERSION"] == "2.0"
        assert max(map(len, response.content.split(b"\r\n"))) <= 75
    assert len(etags) == len(HARMLESS)


def test_profile_for_apple_names_the_calendar_after_it(client, alice, name):
    log_in(client, alice)

    response = client.post("/agenda/calendars/add", {"place": "caldav", "once": "once", "profile": "1"})

    assert plistlib.loads(response.content)["PayloadDisplayName"] == f"My agenda · {name}"
