"""The programme as a list: its talks in one line each, under the hour at which they start; what is over is folded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event, Session
from agenda.programme.rows import EVER, ListedSession, Said, Slot, placed, render_once, zones_by_day
from agenda.programme.words import start_of, time_beside
from agenda.version_cache import VersionCache

MINUTE = timedelta(minutes=1)
TALKS_AN_HOUR = 1.5  # with no more than so many on average, a day's hours need no line of their own on a phone

Pairs: TypeAlias = list[tuple[Slot, Said]]


class TalkLine(NamedTuple):
    """A session as a line of the list: not starred, and starred."""

    plain: str  # safe
    starred: str
    goes_ahead: bool


class LineFacts(NamedTuple):
    """What lines say beside the title: the track and the room are left out where an event has only one."""

    track: bool
    room: bool
    until: bool = False  # the end, where it is not that of the hour
    still_on: bool = False  # the session stands with its star under an earlier day


# A line is about 1 KB.
talk_cache: VersionCache[TalkLine] = VersionCache(size=16_000)


@dataclass(frozen=True, slots=True)
class Hour:
    """The talks that start at the same time, under one heading."""

    heading: str  # safe
    talks: str  # safe
    is_on: bool
    pause: timedelta | None  # the break before it
    is_now: bool = False  # to be jumped to: the first that is on, or else the next

    @property
    def html(self) -> str:
        pause = render_once("agenda/_break.html", length=self.pause) if self.pause else ""
        begin = '<li class="hour on"' if self.is_on else '<li class="hour"'
        now = ' id="now"' if self.is_now else ""
        return f'{pause}{begin}{now}>{self.heading}<ol class="talks">{self.talks}</ol></li>'


@dataclass(frozen=True, slots=True)
class Earlier:
    """The talks of a day that are over, folded under one line."""

    count: int
    start: datetime
    end: datetime
    hours: list[Hour]

    @property
    def html(self) -> SafeString:
        return _joined(self.hours)


@dataclass(frozen=True, slots=True)
class ListedDay:
    """The hours under the heading of a day."""

    date: date
    zone: str  # its name on this day, if it has another on another day of the page
    hours: list[Hour]
    earlier: Earlier | None
    is_railed: bool  # few talks share their hour, which then stands beside them on a phone, too

    @property
    def html(self) -> SafeString:
        return _joined(self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeList:
    """How an event's sessions are listed for a reader at a moment."""

    event: Event
    zone: ZoneInfo
    starred: set[int]
    moment: datetime
    facts: LineFacts
    folds: bool = False  # what is over, as long as something else is left
    with_breaks: bool = False
    window: tuple[datetime, datetime] = EVER

    def days(self, shown: list[Slot]) -> list[ListedDay]:
        by_day = placed(self.event, shown, self.zone, self.window)
        folded_at = self.moment if self.folds and any(slot.end > self.moment for slot in shown) else EVER[0]
        split = {
            day: tuple(_by_hour(pair for pair in pairs if (pair[0].end <= folded_at) is over) for over in (True, False))
            for day, pairs in by_day.items()
        }
        talks = self._talks(group for parts in split.values() for groups in parts for group in groups)
        now = self._now([group for _, groups in split.values() for group in groups])
        zones = zones_by_day(by_day, self.zone)
        return [
            ListedDay(
                day,
                zones.get(day, ""),
                list(self._hours(day, groups, talks, now, busy_until=self._break_begins(over, groups))),
                self._earlier(day, over, talks),
                len(by_day[day]) <= TALKS_AN_HOUR * (len(over) + len(groups)),
            )
            for day, (over, groups) in split.items()
        ]

    def rows(self, shown: Iterable[Slot]) -> SafeString:
        """The hours of these sessions, whatever their days."""
        return _joined(hour for day in self.days(list(shown)) for hour in day.hours)

    def without_time(self, shown: Iterable[ListedSession]) -> SafeString:
        """The lines of those of the sessions that have no time yet."""
        found = [session for session in shown if not isinstance(session, Slot)]
        made = talks(found, zone=self.zone, usual_language=self.event.usual_language, facts=self.facts)
        lines = [(pk, made[pk]) for session in found if (pk := session.pk) in made]  # else deleted meanwhile
        html = "".join(line.starred if pk in self.starred else line.plain for pk, line in lines)
        return mark_safe(html)  # noqa: S308 (rendered by a template)

    def _talks(self, groups: Iterable[Pairs]) -> dict[tuple[int, bool, bool], TalkLine]:
        """The lines by pk, by whether they say their end, and by whether the session stands under an earlier day."""
        by_facts: dict[tuple[bool, bool], list[Slot]] = defaultdict(list)
        for group in groups:
            end = _usual_end(group)
            for slot, said in group:
                by_facts[slot.end != end, said == "still on"].append(slot)
        return {
            (pk, until, still_on): talk
            for (until, still_on), slots in by_facts.items()
            for pk, talk in talks(
                slots,
                zone=self.zone,
                usual_language=self.event.usual_language,
                facts=self.facts._replace(until=until, still_on=still_on),
            ).items()
        }

    def _now(self, groups: list[Pairs]) -> Pairs | None:
        """The first hour that is on; if none is, the next one of the same day."""
        left = [group for group in groups if any(slot.end > self.moment for slot, _ in group)]
        today = self.event.day_bounds(self.event.day_of(self.moment))[1]
        return next((group for group in left if group[0][0].start < today), None)

    def _break_begins(self, over: list[Pairs], groups: list[Pairs]) -> datetime | None:
        """The end of what is over, as long as a break follows it: one that is over, too, is not told."""
        return _end(over) if groups and groups[0][0][0].start > self.moment else None

    def _hours(
        self,
        day: date,
        groups: list[Pairs],
        talks: dict[tuple[int, bool, bool], TalkLine],
        now: Pairs | None = None,
        busy_until: datetime | None = None,
    ) -> Iterator[Hour]:
        for group in groups:
            end, start = _usual_end(group), group[0][0].start
            found = [
                (slot, talk)
                for slot, said in group
                if (talk := talks.get((slot.pk, slot.end != end, said == "still on")))  # else deleted meanwhile
            ]
            is_on = any(slot.start <= self.moment < slot.end and talk.goes_ahead for slot, talk in found)
            pause = start - busy_until if self.with_breaks and busy_until and start > busy_until else None
            if busy_until and self.event.day_of(busy_until) != self.event.day_of(start):
                pause = None  # a night between two of its days, which a reader's zone has on one, is no break
            busy_until = max(busy_until or EVER[0], _end([group]) or EVER[0])
            if found:
                html = "".join(talk.starred if slot.pk in self.starred else talk.plain for slot, talk in found)
                minutes = -((self.moment - end) // MINUTE) if is_on and end > self.moment else 0
                heading = _heading(day, start, end, group[0][1], self.zone, len(found), is_on=is_on, minutes=minutes)
                yield Hour(heading, html, is_on, pause, group is now)

    def _earlier(self, day: date, groups: list[Pairs], talks: dict[tuple[int, bool, bool], TalkLine]) -> Earlier | None:
        end = _end(groups)
        if not end:
            return None
        return Earlier(sum(map(len, groups)), groups[0][0][0].start, end, list(self._hours(day, groups, talks)))


@lru_cache(maxsize=4_000)
def _heading(
    day: date, start: datetime, end: datetime, said: Said, zone: ZoneInfo, count: int, *, is_on: bool, minutes: int
) -> str:
    """The heading of an hour, by what it says; `minutes` are what is left of it."""
    return get_template("agenda/_hour.html").render(
        {
            "start": start.astimezone(zone).isoformat(),
            "end": end.astimezone(zone).isoformat(),
            "start_in_words": start_of(start, end, zone, dated=said != "time"),
            "end_in_words": time_beside(end, start, zone),
            "weekday": date_format(day, "l") if said == "time" else "",
            "count": count,
            "is_on": is_on,
            "minutes": minutes,
        }
    )


def _joined(hours: Iterable[Hour]) -> SafeString:
    return mark_safe("".join(hour.html for hour in hours))  # noqa: S308 (rendered by templates)


def _unindented(html: str) -> SafeString:
    """The lines without their indents, which are a twelfth of the bytes of a list."""
    return mark_safe("\n".join(line.lstrip(" ") for line in html.split("\n")))  # noqa: S308 (rendered by a template)


def talks(
    shown: Iterable[ListedSession], *, zone: ZoneInfo, usual_language: str, facts: LineFacts
) -> dict[int, TalkLine]:
    """Each session as a line of the list, by pk; with its language, unless that is the event's usual one."""

    def make(pks: list[int]) -> dict[int, TalkLine]:
        template = get_template("agenda/_talk.html")
        made = {}
        with timezone.override(zone):
            for session in Session.objects.filter(pk__in=pks).with_details().with_replaced():
                session.usual_language = usual_language
                context = {"session": session, "facts": facts}
                plain, starred = (_unindented(template.render({**context, "starred": each})) for each in (False, True))
                made[session.pk] = TalkLine(plain, starred, goes_ahead=not session.is_cancelled)
        return made

    return talk_cache.get([slot.version for slot in shown], (zone.key, usual_language, facts), make)


def _by_hour(pairs: Iterable[tuple[Slot, Said]]) -> list[Pairs]:
    """The slots with the same start; one that a row under another day has already said is apart."""
    return [list(group) for _, group in groupby(pairs, key=lambda pair: (pair[0].start, pair[1]))]


def _usual_end(group: Pairs) -> datetime:
    """The end of most of the slots; of two that are as frequent, the one of the earlier slot."""
    return Counter(slot.end for slot, _ in group).most_common(1)[0][0]


def _end(groups: list[Pairs]) -> datetime | None:
    """The last end of all; None without a slot."""
    return max((slot.end for group in groups for slot, _ in group), default=None)
