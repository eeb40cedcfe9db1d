"""The page "For apps" of an event, and the link to schedule.xml on every page of a programme."""

from __future__ import annotations

import pytest

from agenda.models import Event
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.pages import page

pytestmark = pytest.mark.any_database

XML = "http://testserver/kvm-forum-2019/schedule.xml"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_page_says_what_each_file_is_for(client, kvm_forum):
    root = page(client.get(f"{KVM}apps/"))

    (files,) = root.all("dl.files")
    assert [link["href"] for link in files.all("a")] == [
        f"{KVM}schedule.{kind}" for kind in ("ics", "xml", "json", "xcal", "csv", "xlsx")
    ]
    assert all(words.endswith(".") for words in files.texts("dd"))
    assert [client.get(link["href"]).status_code for link in files.all("a")] == [200] * 6
    assert root.one("code").text == XML


def test_page_has_codes_for_giggity_and_eventfahrplan(client, kvm_forum):
    root = page(client.get(f"{KVM}apps/"))

    assert [code["aria-label"] for code in root.all("svg.qr")] == [
        "QR code that opens the programme in Giggity",
        "QR code of the address of schedule.xml, for EventFahrplan",
    ]
    assert root.link("Open in Giggity") == (
        "https://ggt.gaa.st/#url=http%3A%2F%2Ftestserver%2Fkvm-forum-2019%2Fschedule.xml"
    )
    assert root.link("The address, schedule.xml") == XML


def test_programme_links_the_page_beside_its_calendar_file(client, kvm_forum):
    (foot,) = page(client.get(KVM)).all("p.take-away")

    assert [link["href"] for link in foot.all("a")] == [f"{KVM}schedule.ics?", f"{KVM}apps/"]


@pytest.mark.parametrize(
    "path", ["", "now/", "apps/", "speakers/", "speakers/alex-bennee/", "sessions/nesting-testing/", "?q=x"]
)
def test_every_programme_page_names_the_xml(client, kvm_forum, path):
    links = page(client.get(KVM + path)).all("link", rel="alternate", type="application/vnd.c3voc.schedule+xml")

    assert [link["href"] for link in links] == [f"{KVM}schedule.xml"]


@pytest.mark.parametrize("state", ["hidden", "announced"])
def test_programme_that_is_not_public_names_no_file(client, kvm_forum, editor, state):
    Event.objects.update(state=state)
    client.force_login(editor)

    assert page(client.get(KVM)).all("link", type="application/vnd.c3voc.schedule+xml") == []


def test_announced_event_has_no_files_yet(client, kvm_forum):
    Event.objects.update(state="announced")

    assert page(client.get(f"{KVM}apps/")).texts("h2") == ["The programme is not public yet"]


def test_page_makes_as_many_queries_for_one_event_as_for_three(client, kvm_forum, django_assert_num_queries):
    client.get(f"{KVM}apps/")

    with django_assert_num_queries(1):
        client.get(f"{KVM}apps/")
