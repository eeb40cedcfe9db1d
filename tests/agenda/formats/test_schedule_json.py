"""schedule.json: our own small files with every trap that is known, in both versions."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from agenda.formats.reading import read_programme
from agenda.formats.records import MaterialRecord, RefusedFile, RoomRecord, SpeakerRecord, TrackRecord

SAMPLES = Path(__file__).parents[2] / "samples" / "programmes"


def sample(name):
    return read_programme((SAMPLES / name).read_bytes(), name)


def read(event, **conference):
    days = [{"index": 1, "date": "2024-05-01", "rooms": {"Hall": [{"title": "Owls", **event}]}}]
    whole = {"schedule": {"conference": {"title": "Days", "days": days, **conference}}}
    return read_programme(json.dumps(whole).encode(), "a.json")


def test_pretalx_conference_with_its_rooms_tracks_and_people():
    made = sample("pretalx.schedule.json")

    assert (made.format, made.title, made.acronym) == ("pretalx schedule.json", "Demo Days", "demo")
    assert (made.zone, made.version, made.days) == ("Europe/Paris", "v2", (date(2024, 5, 1), date(2024, 5, 1)))
    assert made.rooms == (
        RoomRecord(name="Hall", capacity=120),
        RoomRecord(name="Attic", guid=UUID("c0ffee00-0000-4000-8000-000000000001")),
    )
    assert made.tracks == (TrackRecord(name="Code", colour="#123456"),)
    assert made.speakers == (
        SpeakerRecord(name="Ada", biography="Writes."),
        SpeakerRecord(name="Bo"),
        SpeakerRecord(name="XYZ789"),
        SpeakerRecord(name="Cy"),
    )


def test_pretalx_event_with_all_that_it_can_have():
    session = sample("pretalx.schedule.json").sessions[0]

    assert (session.external_id, session.guid) == ("1", UUID("8079583e-8321-506c-95af-fd2903a5f075"))
    assert (session.start, session.end) == (
        datetime(2024, 5, 1, 7, tzinfo=UTC),
        datetime(2024, 5, 1, 7, 30, tzinfo=UTC),
    )
    assert (session.title, session.subtitle, session.abstract) == ("One", "", "Short.\n\nAnd more.")
    assert (session.room, session.track, session.type, session.language) == ("Hall", "Code", "Talk", "en")
    assert (session.speakers, session.may_be_recorded) == (("Ada", "Bo", "XYZ789", "Cy"), False)
    assert session.materials == (
        MaterialRecord(kind="slides", title="Deck", url=""),
        MaterialRecord(kind="link", title="plain.example/x", url="https://plain.example/x"),
        MaterialRecord(kind="link", title="Bare", url="https://www.bare.example"),
    )


def test_traps_of_ids_times_and_texts():
    _, two, three = sample("pretalx.schedule.json").sessions

    assert (two.external_id, two.guid, two.title, two.abstract) == ("two", None, "Two lines", "5")
    assert (two.speakers, two.materials, two.end - two.start) == (None, None, timedelta(minutes=45))
    assert (three.title, three.status, three.language, three.track) == ("Three", "cancelled", "tlh", "")
    assert (three.start, three.end) == (datetime(2024, 5, 1, 22, 10, tzinfo=UTC), datetime(2024, 5, 1, 23, tzinfo=UTC))


def test_hubs_list_of_events_refers_to_rooms_and_tracks():
    made = sample("hub.schedule2.json")

    assert (made.format, made.days) == ("hub schedule.json", (date(2024, 12, 27), date(2024, 12, 27)))
    assert [(each.external_id, each.title, f"{each.start:%H:%M}", each.status) for each in made.sessions] == [
        ("AAAAAA", "Stars", "10:00", "confirmed"),
        ("11111111-1111-4111-8111-111111111112", "Rain", "12:00", "cancelled"),
        ("Lunch", "Lunch", "11:00", "confirmed"),
    ]
    stars = made.sessions[0]
    assert (stars.room, stars.track, stars.speakers, stars.abstract) == ("Saal 1", "Science", ("Ada",), "Schau hinauf.")
    assert stars.materials == (MaterialRecord(kind="recording", title="Film", url="https://hub.example/v"),)
    assert [(each.where, each.text) for each in made.problems] == [
        ("event 3", "“Never” is rejected there; it was left out.")
    ]


def test_clock_without_a_date_is_of_its_day():
    made = read({"start": "00:30", "duration": "0:30"}, time_zone_name="Europe/Paris")

    assert made.sessions[0].start == datetime(2024, 5, 1, 22, 30, tzinfo=UTC)  # before 4 it belongs to the evening


@pytest.mark.parametrize(
    "event",
    [
        {"title": None},
        {"title": ["a"], "abstract": {"de": 1}, "persons": {"a": 1}, "links": "x", "attachments": [None, 3, {}]},
        {"persons": [None, 1, {"name": None}, {"public_name": {"x": "y"}}], "id": True, "guid": 5, "url": {}},
        {"room": {"guid": []}, "track": {"slug": {}}, "duration": [], "end": 5, "language": [], "state": {}},
        {"id": float("nan"), "recording": 1, "do_not_record": "yes", "slug": ["x"]},
    ],
)  # fmt: skip
def test_values_of_another_kind_do_no_harm(event):
    made = read({"date": "2024-05-01T09:00:00+02:00", **event}, rooms=[1, {"name": None}], tracks={"a": 1}, url=7)

    assert [session.start for session in made.sessions] == [datetime(2024, 5, 1, 7, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"schedule": {"conference": {"title": "x', "ends in the middle; download it again (line 1)"),
        (b'{"schedule": {"conference": {}},}', "is damaged; export it again (line 1)"),
        ('{"schedule": {"conference": "é"}}'.encode("latin-1"), "This JSON is not in UTF-8"),
        (b'{"schedule": {"conference": ' + b"[" * 100_000, "too many lists inside each other"),
        (b'{"schedule": {"conference": [' + b"[]," * 2_000_000, "more than 2,000,000 values"),
        (b'{"schedule": {"conference": ' + b"1" * 5_000 + b"}}", "thousands of digits"),
        (b'{"schedule": {"conference": 5}}', "a “schedule” without “conference”"),
        (b'{"schedule": {"conference": {"days": []}}}', "This schedule.json has no event"),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(data, said):
    with pytest.raises(RefusedFile) as refused:
        read_programme(data, "schedule.json")

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_too_many_sessions_are_refused():
    events = [{"title": "a", "start": "2024-05-01T09:00:00Z"}] * 20_001

    with pytest.raises(RefusedFile, match="more than 20,000 sessions"):
        read_programme(json.dumps({"schedule": {"conference": {}, "events": events}}).encode(), "a.json")
