"""The programme's rows as the records that files are written from."""

from __future__ import annotations

from datetime import date

import pytest

from agenda.formats.records import MaterialRecord, RoomRecord, TrackRecord
from agenda.models import Appearance, Material, Room, Session, Speaker, Track
from agenda.programme.records import programme_record, programme_records
from tests.agenda.kvm_forum import add_event, add_session


@pytest.fixture
def event(db):
    return add_event("Dev-Conf", "Europe/Paris", "2019-10-31", "2019-11-01")


def test_record_says_what_the_rows_say(event):
    room = Room.objects.create(event=event, name="Hall", slug="hall", capacity=80)
    track = Track.objects.create(event=event, name="KVM", slug="kvm", colour="#123456")
    made = add_session(event, "A talk", "2019-10-31 11:00", room=room, track=track, byline="Ada", slides_included=True)
    Material.objects.create(session=made, kind="paper", title="Paper", file="materials/a b.pdf")
    Material.objects.create(session=made, kind="link", title="Later")
    Room.objects.create(event=event, name="Not in use", slug="not-in-use")

    record = programme_record(event, event.sessions.all(), version="5")

    (session,) = record.sessions
    assert (record.title, record.acronym, record.zone, record.version) == ("Dev Conf", "Dev_Conf", "Europe/Paris", "5")
    assert (record.days, record.url) == ((date(2019, 10, 31), date(2019, 11, 1)), "http://testserver/Dev-Conf/")
    assert record.rooms == (RoomRecord(name="Hall", guid=record.rooms[0].guid, capacity=80),)
    assert record.tracks == (TrackRecord(name="KVM", colour="#123456"),)
    assert (session.id, session.guid, session.external_id) == (made.pk, made.guid, str(made.guid))
    assert (session.room, session.track, session.byline, session.slides_included) == ("Hall", "KVM", "Ada", True)
    assert (session.start, session.end, session.status) == (made.start, made.end, "confirmed")
    assert session.materials == (
        MaterialRecord(kind="paper", title="Paper", url="http://testserver/media/materials/a%20b.pdf"),
        MaterialRecord(kind="link", title="Later"),
    )


def test_rooms_guid_stays_when_the_room_is_renamed(event):
    room = Room.objects.create(event=event, name="Hall", slug="hall")
    add_session(event, "A talk", "2019-10-31 11:00", room=room)
    (before,) = programme_record(event, event.sessions.all()).rooms

    Room.objects.update(name="Great hall")

    (after,) = programme_record(event, event.sessions.all()).rooms
    assert (after.name, after.guid) == ("Great hall", before.guid)


def test_speakers_stand_in_listed_order_and_once_by_name(event):
    people = [Speaker.objects.create(event=event, name=name, slug=str(n)) for n, name in enumerate("BAA")]
    made = add_session(event, "A talk", "2019-10-31 11:00")
    for position, speaker in enumerate(people):
        Appearance.objects.create(session=made, speaker=speaker, position=position)

    record = programme_record(event, event.sessions.all())

    assert record.sessions[0].speakers == ("B", "A", "A")
    assert [(each.name, each.guid) for each in record.speakers] == [("A", people[1].guid), ("B", people[0].guid)]


def test_records_come_by_event_with_three_queries(event, django_assert_num_queries):
    other = add_event("other", "Asia/Tokyo", "2019-10-01", "2019-10-01")
    for where, day in ((event, "2019-10-31"), (other, "2019-10-01"), (event, "2019-11-01")):
        add_session(where, f"On {day}", f"{day} 11:00")

    with django_assert_num_queries(3):
        records = programme_records(Session.objects.all())

    assert [(each.title, [session.title for session in each.sessions]) for each in records] == [
        ("Other", ["On 2019-10-01"]),
        ("Dev Conf", ["On 2019-10-31", "On 2019-11-01"]),
    ]
