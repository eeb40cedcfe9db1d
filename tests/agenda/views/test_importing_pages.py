"""Bringing a programme in by the pages: a file or an address becomes a plan; what cannot be read changes nothing."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from agenda.editing import incoming
from agenda.editing.fetching import Fetched, FetchFailed
from agenda.models import Event, Plan, Room, Session, Source
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.agenda.shared_programmes import shared

pytestmark = pytest.mark.any_database

XML = """<?xml version="1.0"?>
<schedule><version>1</version>
<conference><acronym>spring</acronym><title>Spring</title><start>2026-03-01</start><end>2026-03-01</end><days>1</days>
{zone}</conference>
<day index="1" date="2026-03-01" start="2026-03-01T08:00:00+01:00" end="2026-03-01T20:00:00+01:00">
<room name="Main">
<event id="1" guid="11111111-1111-4111-8111-111111111111"><date>{date}</date><start>09:00</start>
<duration>01:00</duration><room>Main</room><title>{title}</title><persons><person id="1">Ada</person></persons></event>
</room></day></schedule>"""
ZONE = "<time_zone_name>Europe/Berlin</time_zone_name>"


def xml(title: str = "KVM", zone: str = ZONE, date: str = "2026-03-01T09:00:00+01:00") -> SimpleUploadedFile:
    return SimpleUploadedFile("schedule.xml", XML.format(title=title, zone=zone, date=date).encode())


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")


@pytest.fixture
def client(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def test_file_becomes_a_plan_and_nothing_else(client, event, editor):
    response = client.post("/spring/edit/import/", {"file": xml()})

    plan = Plan.objects.get()
    assert response["Location"] == f"/spring/edit/plans/{plan.pk}/"
    assert (plan.source.name, plan.made_by, plan.state, Session.objects.count()) == (
        "schedule.xml",
        editor,
        "waiting",
        0,
    )


def test_new_event_is_made_hidden_with_the_days_and_zone_of_the_file(client, editor):
    response = client.post("/edit/import/", {"file": xml()})

    made = Event.objects.get()
    history = text_of(client.get(f"/{made.slug}/edit/history/"))
    assert f"Event: Spring added by import of schedule.xml {editor}" in history
    assert response["Location"] == f"/spring/edit/plans/{Plan.objects.get().pk}/"
    assert (made.name, made.state, made.time_zone, str(made.starts_on)) == (
        "Spring",
        "hidden",
        "Europe/Berlin",
        "2026-03-01",
    )


def test_file_without_a_zone_is_asked_about_and_read_again(client):
    asked = client.post("/edit/import/", {"file": xml(zone="", date="2026-03-01T01:00:00")})
    plan = Plan.objects.get()
    page = client.get(asked["Location"], follow=True)

    answered = client.post(f"/spring/edit/plans/{plan.pk}/reading/", {"zone": "America/New_York"})

    plan.refresh_from_db()
    assert "How the file is read" in page.content.decode()
    assert answered["Location"] == f"/spring/edit/plans/{plan.pk}/"
    assert plan.wanted["sessions"][0]["wanted"]["when"][0] == "2026-03-01T06:00:00+00:00"
    assert (plan.event.time_zone, str(plan.event.starts_on), plan.source.zone) == (
        "America/New_York",
        "2026-02-28",
        "America/New_York",
    )


@pytest.mark.parametrize("zone", ["", "Nowhere/Land"])
def test_zone_that_is_none_is_asked_again(client, zone):
    client.post("/edit/import/", {"file": xml(zone="", date="2026-03-01T01:00:00")})

    response = client.post(f"/spring/edit/plans/{Plan.objects.get().pk}/reading/", {"zone": zone})

    assert (response.status_code, Event.objects.get().time_zone) == (422, "UTC")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a file, or write the address that the programme is at."),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")}, "PDF"),
        ({"file": SimpleUploadedFile("a.xml", XML[:300].encode())}, "schedule.xml"),
        ({"address": "http://conference.example/a.xml"}, "Only addresses that begin with https:// are fetched."),
        ({"address": "https://127.0.0.1/a.xml"}, ""),
        ({"address": "https://conference.example/" + "a" * 200}, "The address has more than 200 characters."),
    ],
)
@pytest.mark.parametrize("page", ["/spring/edit/import/", "/edit/import/"])
def test_what_cannot_be_read_is_refused_in_a_sentence_and_changes_nothing(client, event, page, sent, sentence):
    for file in sent.values():
        getattr(file, "seek", lambda _: None)(0)

    response = client.post(page, sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert 'role="alert"' in response.content.decode()
    assert (Plan.objects.count(), Source.objects.count(), Event.objects.count()) == (0, 0, 1)


def test_address_is_fetched_and_followed(client, event, monkeypatch):
    data = xml().read()
    asked = []

    def fetch(address: str, *, patience: float) -> Fetched:
        asked.append((address, patience))
        return Fetched(data, '"1"', "", "schedule.xml")

    monkeypatch.setattr(incoming, "fetch", fetch)  # the network is not ours
    client.post("/spring/edit/import/", {"address": " https://conference.example/schedule.xml "})

    source = Source.objects.get()
    assert asked == [("https://conference.example/schedule.xml", 10.0)]
    assert (source.name, source.address, source.etag) == (*["https://conference.example/schedule.xml"] * 2, '"1"')


def test_address_that_gives_nothing_is_said(client, event, monkeypatch):
    monkeypatch.setattr(
        incoming, "fetch", lambda *_, **__: FetchFailed("The server has nothing at this address (404).")
    )

    response = client.post("/spring/edit/import/", {"address": "https://conference.example/schedule.xml"})

    assert "The server has nothing at this address (404)." in response.content.decode()


def test_file_of_another_name_with_the_same_sessions_is_a_newer_one_of_its_source(client, event):
    client.post("/spring/edit/import/", {"file": xml()})
    plan = Plan.objects.get()
    client.post(f"/spring/edit/plans/{plan.pk}/", {"do": "publish", "fingerprint": _fingerprint(client, plan)})
    newer = xml("KVM 2")
    newer.name = "schedule-v2.xml"

    client.post("/spring/edit/import/", {"file": newer})

    assert [source.name for source in Source.objects.all()] == ["schedule-v2.xml"]


@pytest.mark.on_postgresql
def test_form_that_is_sent_twice_makes_one_event(client):
    page = client.get("/edit/import/").content.decode()
    once = page.partition('name="once" value="')[2].partition('"')[0]

    answers = {client.post("/edit/import/", {"file": xml(), "once": once})["Location"] for _ in range(2)}

    assert (Event.objects.count(), answers) == (1, {f"/spring/edit/plans/{once}/"})


def test_name_that_is_given_is_the_new_events(client):
    client.post("/edit/import/", {"file": xml(), "name": "Spring of Code", "zone": "Europe/Paris"})

    assert (Event.objects.get().slug, Event.objects.get().time_zone) == ("spring-of-code", "Europe/Paris")


@pytest.mark.parametrize("path", ["/spring/edit/import/", "/edit/import/"])
def test_pages_are_for_editors_alone(event, alice, path):
    other = Client()
    assert (other.get(path).status_code, other.post(path, {"file": xml()}).status_code) == (404, 404)
    other.force_login(alice)
    assert (other.get(path).status_code, other.post(path, {"file": xml()}).status_code) == (404, 404)
    assert Plan.objects.count() == 0


def test_editors_find_the_way_to_a_new_event(client, alice):
    other = Client()

    assert 'href="/edit/import/"' in client.get("/events/").content.decode()
    assert 'href="/edit/import/"' in client.get("/admin/agenda/event/").content.decode()
    assert 'href="/edit/import/"' not in other.get("/events/").content.decode()


def _fingerprint(client: Client, plan: Plan, slug: str = "spring") -> str:
    page = client.get(f"/{slug}/edit/plans/{plan.pk}/").content.decode()
    return page.partition('name="fingerprint" value="')[2].partition('"')[0]


TABLE = "Was;Wer;Tag;Von;Bis;Fee\nSoldering;Kathy Moore;1.3.2026;16.30;17.30;yes\n"


def table(text: str = TABLE) -> SimpleUploadedFile:
    return SimpleUploadedFile("workshops.csv", text.encode())


MATCHED = {"column:Was": "title", "column:Wer": "speakers", "column:Tag": "date", "column:Von": "start"}


def test_columns_are_shown_with_a_real_value_and_matched(client, event):
    asked = client.post("/spring/edit/import/", {"file": table()}, follow=True)
    plan = Plan.objects.get()
    page = text_of(asked)

    answered = client.post(
        f"/spring/edit/plans/{plan.pk}/reading/",
        {**MATCHED, "column:Bis": "end", "column:Fee": "", "zone": "Europe/Berlin"},
    )

    plan.refresh_from_db()
    wanted = plan.wanted["sessions"][0]["wanted"]
    assert "Von 16.30 read as 16:30" in page
    assert answered["Location"] == f"/spring/edit/plans/{plan.pk}/"
    assert (wanted["title"], wanted["speakers"], wanted["when"][0]) == (
        "Soldering",
        ["Kathy Moore"],
        "2026-03-01T15:30:00+00:00",
    )
    assert plan.source.columns["Was"] == "title"


def test_columns_that_were_matched_are_not_asked_again(client, event):
    client.post("/spring/edit/import/", {"file": table()})
    first = Plan.objects.get()
    answers = {**MATCHED, "column:Bis": "end", "column:Fee": "", "zone": "Europe/Berlin"}
    client.post(f"/spring/edit/plans/{first.pk}/reading/", answers)

    response = client.post("/spring/edit/import/", {"file": table(TABLE.replace("Soldering", "Welding"))}, follow=True)

    plan = Plan.objects.get(state="waiting")
    assert "Review the import" in text_of(response)
    assert plan.wanted["sessions"][0]["wanted"]["title"] == "Welding"


@pytest.mark.on_postgresql
def test_spreadsheet_may_be_a_new_event_on_the_days_of_its_rows(client):
    client.post("/edit/import/", {"file": table(), "name": "Workshops"})
    plan = Plan.objects.get()

    client.post(f"/workshops/edit/plans/{plan.pk}/reading/", {**MATCHED, "column:Bis": "end", "zone": "Europe/Berlin"})

    made = Event.objects.get()
    assert (str(made.starts_on), str(made.ends_on), made.time_zone) == ("2026-03-01", "2026-03-01", "Europe/Berlin")


def test_columns_without_a_title_are_asked_again(client, event):
    client.post("/spring/edit/import/", {"file": table()})

    response = client.post(
        f"/spring/edit/plans/{Plan.objects.get().pk}/reading/",
        {**MATCHED, "column:Was": "", "zone": "Europe/Berlin"},
    )

    assert response.status_code == 422
    assert "has no column for the title" in response.content.decode()


def test_file_is_forgotten_once_the_plan_is_published(client, event):
    client.post("/spring/edit/import/", {"file": table("Title;Date;Start;End\nA;1.3.2026;9:00;10:00\n")})
    plan = Plan.objects.get()
    client.post(f"/spring/edit/plans/{plan.pk}/reading/", {"zone": "Europe/Berlin"})

    client.post(f"/spring/edit/plans/{plan.pk}/", {"do": "publish", "fingerprint": _fingerprint(client, plan)})

    plan.refresh_from_db()
    assert (plan.state, "file" in plan.wanted, Session.objects.get().title) == ("published", False, "A")


def test_columns_that_nobody_knows_are_asked_about_though_others_were_matched_before(client, event):
    client.post("/spring/edit/import/", {"file": table()})
    client.post(
        f"/spring/edit/plans/{Plan.objects.get().pk}/reading/",
        {**MATCHED, "column:Bis": "end", "column:Fee": "", "zone": "Europe/Berlin"},
    )

    response = client.post("/spring/edit/import/", {"file": table("Quoi;Quand\nSouder;1.3.2026 9:00\n")}, follow=True)

    assert "How the file is read" in text_of(response)
    assert Plan.objects.get(state="waiting").wanted["sessions"] == []


FAULTY = (
    "Title;Date;Start;End;Room\nSoldering;2026-03-01;9:00;10:00;Main\nWelding;2026-03-01;25:30;16:00;Main\n"
    "Glueing;2026-03-01;1x:00;17:00;Maim\nParty;2026-05-01;20:00;21:00;Main\n"
)


def test_cells_are_mended_on_the_spot_until_all_are_answered(client, event):
    room = Room.objects.create(event=event, name="Main", slug="main")
    add_session(event, "Opening", "2026-03-01T08:00", room=room)
    asked = client.post("/spring/edit/import/", {"file": table(FAULTY)}, follow=True)
    plan = Plan.objects.get()
    page, reading = asked.content.decode(), f"/spring/edit/plans/{plan.pk}/reading/"
    zone = {"zone": "Europe/Berlin"}

    again = client.post(reading, {**zone, "cell:0:C3": "15:30", "cell:0:C4": "1y:00", "cell:0:B5": ""}, follow=True)
    asked_room = client.post(reading, {**zone, "cell:0:C4": "16:00"}, follow=True)
    done = client.post(reading, {**zone, "cell:0:E4": "Main"}, follow=True)

    assert "3 cells to mend" in page
    assert 'name="cell:0:C3" value="15:30"' in page
    assert "1 cell to mend" in text_of(again)
    assert "“1y:00” is no date or time" in text_of(again)
    assert "Maim: a new room" in text_of(asked_room)
    assert "Review the import" in text_of(done)
    assert "row 5, column Date: The row was left out, as you chose." in text_of(done)
    plan.refresh_from_db()
    assert [(each["wanted"]["title"], each["wanted"]["room"]) for each in plan.wanted["sessions"]] == [
        ("Soldering", "Main"),
        ("Welding", "Main"),
        ("Glueing", "Main"),
    ]


def test_several_files_become_one_plan(client, event):
    people = SimpleUploadedFile("people.csv", b"Name;Company\nAda;IBM\n")

    unknown = table(TABLE.replace("Was;", "Sache;"))
    client.post("/spring/edit/import/", {"file": [xml(), people, unknown]})
    plan = Plan.objects.get()
    columns = {"Sache": "title", "Wer": "speakers", "Tag": "date", "Von": "start", "Bis": "end", "Fee": ""}
    answers = {"zone": "Europe/Berlin", **{f"column:{header}": field for header, field in columns.items()}}
    page = client.post(f"/spring/edit/plans/{plan.pk}/reading/", answers, follow=True)

    plan.refresh_from_db()
    assert (plan.title, plan.source.name) == (
        "schedule.xml and CSV table, 2 sessions",
        "people.csv, schedule.xml, workshops.csv",
    )
    assert [each["about"] for each in plan.wanted["speakers"] if each["name"] == "Ada"] == [{"organisation": "IBM"}]
    assert "Review the import" in text_of(page)


def test_cells_of_several_tables_are_told_apart(client, event):
    files = [table(FAULTY), table(FAULTY.replace("Welding", "Sawing"))]
    files[1].name = "more.csv"

    page = client.post("/spring/edit/import/", {"file": files}, follow=True).content.decode()

    assert page.count("workshops.csv, C3") == page.count("more.csv, C3") == 1
    assert page.count('name="cell:0:C3"') == page.count('name="cell:1:C3"') == 1


def test_second_state_of_a_real_programme_is_reviewed_with_its_known_numbers(client):
    """8 gone, 21 new, 35 changed: counted by hand from the two files."""
    first, second = (
        SimpleUploadedFile(f"joco-{name}.ics", shared(f"joco-2023-{name}.sched.ics").read_bytes())
        for name in ("v1", "v2")
    )
    client.post("/edit/import/", {"file": first, "name": "Cruise", "zone": "America/New_York"})
    plan = Plan.objects.get()
    client.post(
        f"/cruise/edit/plans/{plan.pk}/", {"do": "publish", "fingerprint": _fingerprint(client, plan, "cruise")}
    )

    page = text_of(client.post("/cruise/edit/import/", {"file": second}, follow=True))

    assert "35 changed 21 new 8 gone, cancelled 368 as they are" in page
