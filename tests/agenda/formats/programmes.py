"""Programmes for the tests of writers: one of every kind of session, and random ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from agenda.formats.records import (
    MaterialRecord,
    ProgrammeRecord,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)
from agenda.formats.xml_text import in_xml

GUID = UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01")
ADA = SpeakerRecord(name="Ada", guid=UUID(int=7), biography="Ada wrote the first program.")


def session(number: int, start: str, minutes: int = 30, **fields: Any) -> SessionRecord:
    """A session of that row; `start` is in ISO 8601, in UTC unless it says otherwise."""
    begins = datetime.fromisoformat(start)
    begins = begins if begins.tzinfo else begins.replace(tzinfo=UTC)
    given = {"external_id": str(number), "guid": UUID(int=number), "id": number, "title": f"Talk {number}"} | fields
    return SessionRecord(**given, start=begins, end=begins + timedelta(minutes=minutes))


def programme(*sessions: SessionRecord, **fields: Any) -> ProgrammeRecord:
    given: dict[str, Any] = {
        "format": "",
        "title": "Forum 2019",
        "acronym": "forum-2019",
        "zone": "Europe/Paris",
        "days": (date(2019, 10, 31), date(2019, 11, 1)),
        "rooms": (RoomRecord(name="Hall", guid=UUID(int=8), capacity=80), RoomRecord(name="Attic")),
        "tracks": (TrackRecord(name="KVM", colour="#0b6e66"),),
        "speakers": (ADA,),
        "url": "https://forum.example/forum-2019/",
        "version": "5",
    }
    return ProgrammeRecord(**{**given, **fields}, sessions=sessions)


EVERY_KIND = programme(
    session(
        1,
        "2019-10-31T10:00",
        guid=GUID,
        slug="a-talk",
        subtitle="With a subtitle",
        byline="Ada, Analytical",
        room="Attic",
        track="KVM",
        language="en",
        abstract="One\n\n- two\n- three & <four>",
        speakers=("Ada", "Bob"),
        url="https://forum.example/forum-2019/sessions/a-talk/",
        may_be_recorded=False,
        slides_included=True,
        status="confirmed",
        materials=(
            MaterialRecord(kind="slides", title="Slides", url="https://x.example/s.pdf?a=1&b=2"),
            MaterialRecord(kind="recording", title="Video", url="https://x.example/v"),
            MaterialRecord(kind="paper", title="Not there yet"),
        ),
    ),
    session(2, "2019-11-01T02:30", room="Hall", slug="Odd", status="tentative", title="=1+1", abstract="- a list"),
    session(3, "2019-11-01T09:00", 26 * 60, room="Hall", slug="odd-0002", status="confirmed"),
    session(4, "2019-11-01T03:00", room="", status="confirmed"),
    session(5, "2019-10-31T12:00", room="Hall", slug="gone", status="cancelled"),
)

# Without surrogates, which no row can hold, and without what no reader of XML takes.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(in_xml)
names = texts.filter(str.strip)
FIRST, LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 (the strategy adds the zone)
starts = st.datetimes(FIRST, LAST, timezones=st.just(UTC)) | st.dates(FIRST.date(), LAST.date()).map(
    lambda day: datetime.combine(day, time(), UTC)  # midnight is a trap in spreadsheets
)
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=1)) | st.timedeltas(
    timedelta(minutes=1), timedelta(days=366)
)
random_sessions = st.lists(
    st.builds(
        lambda start, length, **fields: SessionRecord(start=start, end=start + length, **fields),
        start=starts,
        length=lengths,
        external_id=st.uuids().map(str),
        guid=st.uuids(),
        title=texts,
        subtitle=texts,
        byline=texts,
        abstract=texts,
        room=texts,
        track=texts,
        slug=texts,
        speakers=st.lists(names, max_size=3, unique=True).map(tuple),
        materials=st.lists(
            st.builds(MaterialRecord, kind=st.sampled_from(["slides", "link"]), title=texts, url=texts), max_size=2
        ).map(tuple),
        url=st.just("https://forum.example/x/"),
    ),
    max_size=4,
    unique_by=lambda made: made.guid,
)
random_programmes = st.builds(
    lambda sessions, title, acronym, zone: programme(*sessions, title=title, acronym=acronym, zone=zone),
    random_sessions,
    texts,
    texts,
    st.sampled_from(["Europe/Paris", "Asia/Kolkata", "America/St_Johns", "UTC", "EST"]),
)
