"""A conference out of nothing: three days, twelve rooms, about a hundred talks a day. Always the same texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random
from zoneinfo import ZoneInfo

from agenda.formats.records import ProgrammeRecord, RoomRecord, SessionRecord, SpeakerRecord, TrackRecord
from agenda.management.made_up_words import (
    ABOUT_PEOPLE,
    BEGINNINGS,
    ENDS,
    FIRST_NAMES,
    JOBS,
    LAST_NAMES,
    MIDDLES,
    ORGANISATIONS,
    PLENARIES,
    ROOMS,
    TITLES,
    TRACKS,
)

DAYS = 3
SEED = 15
PEOPLE = 240
OPENING, CLOSING, EVENING = ("09:15", "10:00"), ("18:30", "19:10"), ("20:00", "23:00")
SLOTS = [
    *(("10:10", "10:50"), ("11:20", "12:00"), ("12:10", "12:50"), ("14:00", "14:40")),
    *(("14:50", "15:30"), ("16:00", "16:40"), ("16:50", "17:30"), ("17:40", "18:20")),
]
LONG_SLOTS = [SLOTS[0], ("11:20", "12:50"), ("14:00", "15:30"), ("16:00", "17:30"), SLOTS[7]]  # of workshops
SHORT = timedelta(minutes=20)  # a short talk; two fit into a slot of their room
SHORT_TALKS = "Pier 2"
# Ids of sessions, "day-room-number". The second day is the one that the demonstration calls today.
CANCELLED = "1-2-3"
MOVED = "1-3-2"
FREE = "1-4-7"  # where nothing takes place, so that the moved talk can go there
RUNS_OVER = "1-1-3"  # into the next talk of its room
SPEAKS_TWICE = "1-5-5"  # its first speaker is also announced in the next room
WITHOUT_TIME = ("0-9-6", "2-4-1", "2-8-5")  # whose time is not known yet; of the last, nor is the room
MINUTES_OVER = timedelta(minutes=15)


def programme(first_day: date, zone: str) -> ProgrammeRecord:
    """The programme on three days from `first_day`, at the hours of `zone`."""
    random = Random(SEED)  # noqa: S311 (no secret)
    speakers = _speakers(random)
    sessions = _with_clashes(list(_talks(first_day, ZoneInfo(zone), random)), speakers)
    return ProgrammeRecord(
        format="made up",
        title="Tideline Demo Conference",
        zone=zone,
        days=(first_day, first_day + timedelta(days=DAYS - 1)),
        rooms=tuple(RoomRecord(name=name, capacity=seats) for name, seats in ROOMS),
        tracks=tuple(TrackRecord(name=name, colour=colour) for name, colour, _ in TRACKS),
        speakers=tuple(speakers),
        sessions=tuple(sessions),
        venue="Old Ferry Terminal",
        city="Lindhaven",
    )


def span_of(first_day: date, zone: ZoneInfo, external_id: str) -> tuple[datetime, datetime]:
    """The start and end, in UTC, of the session or free slot with this id in one of the rooms with plain slots."""
    day, _, slot = map(int, external_id.split("-"))
    return _span(first_day + timedelta(days=day), zone, *SLOTS[slot])


def room_of(external_id: str) -> str:
    return ROOMS[int(external_id.split("-")[1])][0]


def _span(day: date, zone: ZoneInfo, start: str, end: str) -> tuple[datetime, datetime]:
    moments = (datetime.combine(day, time.fromisoformat(text), tzinfo=zone) for text in (start, end))
    begins, ends = (moment.astimezone(UTC) for moment in moments)
    return begins, ends


def _talks(first_day: date, zone: ZoneInfo, random: Random) -> Iterator[SessionRecord]:
    """All sessions, still without speakers. A room keeps one track for a day."""
    titles = {name: _titles(subjects, random) for name, _, subjects in TRACKS}
    names = list(titles)
    for number in range(DAYS):
        day = first_day + timedelta(days=number)
        yield from _plenaries(number, day, zone)
        for place, (room, _) in enumerate(ROOMS):
            track = names[(place + 3 * number) % len(names)]
            for slot, (start, end) in enumerate(_spans(room, day, zone)):
                external_id = f"{number}-{place}-{slot}"
                if external_id == FREE:
                    continue
                title, subject = next(titles[track])
                yield SessionRecord(
                    external_id=external_id,
                    title=f"Workshop: {title[0].lower()}{title[1:]}" if "Workshop" in room else title,
                    abstract=_abstract(subject, random),
                    start=start,
                    end=end,
                    room=room,
                    track=track,
                    language="en",
                )


def _spans(room: str, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    for start, end in (_span(day, zone, *slot) for slot in (LONG_SLOTS if "Workshop" in room else SLOTS)):
        yield from [(start, start + SHORT), (start + SHORT, end)] if room == SHORT_TALKS else [(start, end)]


def _plenaries(number: int, day: date, zone: ZoneInfo) -> Iterator[SessionRecord]:
    """What is for all: the opening, the last hour and the evening."""
    for slot, (name, (title, room, abstract)) in zip(
        (OPENING, CLOSING, EVENING), PLENARIES[number].items(), strict=True
    ):
        start, end = _span(day, zone, *slot)
        yield SessionRecord(
            external_id=f"{number}-{name}",
            title=title,
            abstract=abstract,
            start=start,
            end=end,
            room=room,
            language="en",
            speakers=None if name == "opening" else (),
        )


def _titles(subjects: list[str], random: Random) -> Iterator[tuple[str, str]]:
    """Titles with their subjects: each subject in its turn, never twice with the same words."""
    words = {subject: random.sample(TITLES, k=len(TITLES)) for subject in subjects}
    for subject in cycle(subjects):
        title = words[subject].pop().format(subject)
        yield title[0].upper() + title[1:], subject


def _abstract(subject: str, random: Random) -> str:
    begins, ends = random.choice(BEGINNINGS), random.choice(ENDS)
    return f"{begins} {' '.join(random.sample(MIDDLES, k=2))}\n\n{ends}".format(subject)


def _speakers(random: Random) -> list[SpeakerRecord]:
    names = random.sample([f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES], k=PEOPLE)
    people = []
    for name in names:
        job, organisation = random.choice(JOBS), random.choice(ORGANISATIONS)
        biography = random.choice(ABOUT_PEOPLE).format(name=name, first=name.split()[0], organisation=organisation)
        people.append(SpeakerRecord(name=name, job_title=job, organisation=organisation, biography=biography))
    return people


def _with_clashes(sessions: list[SessionRecord], speakers: list[SpeakerRecord]) -> Iterator[SessionRecord]:
    """The sessions with one or two speakers each, in turn; and with the two mistakes that an editor can find.

    In turn, as no slot needs as many people as there are: so nobody but the one of SPEAKS_TWICE is in two rooms.
    """
    turn = cycle(speaker.name for speaker in speakers)
    given = {
        each.external_id: tuple(next(turn) for _ in range(1 + (number % 3 == 0))) if each.speakers is None else ()
        for number, each in enumerate(sorted(sessions, key=lambda each: each.start))
    }
    day, place, slot = SPEAKS_TWICE.split("-")
    given[f"{day}-{int(place) + 1}-{slot}"] += given[SPEAKS_TWICE][:1]
    for each in sessions:
        over = MINUTES_OVER if each.external_id == RUNS_OVER else timedelta(0)
        yield replace(each, speakers=given[each.external_id], end=each.end + over)
