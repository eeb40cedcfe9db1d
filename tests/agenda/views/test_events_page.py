"""All events on one page, the switch to another one in the header, and the event that other pages are shown with."""

from __future__ import annotations

import pytest

from agenda.models import Event
from agenda.stars.my_events import SWITCHED
from tests.agenda.kvm_forum import DURING, KVM, add_event, add_session
from tests.pages import page

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


@pytest.fixture
def others(kvm_forum) -> list[Event]:
    """One to come, one that is over, and one that only editors see."""
    return [
        add_event("embedded-days", "Europe/Paris", "2020-03-04", "2020-03-05"),
        add_event("old-summit", "Europe/Paris", "2018-10-31", "2018-11-01"),
        add_event("secret-summit", "Europe/Paris", "2019-12-01", "2019-12-02", "hidden"),
    ]


def switched(response) -> list[str]:
    found = page(response).all("details.switch")
    return found[0].texts("a") if found else []


def header(response) -> str:
    return page(response).texts(".brand")[0].removesuffix(": other events")


def test_single_event_needs_no_switch(client, kvm_forum):
    response = client.get(KVM)

    assert (switched(response), page(response).one("a.brand")["href"]) == ([], KVM)
    assert "event" not in client.cookies


def test_switch_names_the_shown_event_first_and_says_when_the_others_are(client, others, opening):
    client.post(f"{opening.get_absolute_url()}star")

    assert switched(client.get(KVM)) == [
        "KVM Forum 2019 1 ★starred · on now",
        "Embedded Days 4–5 March 2020",
        "Old Summit 2018",
        "All events",
    ]


def test_switch_shows_editors_what_is_hidden(client, others, editor):
    client.force_login(editor)

    assert "Secret Summit hidden" in switched(client.get(KVM))


def test_switch_has_a_limit_that_the_page_of_all_events_has_not(client, others):
    for number in range(SWITCHED):
        add_event(f"more-{number}", "Europe/Paris", "2021-03-04", "2021-03-05")

    assert len(switched(client.get("/old-summit/"))) == SWITCHED + 1
    assert len(page(client.get("/events/")).texts("h3")) == SWITCHED + 3


@pytest.mark.on_postgresql
def test_page_of_all_events_has_them_by_time(client, others, opening):
    client.post(f"{opening.get_absolute_url()}star")

    root = page(client.get("/events/"))

    assert root.texts("h2") == ["On now", "To come", "Past"]
    assert root.texts("h3") == ["KVM Forum 2019", "Embedded Days", "Old Summit"]
    assert root.texts("p.badge") == ["on now", "★ 1 starred"]


def test_page_of_all_events_without_any_says_so(client, db):
    assert page(client.get("/events/")).texts("p.notice") == [
        "There is no event yet. It appears here as soon as an editor has published the first one."
    ]


@pytest.mark.parametrize("path", ["/agenda/", "/accounts/login/", "/events/", "/nothing-here/"])
def test_header_keeps_the_event_last_visited(client, others, path):
    before = header(client.get(path))
    client.get("/old-summit/")

    assert (before, header(client.get(path))) == ("KVM Forum 2019", "Old Summit")


def test_header_forgets_an_event_that_was_hidden(client, others):
    client.get("/old-summit/")
    Event.objects.filter(slug="old-summit").update(state="hidden")

    assert header(client.get("/agenda/")) == "KVM Forum 2019"


def test_home_leads_to_the_current_event_whatever_was_visited(client, others):
    client.get("/old-summit/")

    assert client.get("/")["Location"] == KVM


def test_agenda_begins_with_the_event_that_one_came_from(client, others, opening, time_machine):
    time_machine.move_to("2019-09-01 10:00+00:00", tick=False)  # before both: what runs comes first
    talk = add_session(others[0], "Booting", "2020-03-04 10:00")
    for session in (opening, talk):
        client.post(f"{session.get_absolute_url()}star")

    client.get(others[0].get_absolute_url())

    headings = page(client.get("/agenda/")).texts("h2.day")
    assert [each.partition(" · ")[2] for each in headings if "·" in each] == ["Embedded Days", "KVM Forum 2019"]


@pytest.mark.parametrize("count", [1, 3])
def test_events_take_as_many_queries_for_1_and_3(client, others, opening, django_assert_num_queries, count):
    for number in range(count):
        talk = add_session(others[0], f"Talk {number}", "2020-03-04 10:00")
        client.post(f"{talk.get_absolute_url()}star")

    with django_assert_num_queries(4):  # cookie session, events, stars that are shown, and how many of each event
        client.get("/events/")
