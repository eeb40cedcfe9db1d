"""New sessions, typed or pasted in as text, a line each: they become a plan that waits for review."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import User
from agenda.editing.wanted import wanted_of
from agenda.formats.reading import SPREADSHEET, read_programme
from agenda.formats.records import ProgrammeRecord, RefusedFile, SessionRecord
from agenda.models import Event, Plan

HEADERS = ("Date", "Start", "End", "Duration", "Room", "Track", "Title", "Speakers")
DELIMITERS = "\t|;"  # the first of them that a line has parts its values
FEWEST = 5  # values of a line: start, end or minutes, room, track, title


@dataclass(frozen=True, slots=True)
class TypedSessions:
    """What was typed, as a programme; and what is wrong with it, line by line."""

    programme: ProgrammeRecord
    problems: list[str]


def typed_sessions(text: str, day: date, event: Event) -> TypedSessions:
    """Reads one session a line: start, end or minutes, room, track, title, speakers. `day` is that of all lines."""
    lines = text.splitlines()
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t")
    writer.writerow(HEADERS)
    problems = []
    for number, line in enumerate(lines, start=1):
        values = _values(line)
        if line.strip() and len(values) < FEWEST:
            problems.append(f"Line {number}: it has {len(values)} of 5 or 6 values. Part them by ; or by tabs.")
            values = []
        writer.writerow(_row(values, day) if values else [""] * len(HEADERS))
    try:
        read = read_programme(table.getvalue().encode(), "", zone=event.time_zone, format=SPREADSHEET)
    except RefusedFile as refusal:
        return TypedSessions(ProgrammeRecord(format="", sessions=()), problems or [str(refusal)])
    problems += [f"Line {_line(problem.where)}: {problem.text}" for problem in read.problems if problem.where]
    problems += _outside(read.sessions, event)
    return TypedSessions(read, problems if read.sessions or problems else ["Type at least one line."])


def _values(line: str) -> list[str]:
    delimiter = next((each for each in DELIMITERS if each in line), ";")
    return [value.strip() for value in line.split(delimiter)]


def _row(values: list[str], day: date) -> list[str]:
    """The cells of a line. "10:00–10:30" as the first value is start and end; a number as the second is minutes."""
    start, *rest = values
    both = start.replace("–", "-").replace("—", "-").split("-")
    if len(both) == 2 and ":" in both[1]:
        start, rest = both[0].strip(), [both[1].strip(), *rest]
    second, room, track, title, *speakers = [*rest, "", "", ""]
    end, length = ("", second) if second.isdecimal() and len(second) < 4 else (second, "")
    return [day.isoformat(), start, end, length, room, track, title, ";".join(filter(None, speakers))]


def _line(where: str) -> int:
    """The line that is meant by a place in the table, "row 3, column Start": its headers are row 1."""
    return int(where.partition(",")[0].removeprefix("row ").replace(",", "")) - 1


def _outside(sessions: Iterable[SessionRecord], event: Event) -> list[str]:
    opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1]
    return [
        f"Line {_line(each.where)}: “{each.title}” is outside the event’s days."
        for each in sessions
        if each.start < opens or each.end > closes
    ]


def plan_to_add(programme: ProgrammeRecord, event: Event, *, by: User, pk: UUID) -> Plan:
    """The plan that adds these sessions; the same one if the form with this number is sent again."""
    wanted = wanted_of(programme)
    count = len(wanted["sessions"])
    for number, each in enumerate(wanted["sessions"]):
        each["key"] = f"new:{number}"
    plan, _ = Plan.objects.get_or_create(
        pk=pk,
        event=event,
        defaults={
            "kind": Plan.Kind.EDIT,
            "title": f"{count} session{'' if count == 1 else 's'} added",
            "wanted": {**wanted, "problems": []},
            "made_by": by,
        },
    )
    return plan
