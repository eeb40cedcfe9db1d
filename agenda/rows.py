"""Sessions as rows of a page, rendered once per change, and the days and breaks between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone

from agenda.kept import Kept, Version
from agenda.models import Event, Session
from agenda.models.program import SessionQuerySet

# A row is about 1 KB in the list and 4 KB in full: at most some 60 MB a process, for many thousand sessions.
rows_kept: Kept[tuple[str, str]] = Kept(size=16_000)


@dataclass(frozen=True, slots=True)
class Line:
    """As much of a session as the order of a page needs; times in UTC."""

    pk: int
    updated: datetime
    start: datetime
    end: datetime

    @property
    def version(self) -> Version:
        return Version(self.pk, self.updated)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, after the break that comes before it, if any."""

    html: str  # safe
    pause: timedelta | None


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    entries: list[Entry]


def lines(sessions: SessionQuerySet) -> list[Line]:
    """One query, whatever the programme's size."""
    return [Line(*values) for values in sessions.in_order().values_list("pk", "updated", "start", "end")]


def days(
    event: Event, shown: list[Line], *, starred: set[int], zone: ZoneInfo, full: bool, with_breaks: bool
) -> list[Day]:
    """The lines as rendered rows, grouped by programme day (which ends at 04:00 in the event's zone)."""
    html = rendered(shown, zone=zone, full=full)
    return [
        Day(day, list(_entries(group, html, starred, with_breaks=with_breaks)))
        for day, group in groupby(shown, key=lambda line: event.day_of(line.start))
    ]


def rendered(shown: Iterable[Line], *, zone: ZoneInfo, full: bool) -> dict[int, tuple[str, str]]:
    """Each session's row, by pk: not starred, and starred."""

    def make(pks: list[int]) -> dict[int, tuple[str, str]]:
        template = get_template("agenda/_session.html")
        with timezone.override(zone):
            return {
                session.pk: (
                    template.render({"session": session, "full": full, "starred": False}),
                    template.render({"session": session, "full": full, "starred": True}),
                )
                for session in Session.objects.filter(pk__in=pks).with_details()
            }

    return rows_kept.get([line.version for line in shown], (zone.key, full), make)


def _entries(
    group: Iterable[Line], html: dict[int, tuple[str, str]], starred: set[int], *, with_breaks: bool
) -> Iterator[Entry]:
    busy_until: datetime | None = None
    for line in group:
        if line.pk not in html:  # deleted between two queries
            continue
        pause = line.start - busy_until if with_breaks and busy_until and line.start > busy_until else None
        busy_until = max(busy_until, line.end) if busy_until else line.end
        yield Entry(html[line.pk][line.pk in starred], pause)
