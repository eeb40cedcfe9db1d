"""schedule.xml and schedule.json: valid by their schemas, and the same values for readers that are not ours."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import given
from lxml import etree

from agenda.formats.records import ProgrammeRecord
from agenda.formats.schedule_json_file import schedule_json
from agenda.formats.schedule_xml_file import schedule_xml
from tests.agenda.formats.programmes import EVERY_KIND, GUID, programme, random_programmes, session
from tests.agenda.shared_programmes import shared

HOME = "https://forum.example/forum-2019/"


def xml(written: ProgrammeRecord) -> bytes:
    return schedule_xml(written, source=f"{HOME}schedule.xml")


def as_json(written: ProgrammeRecord) -> bytes:
    return schedule_json(written, source=f"{HOME}schedule.json")


def parsed(written: ProgrammeRecord) -> ET.Element:
    """The root of schedule.xml, as the standard library's parser reads it."""
    return ET.fromstring(xml(written))  # noqa: S314 (our own file)


def xml_events(written: ProgrammeRecord) -> list[ET.Element]:
    return list(parsed(written).iter("event"))


def texts(written: ProgrammeRecord, name: str) -> list[str]:
    return [xml_event.findtext(name) or "" for xml_event in xml_events(written)]


def json_days(written: ProgrammeRecord) -> list[dict[str, Any]]:
    days: list[dict[str, Any]] = json.loads(as_json(written))["schedule"]["conference"]["days"]
    return days


def json_sessions(written: ProgrammeRecord) -> list[dict[str, Any]]:
    return [each for day in json_days(written) for there in day["rooms"].values() for each in there]


@pytest.fixture(scope="module")
def is_valid() -> Any:
    xsd = etree.XMLSchema(etree.parse(shared("../program-schemas/schedule.xml.xsd")))
    schema = json.loads(shared("../program-schemas/schedule.v1.schema.json").read_text())
    validator = jsonschema.Draft6Validator(schema, format_checker=jsonschema.FormatChecker())

    def check(written: ProgrammeRecord) -> bool:
        xsd.assertValid(etree.fromstring(xml(written)))
        validator.validate(json.loads(as_json(written)))
        return True

    return check


@pytest.mark.parametrize(
    "written",
    [
        EVERY_KIND,
        programme(),
        programme(acronym="", title=""),
        replace(EVERY_KIND, version="", url=HOME, acronym="Ö", zone="America/Argentina/Buenos_Aires"),
        programme(session(1, "2019-10-31T10:00", guid=None, id=None, speakers=("Ada",)), zone="EST"),
        programme(session(1, "1890-10-31T10:00")),
    ],
    ids=["every kind", "no session", "no name", "odd names", "no guid", "a zone of minutes and seconds"],
)
def test_both_files_are_valid(is_valid, written):
    assert is_valid(written)


@given(random_programmes)
def test_any_programme_is_valid(is_valid, written):
    assert is_valid(written)


@given(random_programmes)
def test_any_text_comes_back(written):
    in_order = sorted(written.sessions, key=lambda each: each.guid)

    read = sorted(xml_events(written), key=lambda xml_event: xml_event.attrib["guid"])
    read_json = sorted(json_sessions(written), key=lambda each: each["guid"])

    for name in ("title", "subtitle", "abstract", "track", "room"):
        expected = [getattr(each, name) or "" for each in in_order]
        assert [xml_event.findtext(name) for xml_event in read] == expected
        assert [each[name] for each in read_json] == expected
    people = [list(each.speakers) for each in in_order]
    assert [[person.text for person in xml_event.iter("person")] for xml_event in read] == people
    assert [[person["name"] for person in each["persons"]] for each in read_json] == people
    moments = [each.start.astimezone(ZoneInfo(written.zone)).isoformat(timespec="seconds") for each in in_order]
    assert [xml_event.findtext("date") for xml_event in read] == [each["date"] for each in read_json] == moments


def test_session_has_all_its_values_in_xml():
    first = xml_events(EVERY_KIND)[1]

    assert first.attrib == {"guid": str(GUID), "id": "1"}
    assert {each.tag: each.text for each in first if not len(each)} == {
        "room": "Attic",
        "title": "Talk 1",
        "subtitle": "With a subtitle",
        "type": "talk",
        "date": "2019-10-31T11:00:00+01:00",
        "start": "11:00",
        "duration": "00:30",
        "abstract": "One\n\n- two\n- three & <four>",
        "slug": "forum_2019-a-talk",
        "track": "KVM",
        "language": "en",
        "url": f"{HOME}sessions/a-talk/",
    }
    assert [(each.text, each.attrib) for each in first.iter("person")] == [
        ("Ada", {"guid": "00000000-0000-0000-0000-000000000007"}),
        ("Bob", {}),
    ]
    assert [each.attrib for each in (*first.iter("link"), *first.iter("attachment"))] == [
        {"href": "https://x.example/v", "type": "media"},
        {"href": "https://x.example/s.pdf?a=1&b=2", "type": "slides"},
    ]
    assert [each.text for each in first.find("recording") or ()] == [None, "true"]


def test_session_has_its_own_values_in_json():
    first = json_sessions(EVERY_KIND)[1]

    assert first["persons"] == [
        {"name": "Ada", "guid": "00000000-0000-0000-0000-000000000007", "biography": "Ada wrote the first program."},
        {"name": "Bob"},
    ]
    assert first["links"] == [{"title": "Video", "url": "https://x.example/v", "type": "media"}]
    assert (first["end"], first["do_not_record"]) == ("2019-10-31T11:30:00+01:00", True)


def test_day_ends_at_four_the_next_morning():
    # 03:30 in Paris belongs to the evening before, 04:00 does not.
    days = [
        (day["index"], day["day_start"], {room: [each["id"] for each in there] for room, there in day["rooms"].items()})
        for day in json_days(EVERY_KIND)
    ]

    assert days == [
        (1, "2019-10-31T04:00:00+01:00", {"Hall": [2], "Attic": [1]}),
        (2, "2019-11-01T04:00:00+01:00", {"Hall": [3], "": [4]}),
    ]
    root = parsed(EVERY_KIND)
    assert [(day.attrib["start"], day.attrib["end"]) for day in root.iter("day")] == [
        ("2019-10-31T04:00:00+01:00", "2019-11-01T04:00:00+01:00"),
        ("2019-11-01T04:00:00+01:00", "2019-11-02T04:00:00+01:00"),
    ]


def test_day_on_which_clocks_change_has_both_offsets():
    written = programme(session(1, "2019-10-26T22:00"), days=None)

    (day,) = parsed(written).iter("day")

    assert (day.attrib["start"], day.attrib["end"]) == ("2019-10-26T04:00:00+02:00", "2019-10-27T04:00:00+01:00")


def test_event_of_a_century_has_few_days():
    written = programme(session(1, "2019-11-01T09:00"), days=(date(2019, 10, 31), date(2119, 10, 31)))

    days = [day.attrib["date"] for day in parsed(written).iter("day")]

    assert days == ["2019-10-31", "2019-11-01", "2119-10-31"]


def test_session_of_a_day_or_more_is_cut_and_no_slug_comes_twice():
    assert texts(EVERY_KIND, "duration") == ["00:30", "00:30", "23:59", "00:30"]
    assert texts(EVERY_KIND, "slug") == [
        "forum_2019-odd-0002",
        "forum_2019-a-talk",
        "forum_2019-odd-0002-0003",
        "forum_2019--0004",
    ]


def test_cancelled_session_is_left_out():
    assert [each["id"] for each in json_sessions(EVERY_KIND)] == [2, 1, 3, 4]
    assert [int(each.attrib["id"]) for each in xml_events(EVERY_KIND)] == [2, 1, 3, 4]


def test_what_xml_cannot_hold_is_left_out():
    written = programme(session(1, "2019-10-31T10:00", title="a\0b\x1b\ud800\ufffe", abstract="one\r\ntwo\rthree"))

    assert texts(written, "title") == ["ab"]
    assert texts(written, "abstract") == ["one\r\ntwo\rthree"]
    assert json_sessions(written)[0]["title"] == "ab"
