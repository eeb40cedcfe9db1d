"""Stars in other apps: handed over as a link and a table, and brought along from lists and files."""

from __future__ import annotations

import csv
import io
import json
import zlib
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agenda.models import Session, Star, StarLog
from agenda.stars.starred import VISITOR_STARS
from agenda.views import apps
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

PAGE, READ, STAR, TABLE = "/agenda/apps/", "/agenda/apps/read", "/agenda/apps/star", "/agenda/stars.csv"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def brought(kvm_forum) -> list[Session]:
    """Two sessions that are brought along, in order of time."""
    return [session_of("Nesting&testing"), session_of("KubeVirt")]


def handed(root: Element) -> dict[str, tuple[str, list[str]]]:
    """By the words of each link to Giggity: the address of the programme, and the guids."""
    found = {}
    for link in root.all("a"):
        if link["href"].startswith("https://ggt.gaa.st/"):
            told = parse_qs(urlsplit(link["href"]).fragment)
            found[link.text] = (told["url"][0], json.loads(zlib.decompress(urlsafe_b64decode(told["see"][0]))))
    return found


def found_in(response) -> tuple[list[str], list[str]]:
    """The titles offered, and the sentence about what is unknown."""
    root = page(response)
    titles = [item.all("bdi")[0].text for items in root.all("ul.brought") for item in items.all("li")]
    return titles, root.texts("p.notice")


def test_link_for_each_event_holds_its_stars_alone(client, alice, starred):
    other = add_event("other-forum", "Europe/Paris", "2019-12-01", "2019-12-01")
    elsewhere = add_session(other, "Elsewhere", "2019-12-01 11:00")
    Star.objects.create(user=alice, session=elsewhere)
    no_time = Session.objects.create(event=other, title="Later", slug="later")  # which is in no schedule.xml
    Star.objects.create(user=alice, session=no_time)
    client.force_login(alice)

    links = handed(page(client.get(PAGE)))

    in_order = sorted(starred, key=lambda session: session.start)
    assert links == {
        "3 talks of KVM Forum 2019": (
            "http://testserver/kvm-forum-2019/schedule.xml",
            [str(session.guid) for session in in_order],
        ),
        "1 talk of Other Forum": ("http://testserver/other-forum/schedule.xml", [str(elsewhere.guid)]),
    }


def test_visitor_hands_over_stars_too_and_bob_sees_nothing_of_them(client, bob, brought):
    client.post(f"{brought[0].get_absolute_url()}star")
    others = Client()
    others.force_login(bob)

    root = page(client.get(PAGE))

    assert handed(root)["1 talk of KVM Forum 2019"][1] == [str(brought[0].guid)]
    assert root.one("svg.qr")["aria-label"] == "QR code of the link to Giggity"
    assert handed(page(others.get(PAGE))) == {}


def test_cancelled_and_unpublished_stars_are_not_handed_over(client, alice, starred):
    Session.objects.filter(pk=starred[0].pk).update(status="cancelled")
    Session.objects.filter(pk=starred[1].pk).update(is_published=False)
    client.force_login(alice)

    assert list(handed(page(client.get(PAGE)))) == ["1 talk of KVM Forum 2019"]


def test_link_is_bounded_and_says_so(client, alice, starred, monkeypatch):
    monkeypatch.setattr(apps, "MOST_HANDED_OVER", 2)
    monkeypatch.setattr(apps, "LONGEST_IN_QR", 50)
    client.force_login(alice)

    root = page(client.get(PAGE))

    assert [len(guids) for _, guids in handed(root).values()] == [2]
    assert root.texts("small") == ["The link holds the first 2."]
    assert root.all("svg.qr") == []


def test_table_has_the_persons_stars_alone(client, alice, bob, starred):
    client.force_login(alice)
    other = Client()
    other.force_login(bob)

    response = client.get(TABLE)

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    in_order = sorted(starred, key=lambda session: session.start)
    assert [(row["Event"], row["ID"]) for row in rows] == [("KVM Forum 2019", str(each.guid)) for each in in_order]
    assert "no-store" in response["Cache-Control"]
    assert len(other.get(TABLE).content.splitlines()) == 1


@pytest.mark.on_postgresql
@pytest.mark.parametrize("events", [2, 4])
def test_table_and_page_make_as_many_queries_for_two_events_as_for_four(
    client, alice, events, django_assert_num_queries
):
    client.force_login(alice)
    for number in range(events):
        event = add_event(f"forum-{number}", "Europe/Paris", "2019-12-01", "2019-12-01")
        Star.objects.create(user=alice, session=add_session(event, "Talk", "2019-12-01 11:00"))

    with django_assert_num_queries(6):  # cookie session, user, stars; sessions with their people and materials
        client.get(TABLE)
    with django_assert_num_queries(7):
        client.get(PAGE)


def as_ics(sessions: list[Session]) -> bytes:
    vevents = "".join(f"BEGIN:VEVENT\r\nUID:{session.guid}\r\nEND:VEVENT\r\n" for session in sessions)
    return f"BEGIN:VCALENDAR\r\n{vevents}END:VCALENDAR\r\n".encode()


def as_fahrplan(sessions: list[Session]) -> bytes:
    return json.dumps({"lectures": [{"lecture_id": str(each.pk), "title": each.title} for each in sessions]}).encode()


@pytest.mark.on_postgresql
@pytest.mark.parametrize("written", [as_ics, as_fahrplan])
def test_file_shows_what_is_in_it_and_stars_nothing(client, alice, brought, written):
    client.force_login(alice)

    response = client.post(READ, {"file": SimpleUploadedFile("any", written(brought))})

    assert found_in(response) == ([each.title for each in brought], [])
    assert Star.objects.count() == 0


def test_list_says_what_is_unknown_hidden_or_starred_already(client, alice, starred):
    Session.objects.filter(pk=starred[2].pk).update(is_published=False)
    opening = session_of("Managing Matryoshkas")
    unknown = uuid4()
    client.force_login(alice)

    response = client.post(READ, {"list": f"{opening.guid} {starred[0].guid}\n{unknown}, {starred[2].guid}"})

    titles, notices = found_in(response)
    assert titles == [opening.title]
    assert notices == [f"2 are in no programme here: {unknown}, {starred[2].guid}"]
    assert page(response).one("p.sub").text == "1 more is in your agenda already."


def test_id_of_another_programme_with_another_title_is_unknown(client, brought):
    told = {"lectures": [{"lecture_id": str(brought[0].pk), "title": "Opening of another conference <b>"}]}

    response = client.post(READ, {"list": json.dumps(told)})

    assert found_in(response) == ([], ["1 is in no programme here: Opening of another conference <b>"])


@pytest.mark.on_postgresql
@pytest.mark.parametrize("text", ["", "nothing", "{}", "\0", "x" * 1000])
def test_what_is_not_recognised_is_said(client, kvm_forum, text):
    response = client.post(READ, {"list": text})

    assert (response.status_code, page(response).one("p.errors").text) == (422, apps.NOTHING_FOUND)


def test_too_many_at_once_are_refused_in_words(client, kvm_forum):
    response = client.post(READ, {"list": " ".join(str(uuid4()) for _ in range(501))})

    assert (response.status_code, page(response).one("p.errors").text) == (422, apps.TOO_MANY)


def test_brought_talks_are_starred_at_once_and_again_without_harm(client, alice, brought):
    client.force_login(alice)
    form = {"guid": [str(each.guid) for each in brought]}

    answers = [client.post(STAR, form, follow=True) for _ in range(2)]

    assert [page(each).texts("p.success") for each in answers] == [
        ["2 more talks are in your agenda."],
        ["0 more talks are in your agenda."],
    ]
    assert set(alice.stars.values_list("session", flat=True)) == {each.pk for each in brought}
    assert StarLog.objects.filter(user=alice, starred=True, through="page").count() == 2


def test_visitor_brings_stars_along_too(client, brought):
    response = client.post(STAR, {"guid": [str(brought[0].guid), str(uuid4()), "nonsense"]})

    assert (response.status_code, response["Location"]) == (302, "/agenda/")
    assert client.session[VISITOR_STARS] == [brought[0].pk]


def test_hidden_talk_cannot_be_starred(client, alice, brought):
    Session.objects.filter(pk=brought[0].pk).update(is_published=False)
    client.force_login(alice)

    client.post(STAR, {"guid": [str(brought[0].guid)]})

    assert Star.objects.count() == 0


def test_reading_and_starring_take_a_constant_number_of_queries(client, alice, kvm_forum, django_assert_num_queries):
    client.force_login(alice)
    guids = [str(guid) for guid in Session.objects.values_list("guid", flat=True)]

    for some in (guids[:1], guids[1:4]):
        with django_assert_num_queries(6):
            client.post(READ, {"list": " ".join(some)})


@pytest.mark.parametrize(("address", "method"), [(PAGE, "post"), (TABLE, "post"), (READ, "get"), (STAR, "get")])
def test_page_refuses_the_wrong_method(client, db, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_my_agenda_leads_there(client, db):
    assert page(client.get("/agenda/")).link("Stars in other apps") == PAGE
