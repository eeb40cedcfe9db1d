"""Sessionize's JSON: ids of two kinds, times without zone, breaks, and sessions that stand in every room."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from agenda.formats.records import MaterialRecord, RefusedFile, SessionRecord, SpeakerRecord
from agenda.formats.sessionize import looks_like, read

SAMPLES = Path(__file__).parents[2] / "samples" / "programmes"
LUNCH = UUID("6a6ef1d3-4be5-4f4a-8f6c-0c7a5f2f9f10")


def sample(name: str) -> bytes:
    return (SAMPLES / f"sessionize-{name}.json").read_bytes()


def test_view_all():
    programme = read(sample("all"), zone="Europe/Zurich")

    sailing, knots, lunch = (replace(session, where="") for session in programme.sessions)
    assert sailing == SessionRecord(
        external_id="101",
        title="Sailing by the stars",
        start=datetime(2024, 5, 6, 7, 30, tzinfo=UTC),
        end=datetime(2024, 5, 6, 8, 15, tzinfo=UTC),
        abstract="How to find home.\n\nBring a coat.",
        language="de",
        room="Lighthouse",
        track="Sea",
        type="Talk",
        speakers=("Ann Lee", "Bo Ray"),
        materials=(MaterialRecord(kind="recording", title="Recording", url="https://videos.example/101"),),
        status="confirmed",
    )
    assert (knots.external_id, knots.start, knots.room) == ("102", datetime(2024, 5, 6, 9, 30, tzinfo=UTC), "Pier")
    assert (lunch.guid, lunch.type, lunch.room, lunch.speakers) == (LUNCH, "service", "", ())
    assert programme.speakers == (
        SpeakerRecord(
            name="Ann Lee",
            guid=UUID("0f1c9c52-6d5c-4e7c-9d5e-2f2f6a1b7c11"),
            job_title="Captain",
            biography="Sails since 1990.",
            biography_is_cut=False,
        ),
        SpeakerRecord(name="Bo Ray", job_title="", biography="", biography_is_cut=False),
    )
    assert [room.name for room in programme.rooms] == ["Pier", "Lighthouse"]
    assert (programme.format, programme.zone) == ("Sessionize All", "Europe/Zurich")


def test_sessions_that_cannot_be_read_are_said():
    programme = read(sample("all"))

    assert [(each.where, each.text) for each in programme.problems] == [
        ("", "The times have no zone; they were read as UTC. Choose the zone they are in."),
        ("session 4", "“Not yet” has no time yet; it was left out."),
        ("session 5", "“Never” was not accepted; it was left out."),
        ("session 6", "The time of “Some day”, “soon”, is none; it was left out."),
        ("session 7", "A session has no title; it was left out."),
    ]


def test_grid_has_sessions_of_all_rooms_once():
    programme = read(sample("grid"), zone="Europe/Zurich")

    found = [(each.external_id, each.title, each.room, each.track, each.speakers) for each in programme.sessions]
    assert found == [
        ("101", "Sailing", "Pier", "Sea", ("Ann Lee",)),
        (str(LUNCH), "Lunch", "", None, ()),
        ("200", "Keynote", "Lighthouse", None, ()),
    ]
    assert (programme.format, programme.problems) == ("Sessionize GridSmart", ())


def test_view_sessions():
    days = json.loads(sample("grid"))
    groups = [{"groupId": 1, "groupName": "All", "sessions": days[0]["rooms"][0]["sessions"]}]

    programme = read(json.dumps(groups).encode(), zone="Europe/Zurich")

    assert [session.title for session in programme.sessions] == ["Sailing", "Lunch", "Keynote"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"[" * 1_000_000,
        b'{"sessions": {"id": 1}}',
        b'{"sessions": [1, null, "a"]}',
        b"<html>",
        b"9" * 100_000,
        sample("all")[:500],
    ],
    ids=range(11),
)
def test_refused(data):
    with pytest.raises(RefusedFile):
        read(data)


def test_odd_values_are_passed_over():
    odd = [None, True, 7, "\ud800", [], {}, "9999-12-31T23:59:59", "0000-01-01", -1e400]
    fields = ("id", "title", "startsAt", "endsAt", "speakers", "categoryItems", "roomId", "description", "status")
    usual = {"id": 1, "title": "Talk", "startsAt": "2024-05-06T09:30:00", "endsAt": "2024-05-06T10:15:00"}
    sessions = [{**usual, field: value} for field in fields for value in odd]

    programme = read(json.dumps({"sessions": sessions, "speakers": odd, "rooms": odd, "categories": odd}).encode())

    assert len({session.external_id for session in programme.sessions}) == len(programme.sessions)
    assert len(programme.sessions) + len(programme.problems) >= len(sessions)


def test_looks_like_sessionize():
    assert looks_like(sample("all"), "")
    assert looks_like(sample("grid"), "")
    assert not looks_like(b'{"schedule": {}}', "all.json")
