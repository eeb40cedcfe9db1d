"""Announcements in /admin/: times in the event's zone, rooms and days of the event alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from agenda.models import Announcement, Room
from tests.agenda.admin.editing import address, change, errors, filled, page, send
from tests.agenda.kvm_forum import DURING, add_event

pytestmark = pytest.mark.any_database

ADD = "/admin/agenda/announcement/add/"
LIST = "/admin/agenda/announcement/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


def test_new_announcement_runs_from_now_to_the_end_of_the_day_in_the_events_zone(desk, editor, kvm_forum):
    sent = filled(desk, ADD)
    response = send(desk, ADD, text=" Lunch is in hall B.\r\n")

    made = Announcement.objects.get()
    assert [sent[f"{name}_{part}"] for name in ("start", "end") for part in (0, 1)] == [
        *("31/10/2019", "11:10"),
        *("01/11/2019", "04:00"),
    ]
    assert response.redirect_chain != []
    assert (made.event, made.text, made.made_by) == (kvm_forum, "Lunch is in hall B.", editor)
    assert (made.start, made.end) == (DURING, datetime(2019, 11, 1, 3, 0, tzinfo=UTC))


@pytest.mark.on_postgresql
def test_changed_announcement_keeps_who_made_it(desk, alice, opening):
    made = Announcement.objects.create(
        event=opening.event, text="Lunch.", start=DURING, end=datetime(2030, 1, 1, tzinfo=UTC), made_by=alice
    )

    change(desk, made, text="Dinner.", room=str(opening.room.pk), day="01/11/2019", end_0="31/10/2019", end_1="20:00")

    made.refresh_from_db()
    assert (made.text, made.room, made.day, made.made_by) == ("Dinner.", opening.room, date(2019, 11, 1), alice)
    assert made.end == datetime(2019, 10, 31, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"text": "  "}, {"text": ["This field cannot be blank."]}),
        ({"text": "x" * 301}, {"text": ["Ensure this value has at most 300 characters (it has 301)."]}),
        ({"day": "02/11/2019"}, {"day": ["“KVM Forum 2019” has no such day."]}),
        ({"end_1": "11:10", "end_0": "31/10/2019"}, {"end": ["That is before it is shown from."]}),
        ({"end_1": ""}, {"end": ["Write a date and a time."]}),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk, kvm_forum, fields, refused):
    response = send(desk, ADD, **({"text": "Lunch."} | fields))

    assert errors(response) == refused
    assert not Announcement.objects.exists()


def test_room_of_another_event_is_refused(desk, kvm_forum):
    other = add_event("other", "Asia/Tokyo", "2019-10-30", "2019-11-01")
    hall = Room.objects.create(event=other, name="Hall", slug="hall")

    response = send(desk, ADD, text="Lunch.", event=str(kvm_forum.pk), room=str(hall.pk))

    assert errors(response) == {"room": ["“Hall” is a room of Other, not of KVM Forum 2019. Choose another."]}


def test_zone_of_the_times_is_said_and_escaped(desk, kvm_forum):
    kvm_forum.name = "<b>Forum</b>"
    kvm_forum.save()

    said = page(desk.get(ADD)).one("div.description")

    assert said.text == "Times are in Europe/Paris, the zone of <b>Forum</b>. Check them if you choose another event."


@pytest.mark.on_postgresql
def test_deleted_announcement_is_gone_and_goes_with_its_room(desk, kvm_forum):
    hall = Room.objects.create(event=kvm_forum, name="Hall", slug="hall")
    span = {"start": DURING, "end": datetime(2019, 11, 1, tzinfo=UTC)}
    lunch, _ = (Announcement.objects.create(event=kvm_forum, text="Lunch.", room=room, **span) for room in (None, hall))

    desk.post(address(lunch, "delete"), {"post": "yes"})
    asked = page(desk.get(address(hall, "delete")))
    desk.post(address(hall, "delete"), {"post": "yes"})

    assert "Announcements: 1" in asked.texts("li")
    assert not Announcement.objects.exists()


@pytest.mark.on_postgresql
def test_search_finds_its_words(desk, kvm_forum):
    for text in ("Lunch is in hall B.", "Rain."):
        Announcement.objects.create(event=kvm_forum, text=text, start=DURING, end=datetime(2030, 1, 1, tzinfo=UTC))

    assert page(desk.get(f"{LIST}?q=lunch+hall")).texts("th.field-text") == ["Lunch is in hall B."]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_makes_as_many_queries_for_three_rows_as_for_one(desk, kvm_forum, rows, django_assert_num_queries):
    for number in range(rows):
        event = add_event(f"conf-{number}", "Europe/Paris", "2030-05-01", "2030-05-02")
        room = Room.objects.create(event=event, name="Hall", slug="hall")
        Announcement.objects.create(
            event=event, room=room, text="Lunch.", start=DURING, end=datetime(2030, 1, 1, tzinfo=UTC)
        )

    with django_assert_num_queries(8):
        shown = page(desk.get(LIST)).all("th.field-text")

    assert len(shown) == rows
