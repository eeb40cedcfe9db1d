"""New sessions, typed or pasted in as text, a line each: they become a plan that waits for review."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from accounts.models import User
from agenda.editing.wanted import wanted_of
from agenda.formats.assembly import NotATime, in_utc, until
from agenda.formats.cell_times import moment_of
from agenda.formats.days import date_of
from agenda.formats.people_in_cells import People
from agenda.formats.plain_text import one_line
from agenda.formats.records import ProgrammeRecord, SessionRecord
from agenda.models import Event, Plan

DELIMITERS = "\t|;"  # the first of them that a line has parts its values
FEWEST, MOST = 5, 6  # values of a line: start, end or minutes, room, track, title; speakers
DASHES = str.maketrans("–—", "--")
SPARE_DAY = timedelta(days=1)
LENGTHS = {"title": 250, "room": 80, "track": 80, "name": 120}  # characters at most


class NotASession(ValueError):
    """A line that cannot be read. The message says why, as a sentence."""


@dataclass(slots=True)
class TypedSessions:
    """The sessions that were typed; and what is wrong, line by line."""

    sessions: list[SessionRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def typed_sessions(text: str, day: date, event: Event) -> TypedSessions:
    """Reads one session a line: start, end or minutes, room, track, title, speakers. `day` is that of all lines."""
    typed = TypedSessions()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            typed.sessions.append(_session(number, _values(line), day, event))
        except NotASession as problem:
            typed.problems.append(f"Line {number}: {problem}")
    if not typed.sessions and not typed.problems:
        typed.problems.append("Type at least one line.")
    return typed


def _values(line: str) -> list[str]:
    """The values of a line, of which the first is the start. "10:00–10:30" as the first is start and end."""
    delimiter = next((each for each in DELIMITERS if each in line), ";")
    values = [one_line(value) for value in line.split(delimiter)]
    both = values[0].translate(DASHES).split("-")
    if len(both) == 2 and ":" in both[0]:
        values[:1] = [each.strip() for each in both]
    if len(values) < FEWEST:
        raise NotASession(f"it has {len(values)} of {FEWEST} or {MOST} values. Part them by ; or by tabs.")
    return values


def _session(number: int, values: list[str], day: date, event: Event) -> SessionRecord:
    start, end, room, track, title, *others = values
    if not title:
        raise NotASession("it has no title.")
    cell = ";".join(others)
    names = People([cell]).names(cell)
    for kind, texts in (("title", [title]), ("room", [room]), ("track", [track]), ("name", names)):
        if any(len(each) > LENGTHS[kind] for each in texts):
            raise NotASession(f"a {kind} has more than {LENGTHS[kind]} characters.")
    begin, finish = _times(start, end, day, event)
    opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1]
    if begin < opens or finish > closes:
        raise NotASession(f"“{title}” is outside the event’s days.")
    return SessionRecord(
        external_id=f"new:{number}", title=title, start=begin, end=finish, room=room, track=track, speakers=names
    )


def _times(start: str, end: str, day: date, event: Event) -> tuple[datetime, datetime]:
    """Start and end in UTC. A number in place of the end is minutes; an end before the start is on the next day."""
    said = start
    try:
        begin = _moment(start, day, event)
        said = end
        if end.isdecimal() and len(end) < 4:
            finish = begin + timedelta(minutes=int(end))
        else:
            finish = _moment(end, event.day_of(begin), event)
            finish += SPARE_DAY if finish < begin else timedelta()
        return begin, until(begin, finish)[0]
    except NotATime as problem:
        raise NotASession(f"“{said}” {problem}.") from None


def _moment(text: str, day: date, event: Event) -> datetime:
    """The moment of "10:00" on that programme day, or of a text that has a date of its own."""
    found = moment_of(text, "YMD")
    if found.clock is None:
        raise NotATime("is no time of the day")
    on = found.day or date_of(day, found.clock)
    return in_utc(datetime.combine(on, time()) + found.clock, event.zone)


def plan_to_add(sessions: list[SessionRecord], event: Event, *, by: User, pk: UUID) -> Plan:
    """The plan that adds these sessions; the same one if the form with this number is sent again."""
    count = len(sessions)
    plan, _ = Plan.objects.get_or_create(
        pk=pk,
        event=event,
        defaults={
            "kind": Plan.Kind.EDIT,
            "title": f"{count} session{'' if count == 1 else 's'} added",
            "wanted": wanted_of(ProgrammeRecord(format="typed", sessions=tuple(sessions))),
            "made_by": by,
        },
    )
    return plan
