"""Looks for sessions whose time or room cannot be right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from agenda.formats.days import day_of
from agenda.formats.records import ProgrammeRecord, SessionRecord, UntimedRecord
from agenda.programme.findings import Fault, Finding, found
from agenda.programme.words import date_and_time, length_of_time

R = TypeVar("R", bound=UntimedRecord)
A_DAY = timedelta(hours=24)  # Giggity refuses a whole schedule.xml with a session that is not shorter
AT_ONCE = 5  # earlier sessions that one is compared with, so that the time does not grow with their square
FEW = 5  # sessions; the hours of fewer say nothing about the zone
NIGHT = frozenset((23, 0, 1, 2, 3, 4, 5, 6))  # hours of the day in which few conferences begin a session
ASTONISHING, USUAL = 1 / 3, 1 / 10  # parts of all sessions that begin at night


def double_bookings(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Rooms and people that two sessions need at once. A session that ends when the next begins does not overlap it."""
    rooms, people = defaultdict(list), defaultdict(list)
    for session in sorted(going_ahead(programme.sessions), key=lambda each: (each.start, each.external_id)):
        if session.room:
            rooms[session.room].append(session)
        for name in dict.fromkeys(session.speakers or ()):
            people[name].append(session)
    zone = zone_of(programme)
    for fault, needed, verb in (
        (Fault.ROOM_TWICE, rooms, "take place in"),
        (Fault.PERSON_TWICE, people, "both need"),
    ):
        for name, sessions in needed.items():
            for earlier, later in _overlapping(sessions):
                at = _said(later.start, zone)
                text = f"{quoted(earlier)} and {quoted(later)} {verb} {name} at the same time, {at}."
                yield found(fault, text, (earlier, later), (name,))


def impossible_times(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Sessions that end before they start, or last for 24 hours or more."""
    for session in going_ahead(programme.sessions):
        length = session.end - session.start
        if length < timedelta(0):
            yield found(Fault.BACKWARDS, f"{quoted(session)} ends before it starts.", [session])
        elif length >= A_DAY:
            text = f"{quoted(session)} lasts {length_of_time(length)}. Giggity refuses a programme that has it."
            yield found(Fault.TOO_LONG, text, [session])


def without_room(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Sessions without a room, where others have one."""
    sessions = going_ahead(programme.sessions)
    if any(each.room for each in sessions):
        for session in sessions:
            if not session.room:
                yield found(Fault.NO_ROOM, f"{_placed(session, programme)} has no room.", [session])


def outside_the_days(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Sessions before the first day or after the last; one finding about the days if most of them are."""
    if programme.days is None:
        return
    zone, (first, last) = zone_of(programme), programme.days
    sessions = going_ahead(programme.sessions)
    outside = [each for each in sessions if not first <= day_of(each.start, zone) <= last]
    if len(outside) >= FEW and 2 * len(outside) > len(sessions):
        days = sorted(day_of(each.start, zone) for each in outside)
        text = (
            f"{len(outside)} of {len(sessions)} sessions are outside the event’s days, "
            f"{_day(first)} to {_day(last)}. "
            f"The first is on {_day(days[0])}, the last on {_day(days[-1])}. Check the days and the year."
        )
        yield found(Fault.DAYS, text, about=tuple(map(str, (first, last, days[0], days[-1]))))
        return
    for session in outside:
        is_early = day_of(session.start, zone) < first
        side = f"before the first day, {_day(first)}" if is_early else f"after the last day, {_day(last)}"
        yield found(Fault.OUTSIDE, f"{_placed(session, programme)} is {side}.", [session])


def hours_at_night(programme: ProgrammeRecord) -> Iterator[Finding]:
    """One finding if many sessions begin at night, and another reading of their times has hardly one there."""
    zone, sessions = zone_of(programme), going_ahead(programme.sessions)
    at_night = _at_night([each.start.astimezone(zone) for each in sessions])
    if len(sessions) < FEW or at_night < ASTONISHING * len(sessions):
        return
    reading = _likelier_reading([each.start for each in sessions], zone)
    if reading is None:
        return
    text = (
        f"{at_night} of {len(sessions)} sessions start between 23:00 and 07:00 in {zone.key}. "
        f"{reading.words}, it would be {reading.at_night}. Check the time zone of the event, or of the file."
    )
    yield found(Fault.HOURS, text, about=(zone.key,))


class Reading(NamedTuple):
    """A way to understand the times: in words, and how many sessions it puts at night."""

    words: str
    at_night: int


def _likelier_reading(starts: list[datetime], zone: ZoneInfo) -> Reading | None:
    """UTC's hours as local ones, else the smallest whole number of hours off; None if nothing puts them by day."""
    few = USUAL * len(starts)
    if (left := _at_night(start.astimezone(UTC) for start in starts)) <= few:
        return Reading("If the hours were meant as local time but taken as UTC", left)
    by_hour = Counter(start.astimezone(zone).hour for start in starts)
    for shift in sorted(range(-12, 13), key=abs):
        left = sum(number for hour, number in by_hour.items() if (hour + shift) % 24 in NIGHT)
        if left <= few:
            return Reading(f"{abs(shift)} h {'later' if shift > 0 else 'earlier'}", left)
    return None


def _at_night(moments: Iterable[datetime]) -> int:
    return sum(moment.hour in NIGHT for moment in moments)


def _overlapping(sessions: list[SessionRecord]) -> Iterator[tuple[SessionRecord, SessionRecord]]:
    """Pairs that overlap, of sessions in order of start; each with at most AT_ONCE earlier ones."""
    on: list[SessionRecord] = []
    for session in sessions:
        on = [each for each in on if each.end > session.start][-AT_ONCE:]
        for earlier in on:
            yield earlier, session
        if session.end > session.start:
            on.append(session)


def going_ahead(sessions: Iterable[R]) -> list[R]:
    """Those of the sessions that are not cancelled."""
    return [each for each in sessions if each.status != "cancelled"]


def zone_of(programme: ProgrammeRecord) -> ZoneInfo:
    return ZoneInfo(programme.zone or "UTC")


def quoted(session: UntimedRecord) -> str:
    return f"“{session.title.strip() or 'no title'}”"


def _placed(session: SessionRecord, programme: ProgrammeRecord) -> str:
    """The session and its time: "“Key signing”, Fri 15 Sep 2023, 12:00 IST,"."""
    return f"{quoted(session)}, {_said(session.start, zone_of(programme))},"


_said = lru_cache(maxsize=1000)(date_and_time)


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
