"""Files of any kind: recognised, or refused in a sentence; and the real programmes that others published."""

import json
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenda.formats.entries import guid_of
from agenda.formats.reading import read_programme, recognised
from agenda.formats.records import LARGEST_FILE, RefusedFile
from agenda.formats.table_file import programme_csv, programme_xlsx
from tests.agenda.shared_programmes import shared

SAMPLES = Path(__file__).parents[2] / "samples" / "programmes"
BOMB = (
    "<!DOCTYPE a [<!ENTITY a0 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{number} '{f'&a{number - 1};' * 10}'>" for number in range(1, 12))
    + "]><schedule version='&a11;'>&a11;</schedule>"
)
# File, format, sessions, rooms, first and last day, people, zone, and how many start before 6.
PROGRAMMES = [
    ("fosdem-2025.schedule.xml", "schedule.xml", 943, 40, ("2025-02-01", "2025-02-02"), 992, "Europe/Brussels", 0),
    ("camp-2019.schedule.xml", "schedule.xml", 606, 64, ("2019-08-21", "2019-08-25"), 276, "", 19),
    ("debconf-23.schedule.xml", "wafer schedule.xml", 117, 5, ("2023-09-10", "2023-09-17"), 87, "Asia/Kolkata", 0),
    ("fosdem-2007.pentabarf.xml", "Pentabarf's XML", 215, 18, ("2007-02-25", "2007-02-26"), 204, "", 0),
    ("democon.pretalx.schedule.json", "pretalx schedule.json", 36, 2, ("2020-12-14", "2020-12-16"), 27, "UTC", 0),
]


@pytest.mark.parametrize(
    ("name", "format", "sessions", "rooms", "days", "people", "zone", "early"),
    PROGRAMMES,
    ids=lambda each: str(each)[:12],
)
def test_real_programme_has_its_counts(name, format, sessions, rooms, days, people, zone, early):
    made = read_programme(shared(name).read_bytes(), name)

    local = ZoneInfo(zone or "Europe/Berlin")
    assert (made.format, len(made.sessions), len(made.rooms)) == (format, sessions, rooms)
    assert (made.days, len(made.speakers)) == (tuple(map(date.fromisoformat, days)), people)
    assert (made.zone, sum(each.start.astimezone(local).hour < 6 for each in made.sessions)) == (zone, early)
    assert len({each.external_id for each in made.sessions}) == sessions
    assert {each.status for each in made.sessions} == {"confirmed"}


@pytest.mark.parametrize(
    ("name", "zone"),
    [("camp-2019.schedule.xml", "Europe/Berlin"), ("fosdem-2007.pentabarf.xml", "Europe/Brussels")],
)
def test_real_programme_takes_the_given_zone(name, zone):
    assert read_programme(shared(name).read_bytes(), name, zone=zone).zone == zone


def test_camps_ids_and_guids_are_used_twice_in_four_and_two_sessions():
    made = read_programme(shared("camp-2019.schedule.xml").read_bytes(), "camp")

    assert sum(each.guid is None for each in made.sessions) == 3 + 1
    assert {each.external_id for each in made.sessions} >= {"140", "140 (2)", "140 (3)", "140 (4)", "155", "155 (2)"}
    assert sum(not each.speakers for each in made.sessions) == 194
    assert {each.end - each.start for each in made.sessions if "16:39" in str(each.end - each.start)}


def test_democons_zone_and_rooms_are_wrong_in_the_file():
    made = read_programme(shared("democon.pretalx.schedule.json").read_bytes(), "democon")

    assert [each.text for each in made.problems] == [
        "The file says UTC, but its times are those of +01:00; check the zone.",
        "“Tan Room” has the guid of another; it was left out.",
    ]


def test_no_markup_is_left_in_fosdems_texts():
    made = read_programme(shared("fosdem-2025.schedule.xml").read_bytes(), "fosdem")

    texts = [each.abstract for each in made.sessions if each.abstract]
    assert len(texts) > 900
    assert [text for text in texts if any(each in text for each in ("<p>", "</", "<li>", "&amp;", "&lt;"))] == []


def test_fosdem_is_read_quickly():
    data = shared("fosdem-2025.schedule.xml").read_bytes()

    began = time.process_time()
    read_programme(data, "fosdem")

    assert time.process_time() - began < 1.5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b" \n", "The file is empty"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"\x89PNG\r\n\x1a\n...", "This is an image"),
        (b"\xff\xd8\xff\xe0JFIF", "This is an image"),
        (b"PK\x03\x04...word/document.xml", "This is a ZIP file and no spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office program"),
        (b"\x1f\x8b\x08...", "a compressed file"),
        (b"<!DOCTYPE html><title>404</title>", "This is a web page"),
        (b"\n<html><body>502 Bad Gateway", "This is a web page"),
        (b"<?xml version='1.0'?><conference><talks/></conference>", "This is EuroPython's own XML"),
        (BOMB.encode(), "This is XML that defines entities of its own"),
        (b"<rss version='2.0'/>", "This is a news feed"),
        (b"<programme/>", "XML of another kind (its first element is <programme>)"),
        (b"<sched<", "damaged XML or HTML"),
        (json.dumps({"talks": [], "slots": []}).encode(), "JSON of another kind (it has “talks”, “slots”)"),
        (b'[{"titre": "x"}]', "JSON of another kind (it has “titre”)"),
        (b"[]", "This is JSON of another kind"),
        (b"[" * 1_000_000, "This is JSON that is damaged"),
        (b"\x00\x01\x02", "a file of another kind, and no text"),
        ("just words, é".encode("latin-1"), "text in which no programme was found"),
    ],
)  # fmt: skip
def test_other_file_is_refused_in_one_sentence_that_says_what_it_is(data, said):
    with pytest.raises(RefusedFile) as refused:
        read_programme(data, "schedule.xml")

    assert said in str(refused.value)
    assert str(refused.value).endswith(".")
    assert ". " not in str(refused.value).replace("(.xlsx, .ods, .csv)", "")


def test_too_large_a_file_is_refused():
    with pytest.raises(RefusedFile, match="larger than 50 MB"):
        recognised(b" " * (LARGEST_FILE + 1), "schedule.xml")


def test_format_may_be_given_instead_of_recognised():
    with pytest.raises(RefusedFile, match="is damaged"):
        read_programme(b"<schedule/>}", "schedule.xml", format="schedule.json")


def test_programme_whose_sessions_are_all_left_out_is_refused_with_the_reason():
    with pytest.raises(
        RefusedFile, match="has no session that can be used: There is no date; the session “Owl” was left"
    ):
        read_programme(b"<schedule><day><event id='1'><title>Owl</title></event></day></schedule>", "a.xml")


@pytest.mark.parametrize("name", ["frab.schedule.xml", "pentabarf.xml", "pretalx.schedule.json", "hub.schedule2.json"])
@pytest.mark.parametrize("cut", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_cut_file_is_refused(name, cut):
    data = (SAMPLES / name).read_bytes().rstrip()

    with pytest.raises(RefusedFile):
        read_programme(data[: int(len(data) * cut)], name)


@settings(max_examples=300)
@given(
    name=st.sampled_from(sorted(each.name for each in SAMPLES.iterdir() if each.suffix in (".xml", ".json"))),
    place=st.floats(0, 1),
    length=st.integers(0, 40),
    instead=st.binary(max_size=12)
    | st.sampled_from([b'"', b"{}", b"[]", b"null", b"1e999", b"<a>", b"&amp;", b"9999", b"-1"]),
)
def test_damaged_file_is_read_or_refused_and_never_fails(name, place, length, instead):
    data = (SAMPLES / name).read_bytes()
    begin = int(len(data) * place)

    with suppress(RefusedFile):
        made = read_programme(data[:begin] + instead + data[begin + length :], name)
        assert all(each.end > each.start for each in made.sessions)
        assert len({each.external_id for each in made.sessions}) == len(made.sessions)
        repr(made).encode()


def test_guid_is_a_uuid_or_its_16_bytes_in_base64():
    guid = guid_of("a0a0fcfe-b7fb-46e3-84b6-97a5406016b5", "")

    assert guid == guid_of("oKD8/rf7RuOEtpelQGAWtQ==", "") == guid_of(" oKD8_rf7RuOEtpelQGAWtQ\n", "")
    assert guid_of("talk-1", "a") not in (guid_of("talk-1", "b"), None)
    assert guid_of("", "a") is guid_of("00000000-0000-0000-0000-000000000000", "a") is None


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("sched-page.html", "Sched page"),
        ("sched-page.txt", "Sched page"),
        ("sessionize-all.json", "Sessionize JSON"),
        ("sessionize-grid.json", "Sessionize JSON"),
    ],
)
def test_sample_is_recognised_whatever_its_name(name, format):
    assert recognised((SAMPLES / name).read_bytes(), "upload") == format


@pytest.mark.parametrize(
    ("write", "name"), [(programme_csv, "a.csv"), (programme_csv, "a"), (programme_xlsx, "a.xlsx")]
)
def test_our_own_spreadsheet_comes_back_the_same(write, name):
    before = read_programme(shared("fosdem-2025.schedule.xml").read_bytes(), "fosdem.xml")

    after = read_programme(write(before), name)

    kept = "guid title subtitle byline abstract start end room track speakers status language url".split()
    rows = [[getattr(each, field) or "" for field in kept] for each in before.sessions]
    assert [[getattr(each, field) or "" for field in kept] for each in after.sessions] == rows
    assert after.problems == ()
