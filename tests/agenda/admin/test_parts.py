"""Rooms, tracks, speakers and events in /admin/: what sessions show of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agenda.models import Event, Room, Session, SessionRevision, Speaker, Track
from tests.agenda.admin.editing import address, change, errors, filled, messages, page, send
from tests.agenda.kvm_forum import BEFORE, add_event, add_session

pytestmark = pytest.mark.any_database

LOADED = datetime(2019, 10, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def updates():
    return set(Session.objects.values_list("updated", flat=True))


def test_renaming_a_room_moves_its_sessions_version_on(desk, opening):
    change(desk, opening.room, name="Forum Three")

    opening.refresh_from_db()
    assert (opening.room.name, opening.sequence) == ("Forum Three", 0)
    assert updates() == {BEFORE}


def test_renaming_a_track_or_the_event_moves_its_sessions_version_on(desk, opening):
    for row in (opening.track, opening.event):
        Session.objects.update(updated=LOADED)
        change(desk, row, name="Another name")

        assert updates() == {BEFORE}


def test_renaming_a_speaker_moves_their_sessions_version_on(desk, kvm_forum):
    chao_peng = kvm_forum.speakers.get(name="Chao Peng")

    change(desk, chao_peng, name="Peng Chao")

    assert Session.objects.filter(updated=BEFORE).count() == 2


def test_renaming_a_speaker_offers_to_mend_the_bylines_that_name_them(desk, editor, kvm_forum):
    chao_peng = kvm_forum.speakers.get(name="Chao Peng")
    add_session(kvm_forum, "Draft", "2019-10-31 18:00", byline="Chao Pengfei, Intel")

    offer = page(desk.get(address(chao_peng))).one("div.field-mend_bylines").one("label").text
    response = change(desk, chao_peng, name=r"Peng \1 Chao", mend_bylines="on")

    assert offer == "2 bylines name “Chao Peng”: change them too?"
    assert "Changed 2 bylines." in messages(response)
    assert set(SessionRevision.objects.values_list("by", "changes__byline__1")) == {
        (editor.pk, r"Jing Liu & Peng \1 Chao, Intel"),
        (editor.pk, r"Tianyu Lan, Microsoft & Peng \1 Chao, Intel"),
    }
    assert Session.objects.get(title="Draft").byline == "Chao Pengfei, Intel"


def test_bylines_stay_unless_that_is_asked_for(desk, kvm_forum):
    response = change(desk, kvm_forum.speakers.get(name="Chao Peng"), name="Peng Chao")

    assert "2 bylines still name “Chao Peng”." in messages(response)
    assert not SessionRevision.objects.exists()


def test_speaker_whom_no_byline_names_has_no_offer(desk, kvm_forum):
    Session.objects.update(byline="")

    root = page(desk.get(address(kvm_forum.speakers.get(name="Chao Peng"))))

    assert root.all("div.field-mend_bylines") == []


def test_byline_that_would_become_too_long_is_refused(desk, kvm_forum):
    session = Session.objects.filter(byline__contains="Chao Peng").first()
    Session.objects.filter(pk=session.pk).update(byline="x " * 115 + "& Chao Peng")

    response = change(desk, kvm_forum.speakers.get(name="Chao Peng"), name="P" * 40, mend_bylines="on")

    assert errors(response) == {
        "mend_bylines": [f"The byline of “{session}” would be longer than 250 characters. Shorten it first."]
    }
    assert not Speaker.objects.filter(name="P" * 40).exists()


def test_saving_without_a_change_moves_nothing_on(desk, opening):
    before = list(Speaker.objects.values())

    for row in (opening.room, opening.track, opening.event, *opening.event.speakers.all()):
        assert change(desk, row).redirect_chain != []

    assert updates() == {LOADED}
    assert list(Speaker.objects.values()) == before


@pytest.mark.parametrize("kind", ["room", "track", "speaker"])
def test_new_row_starts_in_the_current_event(desk, kvm_forum, kind):
    assert filled(desk, f"/admin/agenda/{kind}/add/")["event"] == str(kvm_forum.pk)


@pytest.mark.on_postgresql
def test_slug_that_another_room_has_is_refused(desk, opening):
    response = send(desk, "/admin/agenda/room/add/", name="Forum 3", slug="forum-3")

    assert errors(response) == {"slug": ["Another room of KVM Forum 2019 has it. Write one of its own."]}


def test_event_named_in_the_address_must_be_a_number(desk, kvm_forum):
    for event in ("abc", "99999", "\0"):
        sent = send(desk, "/admin/agenda/room/add/", name="Hall", slug="hall", event=event)

        assert list(errors(sent)) == ["event"]


def test_speaker_page_names_the_sessions(desk, kvm_forum):
    shown = page(desk.get(address(kvm_forum.speakers.get(name="Chao Peng"))))

    assert shown.one("div.field-speaks_in").texts("p") == [
        "Hybird^2 Nested VM IO Performance Tuning, Fri 1 Nov 2019, 11:00–11:30 CET",
        "A Lightweight Virtual Interrupt Controller for Container/Serverless, Fri 1 Nov 2019, 12:00–12:30 CET",
    ]


def test_room_and_track_lead_to_the_programme_filtered_to_them(desk, opening):
    assert page(desk.get(address(opening.room))).link("View on site") == "/kvm-forum-2019/?room=forum-3"
    assert page(desk.get(address(opening.track))).link("View on site") == "/kvm-forum-2019/?track=kvm-forum-track-2"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("kind", "queries"), [("event", 7), ("room", 8), ("track", 8), ("speaker", 8)])
def test_lists_make_as_many_queries_for_three_rows_as_for_one(desk, db, kind, queries, rows, django_assert_num_queries):
    events = [add_event(f"conf-{number}", "Europe/Paris", "2030-05-01", "2030-05-02") for number in range(rows)]
    for event in events if kind != "event" else []:
        {"room": Room, "track": Track, "speaker": Speaker}[kind].objects.create(event=event, name="One", slug="one")

    with django_assert_num_queries(queries):
        shown = page(desk.get(f"/admin/agenda/{kind}/")).all("th.field-name")

    assert len(shown) == rows


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"ends_on": "30/10/2019"}, {"ends_on": ["The last day is before the first."]}),
        ({"ends_on": "31/10/2029"}, {"ends_on": ["That is 3653 days after the first. Check both dates."]}),
        ({"starts_on": "01/01/0001"}, {"starts_on": ["The year 1 cannot be right. Write the date like 31/10/2019."]}),
        ({"ends_on": "31/12/9999"}, {"ends_on": ["The year 9999 cannot be right. Write the date like 31/10/2019."]}),
        ({"ends_on": "soon"}, {"ends_on": ["Enter a valid date."]}),
        ({"time_zone": "Lyon"}, {"time_zone": ["“Lyon” is not a time zone. Write it like Europe/Paris."]}),
        ({"slug": "admin"}, {"slug": ["“admin” is an address of the site itself. Choose another."]}),
        ({"name": "a\0"}, {"name": ["Null characters are not allowed."]}),
    ],
)
def test_event_that_cannot_be_is_refused_in_words(desk, kvm_forum, fields, refused):
    assert errors(change(desk, kvm_forum, **fields)) == refused


def test_new_event_is_made_without_a_track(desk):
    days = {"starts_on": "01/05/2030", "ends_on": "02/05/2030"}

    send(desk, "/admin/agenda/event/add/", name="Next", slug="next", time_zone="Europe/Paris", **days)

    assert Event.objects.get().default_track is None


def test_event_offers_its_own_tracks_for_new_sessions(desk, kvm_forum):
    other = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-02")
    other.tracks.create(name="Main", slug="main")
    add_session(other, "Elsewhere", "2019-12-01T09:00")

    options = page(desk.get(address(kvm_forum))).one("select", name="default_track").texts("option")

    assert options == ["---------", "KVM Forum Track 2"]
