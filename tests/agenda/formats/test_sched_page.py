"""Pages of Sched, as text and as HTML: the seed's page gives the fixture, field by field."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agenda.formats.records import MaterialRecord, ProgrammeRecord, RefusedFile, SessionRecord, SpeakerRecord
from agenda.formats.sched_page import looks_like, read
from agenda.formats.zone_guess import guess
from tests.agenda.shared_programmes import shared
from tests.one_writer import ROOT

SAMPLES = Path(__file__).parents[2] / "samples" / "programmes"
SEED = "kvm-forum-2019-track-2.txt"


@pytest.fixture
def seed() -> ProgrammeRecord:
    return read(shared(f"../seed/{SEED}").read_bytes())


def fixture_rows(kind: str) -> list[dict[str, Any]]:
    rows = json.loads((ROOT / "fixtures" / "kvm-forum-2019.json").read_text())
    return [row["fields"] for row in rows if row["model"] == f"agenda.{kind}"]


def names(kind: str) -> dict[str, str]:
    return {row["slug"]: row["name"] for row in fixture_rows(kind)}


def test_seed_is_the_fixtures_event(seed):
    (event,) = fixture_rows("event")

    assert (seed.title, seed.venue, seed.city, seed.country, seed.zone) == tuple(
        event[name] for name in ("name", "venue", "city", "country", "time_zone")
    )
    assert [day.isoformat() for day in seed.days] == [event["starts_on"], event["ends_on"]]
    assert [room.name for room in seed.rooms] == list(names("room").values())
    assert [track.name for track in seed.tracks] == list(names("track").values())
    assert seed.problems == ()


def test_seed_has_the_fixtures_sessions(seed):
    speakers, rooms, tracks = names("speaker"), names("room"), names("track")
    appearances = sorted(fixture_rows("appearance"), key=lambda row: row["position"])
    materials = fixture_rows("material")
    expected = [
        {
            **{name: row[name] for name in ("title", "byline", "abstract", "status", "slides_included")},
            "start": datetime.fromisoformat(row["start"]),
            "end": datetime.fromisoformat(row["end"]),
            "room": rooms[row["room"][1]],
            "track": tracks[row["track"][1]],
            "speakers": tuple(
                speakers[each["speaker"][1]] for each in appearances if each["session"][1] == row["slug"]
            ),
            "materials": tuple(
                MaterialRecord(kind=each["kind"], title=each["title"], url=each["url"])
                for each in materials
                if each["session"][1] == row["slug"]
            ),
        }
        for row in fixture_rows("session")
    ]

    assert [{name: getattr(session, name) for name in expected[0]} for session in seed.sessions] == expected
    assert len(expected) == 20


def test_seed_has_the_fixtures_people(seed):
    fields = ("name", "job_title", "organisation", "biography", "biography_is_cut")
    expected = [{name: row[name] for name in fields} for row in fixture_rows("speaker")]

    assert [{name: getattr(person, name) for name in fields} for person in seed.speakers] == expected
    assert len(expected) == 27


WELCOME = SessionRecord(
    external_id="1aB2c",
    title="Welcome - and coffee",
    start=datetime(2024, 5, 6, 7, tzinfo=UTC),
    end=datetime(2024, 5, 6, 7, 30, tzinfo=UTC),
    byline="",
    abstract="Doors open at nine.",
    room="Foyer",
    speakers=(),
    materials=(),
    status="confirmed",
    slides_included=False,
)
BOATS = replace(
    WELCOME,
    external_id="3dE4f",
    title="Boats - Past and Present",
    start=datetime(2024, 5, 6, 7, 30, tzinfo=UTC),
    end=datetime(2024, 5, 6, 8, 30, tzinfo=UTC),
    byline="Ann B. Lee & Carl Öst, Harbour, Inc.",
    abstract="Three kinds of boats:\n\n- small\n- large\n\nSpeakers appear in this order.",
    room="Hall 1",
    track="Harbour Track",
    speakers=("Ann B. Lee", "Carl Öst"),
    materials=(
        MaterialRecord(kind="slides", title="Boats pdf", url="https://files.example/boats.pdf"),
        MaterialRecord(kind="recording", title="Boats mp4", url="https://files.example/boats.mp4"),
    ),
    slides_included=True,
)
SWIM = replace(
    WELCOME,
    external_id="5gH6i",
    title="Night Swim",
    start=datetime(2024, 5, 6, 21, 30, tzinfo=UTC),
    end=datetime(2024, 5, 6, 22, 30, tzinfo=UTC),
    abstract="",
    room="Lake",
    track="Water Track",
    status="cancelled",
)
PEOPLE = (
    SpeakerRecord(
        name="Ann B. Lee",
        job_title="Captain, First Mate",
        organisation="Harbour, Inc.",
        biography="Ann has sailed since 1990.\n\nShe also builds...",
        biography_is_cut=True,
    ),
    SpeakerRecord(
        name="Carl Öst",
        job_title="",
        organisation="",
        biography="Carl has never in his life been on any boat that was larger than the one he built himself.",
        biography_is_cut=False,
    ),
)


def test_page_in_html():
    programme = read((SAMPLES / "sched-page.html").read_bytes())

    assert [replace(session, where="") for session in programme.sessions] == [WELCOME, BOATS, SWIM]
    assert programme.speakers == PEOPLE
    assert (programme.title, programme.venue, programme.city, programme.country, programme.url, programme.zone) == (
        *("Lake Conf 2024", "Town Hall", "Zürich", "Switzerland", "https://lake.example/", "Europe/Zurich"),
    )
    assert programme.days == (date(2024, 5, 6), date(2024, 5, 6))
    assert programme.problems == ()


def test_page_as_text_says_the_same_without_addresses():
    page, text = (read((SAMPLES / f"sched-page.{end}").read_bytes()) for end in ("html", "txt"))

    def without(session: SessionRecord) -> SessionRecord:
        files = tuple(replace(each, url="") for each in session.materials or ())
        return replace(session, external_id="", where="", materials=files)

    assert [without(session) for session in text.sessions] == [without(session) for session in page.sessions]
    assert replace(text, sessions=()) == replace(page, sessions=(), url="")
    assert text.sessions[1].where == "line 22"


@pytest.mark.parametrize("data", [b"", b"Hello", b"<html><body>Not found", b"%PDF", b"\xff\xfe<", b"<html>" * 100_000])
def test_refused(data):
    assert not looks_like(data, "page.html")
    with pytest.raises(RefusedFile):
        read(data)


@pytest.mark.parametrize(
    ("said", "country", "hint", "zone"),
    [
        ("CET", "France", "", ("Europe/Paris", False)),
        ("CET", "Czechia", "", ("Europe/Prague", False)),
        ("CET", "Atlantis", "Europe/Madrid", ("Europe/Madrid", False)),
        ("CET", "", "", ("Europe/Paris", True)),
        ("EST", "USA", "", ("America/New_York", True)),
        ("XYZ", "", "", ("", True)),
    ],
)
def test_zone_is_guessed_by_abbreviation_and_country(said, country, hint, zone):
    assert guess(said, country, datetime(2019, 11, 1, tzinfo=UTC), hint) == zone


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Monday May 36, 2024 09:00 - 09:30 CEST", "cannot be used: “May 36, 2024 09:00” is none; it was left out."),
        ("Monday May 6, 2024 09:70 - 09:30 CEST", "cannot be used: “May 6, 2024 09:70” is none; it was left out."),
        ("Monday Maybe 6, 9999 09:00 - 09:30 CEST", "is in the year 9999"),
    ],
)
def test_time_that_cannot_be_used_is_said(written, said):
    text = (SAMPLES / "sched-page.txt").read_text().replace("Monday May 6, 2024 09:00 - 09:30 CEST", written)

    programme = read(text.encode())

    assert len(programme.sessions) == 2
    assert said in programme.problems[-1].text
    assert programme.problems[-1].where == "line 14"
