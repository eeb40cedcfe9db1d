"""Several files are one programme: a file a room, the same session in two of them, people in a file of their own."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from agenda.formats.people_list import people_in
from agenda.formats.reading import ProgrammeFile, read_together
from agenda.formats.records import ProgrammeRecord, RefusedFile, SpeakerRecord

VEVENT = (
    "BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{title}\nDTSTART:20260301T{hour}0000Z\nDURATION:PT1H\nLOCATION:{room}\n"
    "END:VEVENT\n"
)
SESSIONS = "Title;Date;Start;Room;Speakers\nKVM;1.3.2026;9:00;Main;Ada Lovelace | Bob Ek\n"
PEOPLE = "First name;Last name;Tag line;Company;Bio\nAda;Lovelace;Engineer;IBM;Writes *programs*.\nEve;Other;;;\n"
SESSIONIZE = [
    {"sessions": [{"id": 7, "title": "KVM", "startsAt": "2026-03-01T09:00:00Z", "endsAt": "2026-03-01T10:00:00Z",
                   "room": "Main", "speakers": [{"id": "a", "name": "Ada Lovelace"}]}]}
]  # fmt: skip
SPEAKERS = [{"id": "a", "fullName": "Ada Lovelace", "tagLine": "Engineer", "bio": "Writes."}]


def calendar(*vevents: tuple[str, str, str, str]) -> bytes:
    made = (VEVENT.format(uid=uid, title=title, hour=hour, room=room) for uid, title, hour, room in vevents)
    return f"BEGIN:VCALENDAR\n{''.join(made)}END:VCALENDAR\n".encode()


def read(**files: bytes | str) -> ProgrammeRecord:
    given = [
        ProgrammeFile(data=data if isinstance(data, bytes) else data.encode(), name=name.replace("_", "."))
        for name, data in files.items()
    ]
    return read_together(given, zone="UTC")


def test_file_a_room_becomes_one_programme_and_a_session_in_two_files_is_one():
    programme = read(
        a_ics=calendar(("1", "KVM", "09", "Hall A"), ("2", "Lunch", "12", "")),
        b_ics=calendar(("1", "QEMU", "09", "Hall B"), ("2", "Lunch", "12", "Hall B")),
    )

    assert [(each.title, each.room, each.external_id) for each in programme.sessions] == [
        ("KVM", "Hall A", "1"),
        ("Lunch", "Hall B", "2"),
        ("QEMU", "Hall B", "1 qemu"),
    ]
    assert [room.name for room in programme.rooms] == ["Hall A", "Hall B"]
    assert (programme.format, programme.sessions[0].where) == ("calendar", "a.ics, line 2")


@pytest.mark.parametrize(
    ("files", "person"),
    [
        ({"a_csv": SESSIONS, "b_csv": PEOPLE}, ("Engineer", "IBM", "Writes programs.")),
        ({"b_csv": PEOPLE, "a_csv": SESSIONS}, ("Engineer", "IBM", "Writes programs.")),
        ({"a_json": json.dumps(SESSIONIZE), "b_json": json.dumps(SPEAKERS)}, ("Engineer", None, "Writes.")),
    ],
)
def test_people_of_another_file_are_those_of_the_sessions(files, person):
    programme = read(**files)

    ada = next(each for each in programme.speakers if each.name == "Ada Lovelace")
    assert (ada.job_title, ada.organisation, ada.biography) == person
    assert "Eve Other" not in [each.name for each in programme.speakers]


def test_name_with_an_and_is_one_where_the_list_of_people_says_so():
    head = "Title;Date;Start;Room;Speakers\n"
    rows = (
        "KVM;1.3.2026;9:00;Main;Ada Lovelace & Tern & Tide",
        "QEMU;1.3.2026;10:00;Main;Bo Ek and Cy Low",
        "Lunch;;12:00",
    )
    programme = read(a_csv=head + "\n".join(rows), b_csv="Name;Bio\nTern & Tide;A choir.\nBo Ek;Writes.\n")

    assert [each.speakers for each in programme.sessions] == [("Ada Lovelace", "Tern & Tide"), ("Bo Ek", "Cy Low"), ()]
    assert {each.name: each.biography for each in programme.speakers} == {
        **{"Ada Lovelace": None, "Bo Ek": "Writes.", "Cy Low": None},
        "Tern & Tide": "A choir.",
    }


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a_csv": PEOPLE, "b_csv": PEOPLE}, "These are lists of people"),
        ({"a_csv": SESSIONS, "b_pdf": b"%PDF-1.7"}, "b.pdf: This is a PDF"),
    ],
)
def test_files_without_a_programme_are_refused_by_name(files, sentence):
    with pytest.raises(RefusedFile, match=sentence):
        read(**files)


@pytest.mark.parametrize(
    ("limit", "most", "sentence"),
    [
        ("agenda.formats.joining.MOST_SESSIONS", 1, "more than 1 sessions: too many"),
        ("agenda.formats.reading.LARGEST_FILE", 200, "a programme is never that large"),
    ],
)
def test_files_that_are_too_much_together_are_refused(limit, most, sentence, monkeypatch):
    monkeypatch.setattr(limit, most)
    one, two = calendar(("1", "KVM", "09", "A")), calendar(("2", "QEMU", "09", "A"))

    with pytest.raises(RefusedFile, match=sentence):
        read(a_ics=one, b_ics=two)


def test_files_in_several_zones_say_so():
    xml = (
        "<schedule><conference><title>A</title><time_zone_name>{zone}</time_zone_name></conference>"
        "<day date='2026-03-01'><room name='R'><event id='{id}'><title>T</title>"
        "<date>2026-03-01T09:00:00+01:00</date></event></room></day>"
        "</schedule>"
    )
    programme = read(a_xml=xml.format(zone="Europe/Berlin", id=1), b_xml=xml.format(zone="Europe/London", id=2))

    assert (programme.zone, len(programme.sessions)) == ("Europe/Berlin", 2)
    assert any("Europe/Berlin, Europe/London" in problem.text for problem in programme.problems)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SESSIONS, "a.csv"),
        ("Title;Speaker;Description\nKVM;Ada;Text\n", "a.csv"),
        ("Name;Room\nAda;B\n", "a.csv"),
        ("", "a.csv"),
        ("[1, 2", "a.json"),
        ("[1, 2]", "a.json"),
        ("<schedule/>", "a.xml"),
    ],
)
def test_what_is_no_list_of_people_is_none(data, name):
    assert people_in(data.encode(), name) is None


def test_person_keeps_the_guid_of_the_list():
    guid = "11111111-1111-4111-8111-111111111111"

    assert people_in(f"Speaker Id,Name,Affiliation\n{guid},Ada,IBM\n".encode(), "a.csv") == (
        SpeakerRecord(name="Ada", guid=UUID(guid), organisation="IBM"),
    )
