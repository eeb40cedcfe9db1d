"""?at=…: the programme, now and my agenda as attendees see them at another moment."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agenda.models import Announcement, Event, Session
from agenda.programme.access import VISITED
from tests.agenda.kvm_forum import AFTER, BEFORE, DURING, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

THEN = "?at=2019-10-31T11:10"  # DURING, in Lyon
IN_LYON = "?at=2019-10-31T11%3A10%2B01%3A00"  # the same, as the pages write it
NOW = f"{KVM}now/"
PAGES = (KVM, NOW, "/agenda/")
FIRST = "Managing Matryoshkas: Testing Nested Guests"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(AFTER, tick=False)


def is_preview(response: Any) -> bool:
    return bool(page(response).all("p.preview"))


def without_tokens(response: Any) -> str:
    text = response.content.decode().replace("\r\n ", "")  # lines that a calendar file folds
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def on_now(root: Element) -> list[str]:
    """The titles of what is on now."""
    return [line.one("a").text for line in root.all("p.line")]


@pytest.mark.parametrize("who", ["visitor", "alice", "editor", "root"])
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("address", PAGES)
def test_preview_is_for_editors_and_in_debug_for_all(client, request, settings, kvm_forum, address, debug, who):
    settings.DEBUG = debug
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    assert is_preview(client.get(address + THEN)) == (debug or who in ("editor", "root"))


def test_what_others_ask_for_changes_nothing(client, kvm_forum, alice):
    client.force_login(alice)
    without = client.get(f"{KVM}?day=2019-10-31")

    asked = client.get(f"{KVM}?day=2019-10-31&at=2019-10-31T11:10")

    assert [each["href"] for each in page(asked).one("div.finder").all("a")] == [
        each["href"] for each in page(without).one("div.finder").all("a")
    ]
    assert page(asked).one("p.badge").text == page(without).one("p.badge").text == "KVM Forum 2019 has ended"


@pytest.mark.parametrize(
    "at", ["2019-10-31T11:10", "2019-10-31 11:10", "2019-10-31T10:10Z", "2019-10-31T11:10%2B01:00"]
)
def test_now_is_what_is_on_then(client, editor, kvm_forum, at):
    client.force_login(editor)

    root = page(client.get(f"{NOW}?at={at}"))

    assert on_now(root) == [FIRST]
    assert root.one("p.preview").text.startswith("As attendees see it on Thursday, 31 October 2019 at 11:10:")


@pytest.mark.parametrize(
    "at", ["", "soon", "25:70", "0001-01-01T00:00Z", "9999-12-31T23:59", "2019-10-31T11:10:61", "٢"]
)
@pytest.mark.parametrize("address", PAGES)
def test_what_is_no_moment_shows_the_present(client, editor, kvm_forum, address, at):
    client.force_login(editor)

    response = client.get(address, {"at": at})

    assert (response.status_code, is_preview(response)) == (200, False)


@pytest.mark.parametrize(
    ("at", "badges"),
    [("2019-10-30T09:00", []), ("2019-10-31T11:10", ["on now"]), ("2019-11-02T09:00", ["KVM Forum 2019 has ended"])],
)
def test_programme_says_what_it_will_say(client, editor, kvm_forum, at, badges):
    client.force_login(editor)

    assert page(client.get(f"{KVM}?at={at}")).texts("p.badge") == badges


def test_header_says_what_is_on_then(client, editor, kvm_forum):
    add_event("another", "Europe/Paris", "2030-05-01", "2030-05-02")
    client.force_login(editor)
    client.get(KVM)

    for address in PAGES:
        root = page(client.get(address + IN_LYON))
        assert root.one("details.switch").all("li")[0].text.endswith("on now")


def test_my_agenda_names_what_is_next_then(client, editor, kvm_forum):
    client.force_login(editor)
    client.post(f"{KVM}sessions/{session_of('Nesting').slug}/star")

    root = page(client.get(f"/agenda/{THEN}"))

    assert root.one("section", id="mine-now").one("div").text.startswith("Next in 20 min · Forum 3 Nesting&testing")
    assert [time for time in root.all("time") if "data-minutes" in time.attributes] == []
    assert root.one("div.columns")["hx-get"] == f"/agenda/{IN_LYON}"


def test_preview_of_my_agenda_is_in_the_zone_of_the_event_last_visited(client, editor, kvm_forum):
    add_session(add_event("tokyo", "Asia/Tokyo", "2019-10-31", "2019-10-31"), "Morning", "2019-10-31 11:00")
    client.force_login(editor)
    client.get("/tokyo/")

    assert page(client.get(f"/agenda/{THEN}")).one("p.preview").one("time")["datetime"] == "2019-10-31T11:10:00+09:00"


def test_announcements_are_those_of_that_moment(client, editor, kvm_forum):
    Announcement.objects.create(event=kvm_forum, text="Lunch", start=DURING, end=DURING + timedelta(hours=1))
    client.force_login(editor)
    client.post(f"{KVM}sessions/{session_of('Nesting').slug}/star")

    for address in PAGES:
        assert "Lunch" in client.get(address + THEN).content.decode()
        assert "Lunch" not in client.get(address).content.decode()


def test_preview_shows_no_unpublished_session(client, editor, opening):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    client.force_login(editor)

    for address in (KVM, NOW):
        assert FIRST not in client.get(address + THEN).content.decode()
    assert FIRST in client.get(KVM).content.decode()


def test_preview_of_a_hidden_event_shows_its_sessions(client, editor, kvm_forum):
    Event.objects.update(state="hidden")
    client.force_login(editor)

    assert on_now(page(client.get(NOW + THEN))) == [FIRST]


def test_preview_leads_to_the_other_pages_and_out(client, editor, kvm_forum):
    client.force_login(editor)

    banner = page(client.get(f"{KVM}?day=2019-10-31&at=2019-10-31T11:10")).one("p.preview")

    assert {each.text: each["href"] for each in banner.all("a")} == {
        "programme": KVM + IN_LYON,
        "now": NOW + IN_LYON,
        "my agenda": f"/agenda/{IN_LYON}",
        "Back to the present": f"{KVM}?day=2019-10-31",
    }


def test_filters_stay_in_the_preview_and_the_calendar_file_does_not(client, editor, kvm_forum):
    client.force_login(editor)

    root = page(client.get(KVM + THEN))

    assert [each["href"] for each in root.one("nav.segments", id="days").all("a")] == [
        f"?{day}&at=2019-10-31T11%3A10" for day in ("day=2019-10-31", "day=2019-11-01", "day=all")
    ]
    assert next((each["name"], each["value"]) for each in root.one("form.find").all("input")) == ("at", THEN[4:])
    assert root.one("p.take-away").all("a")[0]["href"] == f"{KVM}schedule.ics?"


@pytest.mark.parametrize("address", PAGES)
def test_preview_is_stored_nowhere_and_notes_nothing(client, editor, kvm_forum, address):
    add_event("another", "Europe/Paris", "2030-05-01", "2030-05-02")
    client.force_login(editor)
    client.get(address + THEN)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address + THEN)

    assert [query["sql"] for query in queries if not query["sql"].lstrip("(").startswith("SELECT")] == []
    assert "no-store" in response["Cache-Control"]
    assert VISITED not in response.cookies
    assert "ETag" not in response


@pytest.mark.parametrize("address", PAGES)
def test_real_page_is_the_same_after_a_preview(client, editor, kvm_forum, time_machine, address):
    time_machine.move_to(BEFORE, tick=False)
    client.force_login(editor)
    before = without_tokens(client.get(address))

    client.get(address + THEN)

    assert without_tokens(client.get(address)) == before


@pytest.mark.parametrize("path", ["speakers/", "changes/", "schedule.ics", "changes.atom"])
def test_other_pages_know_no_preview(client, editor, kvm_forum, path):
    client.force_login(editor)
    client.get(KVM)

    assert without_tokens(client.get(KVM + path + THEN)).replace(THEN, "") == without_tokens(client.get(KVM + path))


@pytest.mark.on_postgresql
@pytest.mark.parametrize("address", [KVM, NOW])
def test_event_that_has_ended_offers_in_debug_how_it_was(client, settings, kvm_forum, address):
    assert page(client.get(address)).all("a.as-it-was") == []
    settings.DEBUG = True

    link = page(client.get(address)).one("a.as-it-was")

    assert link.text == "See it as it was on Thursday, 31 October at 11:10"
    assert link["href"] == address + IN_LYON
    assert on_now(page(client.get(NOW + IN_LYON))) == [FIRST]


def test_moment_that_the_clocks_skip_is_the_one_after(client, editor, kvm_forum):
    client.force_login(editor)

    shown = page(client.get(f"{NOW}?at=2019-03-31T02:30")).one("p.preview").one("time")["datetime"]

    assert datetime.fromisoformat(shown) == datetime(2019, 3, 31, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
