"""schedule.xml: our own small files, which have every trap that is known, and others' real programmes."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from agenda.formats import schedule_xml
from agenda.formats.reading import read_programme
from agenda.formats.records import RefusedFile, RoomRecord, SpeakerRecord, TrackRecord

SAMPLES = Path(__file__).parents[2] / "samples" / "programmes"
EVENT = "<event id='1'><date>2024-05-01T09:00:00+02:00</date><duration>1:00</duration><title>Owls</title>{}</event>"


def sample(name, **options):
    return read_programme((SAMPLES / name).read_bytes(), name, **options)


def read(event="", *, conference="", first="", zone=""):
    """A programme of one day, room and event, with these parts added."""
    room = f"<day><room name='Hall'>{EVENT.format(event)}</room></day>"
    whole = f"<schedule>{first}<conference><title>Days</title>{conference}</conference>{room}</schedule>"
    return read_programme(whole.encode(), "a.xml", zone=zone)


def test_frab_conference_with_its_rooms_tracks_and_people():
    made = sample("frab.schedule.xml")

    assert (made.format, made.title, made.acronym) == ("frab schedule.xml", "Owl Camp", "owl_camp")
    assert (made.zone, made.version, made.url) == ("Europe/Berlin", "Night owls 3", "https://owl.example/2019/")
    assert made.days == (date(2019, 8, 21), date(2019, 8, 22))
    assert made.rooms == (
        RoomRecord(name="Barn", guid=UUID("3c9c1a3b-4a0c-4a52-8f0c-6a9a7f0f1b11")),
        RoomRecord(name="Loft"),
    )
    assert made.tracks == (TrackRecord(name="Nature", colour="#0B6E66"), TrackRecord(name="Unused"))
    assert made.speakers == (
        SpeakerRecord(name="Ada Uhu", guid=UUID("11111111-2222-4333-8444-555555555555")),
        SpeakerRecord(name="Bo Kauz", biography="Hunts mice."),
    )


def test_frab_event_with_all_that_it_can_have():
    session = sample("frab.schedule.xml").sessions[0]

    assert (session.external_id, session.title, session.subtitle) == ("7", "Opening of the camp", "Welcome")
    assert session.guid == UUID("a0a0fcfe-b7fb-46e3-84b6-97a5406016b4")
    assert session.start == datetime(2019, 8, 21, 9, tzinfo=UTC)
    assert session.end - session.start == timedelta(hours=1)
    assert (session.room, session.track, session.type, session.language) == ("Barn", "Nature", "lecture", "en")
    assert session.abstract == (
        "Hello owls.\n\n- Hoot\n- Sleep\n\nSee the map (https://owl.example/2019/map.html) and bring a torch."
    )
    assert (session.speakers, session.may_be_recorded) == (("Ada Uhu", "Bo Kauz"), False)
    assert (session.slug, session.url) == ("owl_camp-7-opening", "https://owl.example/2019/events/7.html")
    assert (session.status, session.where) == ("confirmed", "line 17")


def test_links_and_attachments_are_whole_addresses_with_their_kind():
    assert [(each.kind, each.title, each.url) for each in sample("frab.schedule.xml").sessions[0].materials] == [
        ("slides", "Slides", "https://owl.example/files/owls.pdf"),
        ("slides", "Slides (2)", "https://owl.example/files/more.pdf"),
        ("paper", "The paper", "https://owl.example/p.pdf"),
        ("link", "Wiki", "https://owl.example/wiki"),
        ("link", "https://hoot.example/", "https://hoot.example/"),
        ("recording", "Video", "https://video.example/owls.webm"),
        ("link", "Write", ""),
    ]


def test_traps_of_times_ids_and_guids():
    rows = [
        (each.external_id, each.title, f"{each.start:%d %H:%M}", each.end - each.start, each.room, each.status)
        for each in sample("frab.schedule.xml").sessions[1:]
    ]

    assert rows == [
        ("8", "Night walk", "21 22:30", timedelta(hours=16, minutes=39), "Barn", "cancelled"),
        ("9 (2)", "Workshop", "22 13:00", timedelta(minutes=45), "Barn", "confirmed"),
        ("9", "Workshop", "22 08:00", timedelta(minutes=45), "Barn", "confirmed"),
        ("10", "Cancelling alarms", "22 10:00", timedelta(minutes=30), "", "confirmed"),
        ("12", "Untitled", "22 11:00", timedelta(minutes=30), "Loft", "confirmed"),
    ]


def test_guid_in_base64_is_its_16_bytes_and_other_text_makes_one():
    guids = [session.guid for session in sample("frab.schedule.xml").sessions]

    assert guids[1:4] == [
        UUID("a0a0fcfe-b7fb-46e3-84b6-97a5406016b5"),
        None,  # it stands twice, and the other is earlier
        uuid5(NAMESPACE_URL, "owl_camp/owls:workshop"),
    ]


def test_what_is_absent_differs_from_what_is_empty():
    _, walk, workshop, *_ = sample("frab.schedule.xml").sessions

    assert (workshop.speakers, workshop.materials) == ((), ())
    assert (walk.speakers, walk.materials, walk.abstract, walk.subtitle, walk.may_be_recorded) == (None,) * 5


def test_problems_have_their_line():
    assert [(each.where, each.text) for each in sample("frab.schedule.xml").problems] == [
        ("line 68", "“0000-08-22T12:00:00+02:00” is not a usable date; the session “Year zero” was left out."),
        ("line 72", "“-1:00” is not a length."),
        ("line 17", "The address of “Write”, mailto:ada@owl.example, is not a web address; it was left out."),
        ("line 64", "“Cancelling alarms” has no end; 30 minutes were assumed."),
        ("line 72", "“Untitled” has no end; 30 minutes were assumed."),
        ("line 72", "The session has no title; it is called “Untitled”."),
        ("", "2 sessions have the id 9; they are told apart by their times."),
        ("", "2 sessions have the guid 025725dc-f8ef-51df-be25-9d1b52abdc99; only the first keeps it."),
    ]


def test_pentabarfs_old_shape_has_events_under_the_day_and_no_zone():
    made = sample("pentabarf.xml", zone="Europe/Brussels")

    assert (made.format, made.zone, made.venue, made.city) == (
        "Pentabarf's XML",
        "Europe/Brussels",
        "Town hall",
        "Liège",
    )
    assert [(each.external_id, each.start, each.room) for each in made.sessions] == [
        ("0", datetime(2007, 2, 24, 9, tzinfo=UTC), "Salle 1"),
        ("1", datetime(2007, 2, 25, 0, 15, tzinfo=UTC), "Salle 2"),  # before the change of day at 9
    ]
    assert made.sessions[0].abstract == 'An "old" talk, see http://a.example/'
    assert [each.text for each in made.problems] == [
        "“noon” is not a usable date; the session “Never” was left out.",
        "The address of “Slides (PDF)”, ../../slides/first.pdf, is incomplete, and the file does not say what it"
        " belongs to; it was left out.",
    ]


def test_times_without_any_zone_are_said_to_be_taken_as_utc():
    made = sample("pentabarf.xml")

    assert made.zone == ""
    assert made.sessions[0].start == datetime(2007, 2, 24, 10, tzinfo=UTC)
    assert "The file has no time zone, so its times are taken as UTC; choose the zone it means." in [
        each.text for each in made.problems
    ]


def test_wafers_days_in_utc_are_days_of_the_zone():
    made = sample("wafer.schedule.xml")

    assert (made.format, made.zone) == ("wafer schedule.xml", "Asia/Kolkata")
    assert made.days == (date(2023, 9, 10), date(2023, 9, 11))
    assert made.sessions[0].start == datetime(2023, 9, 10, 5, tzinfo=UTC)
    assert (made.sessions[0].speakers, made.sessions[0].may_be_recorded) == (None, True)
    assert made.problems == ()


def test_clocks_that_do_not_fit_the_zone_are_said_once():
    made = read("<start>09:00</start>", conference="<time_zone_name>UTC</time_zone_name>")

    assert [each.text for each in made.problems] == [
        "The file says UTC, but its times are those of +02:00; check the zone."
    ]


@pytest.mark.parametrize(
    ("zone", "hint", "expected"),
    [
        ("Europe/Paris", "Asia/Tokyo", "Europe/Paris"),
        ("", "Asia/Tokyo", "Asia/Tokyo"),
        ("Mars/Base", "Asia/Tokyo", "Asia/Tokyo"),
        ("", "x", ""),
    ],
)
def test_zone_is_the_files_own_or_else_the_given_one(zone, hint, expected):
    assert read(conference=f"<time_zone_name>{zone}</time_zone_name>", zone=hint).zone == expected


def test_own_texts_stay_word_for_word():
    text = "<abstract>A *star* &lt;p&gt;x&lt;/p&gt; [a](https://b.example)</abstract>"

    ours, theirs = (read(text, first=f"<generator name='{name}'/>").sessions[0] for name in ("Forum agenda", "frab"))

    assert ours.abstract == "A *star* <p>x</p> [a](https://b.example)"
    assert theirs.abstract == "A *star*\n\nx\n\n[a](https://b.example)"


def test_xhtml_in_a_text_keeps_its_words():
    assert read("<abstract>See <b xmlns='x'>this</b> owl</abstract>").sessions[0].abstract == "See this owl"


def test_controls_that_xml_forbids_are_taken_out():
    made = read("<abstract>A\x0b\x00b</abstract>")

    assert made.sessions[0].abstract == "Ab"
    assert [each.text for each in made.problems] == ["Control characters, which XML forbids, were removed."]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_declared_encodings_are_read(encoding):
    declaration = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?>"
    whole = f"{declaration}<schedule><day><room name='Café'>{EVENT}</room></day></schedule>"

    assert read_programme(whole.encode(encoding), "a").rooms == (RoomRecord(name="Café"),)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<schedule><day><room>" + EVENT.encode() + b"</room>", "ends in the middle (line 1); download it again"),
        ("<schedule><day>é".encode("latin-1") + b"</day></schedule>", "is not in the encoding that it declares"),
        (b"<schedule><day></room></schedule>", "is not well-formed XML"),
        (b"<schedule><day/></schedule>", "This schedule.xml has no event"),
        (b"<schedule><slots><slot><event/></slot></slots></schedule>", "EuroPython's own XML, not schedule.xml"),
        (b"<schedule>" + b"<a>" * 100, "more than 50 elements inside each other"),
        (b"<schedule>" + b"<a/>" * 1_000_001, "more than 1,000,000 tags"),
        (b"<schedule><day>" + EVENT.encode() * 20_001 + b"</day></schedule>", "more than 20,000 sessions"),
        (b"<!DOCTYPE a [<!ENTITY a 'b'>]><schedule>&a;</schedule>", "defines entities of its own"),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(data, said):
    with pytest.raises(RefusedFile) as refused:
        read_programme(data, "schedule.xml")

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_other_xml_is_not_taken():
    assert not schedule_xml.looks_like(b"<html><schedule/></html>", "schedule.xml")
    assert schedule_xml.looks_like(b"\n<!-- x --><schedule xmlns='urn:x'>", "any.txt")
