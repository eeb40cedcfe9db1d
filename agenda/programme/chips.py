"""The finder above the programme: days, search, menus in which several can be chosen, chips, and the views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from agenda.models import Event, Room, Track
from agenda.programme.filters import VIEWS, Filters, written
from agenda.programme.languages import Language
from agenda.programme.words import span_of, start_of

Choice: TypeAlias = Track | Room | Language
Fields: TypeAlias = tuple[tuple[str, str], ...]  # hidden ones of a form: (name, value)
HOURS = range(8, 22)  # that are offered; an address may ask for any time
MOST_DAYS = 4  # of which the hours are offered together
SEVERAL = {"track": "tracks", "room": "rooms", "language": "languages"}  # field of Filters, by its word in an address


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a pill. On: `address` takes it off. Off: `address` sets it."""

    label: str
    address: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A check box for each choice of one filter, of which several can be chosen."""

    label: str
    name: str  # in the address
    choices: tuple[tuple[str, str, str, bool], ...]  # (value, words, colour or empty, True if chosen)

    @property
    def chosen(self) -> int:
        """The number of its choices that are chosen."""
        return sum(chosen for *_, chosen in self.choices)


@dataclass(frozen=True, slots=True)
class TimeField:
    """The hours from which, or until which, talks may be asked for."""

    label: str
    name: str  # in the address
    hours: tuple[tuple[str, str, bool], ...]  # (value, words, True if chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBar:
    """All that the bar shows, as plain values: two bars are equal only if they look alike."""

    day_links: tuple[tuple[date | None, str, bool], ...]
    q: str
    fields: Fields
    menus: tuple[Menu, ...]
    times: tuple[TimeField, ...]
    chips: tuple[Chip, ...]
    switches: tuple[Chip, ...]  # what is on or off, without a choice
    cleared: str  # the address without filters, except for the day; empty if that is this one
    views: tuple[tuple[str, str, bool], ...]  # (words, address, True for the one shown)

    @property
    def chosen(self) -> int:
        """The number of filters that are on, apart from the day."""
        return sum(chip.on for chip in (*self.chips, *self.switches))


def filter_bar(
    event: Event,
    filters: Filters,
    open_day: date | None,
    choices: dict[str, Sequence[Choice]],
    zone: ZoneInfo,
    view: str,
) -> FilterBar:
    """The bar for these filters, with times in the reader's zone.

    `choices` are the tracks, rooms and languages, by the words in SEVERAL; `view` is the one shown.
    """
    menus = tuple(_menu(filters, name, offered) for name, offered in choices.items() if len(offered) > 1)
    times = tuple(_time_fields(event, filters, open_day, zone))
    asked = [*(menu.name for menu in menus), *(field.name for field in times)]
    return FilterBar(
        day_links=tuple(_day_links(event, filters, open_day)),
        q=filters.q,
        fields=filters.hidden_fields("q", *asked),
        menus=menus,
        times=times,
        chips=tuple(_chips(filters, zone)),
        switches=(
            Chip("Slides", filters.query(slides=not filters.slides), filters.slides),
            Chip("★ Mine", filters.query(starred=not filters.starred), filters.starred),
        ),
        cleared="" if filters.by_day_alone else filters.only_day().query(),
        views=tuple((name.capitalize(), filters.query(view=name), name == view) for name in VIEWS),
    )


def _day_links(event: Event, filters: Filters, open_day: date | None) -> Iterable[tuple[date | None, str, bool]]:
    """(day, address, True for the day shown) for each day of the event, and at the end for all of them (None)."""
    for day in event.days:
        yield day, filters.query(day=day, every_day=False, since=None, until=None), day == open_day
    yield None, filters.query(day=None, every_day=True, since=None, until=None), open_day is None


def _menu(filters: Filters, name: str, offered: Sequence[Choice]) -> Menu:
    chosen = getattr(filters, SEVERAL[name])
    boxes = ((each.slug, each.name, getattr(each, "colour", ""), each in chosen) for each in offered)
    return Menu(name.capitalize(), name, tuple(boxes))


def _time_fields(event: Event, filters: Filters, open_day: date | None, zone: ZoneInfo) -> Iterable[TimeField]:
    """The two fields for a time, with the hours of the day that is open; none where too many days are."""
    days = [open_day] if open_day else event.days
    if len(days) > MOST_DAYS:
        return
    for label, name, asked in (("From", "from", filters.since), ("Until", "to", filters.until)):
        yield TimeField(label, name, _hours(tuple(days), event.zone, zone, asked))


@lru_cache(maxsize=500)
def _hours(
    days: tuple[date, ...], event_zone: ZoneInfo, zone: ZoneInfo, asked: datetime | None
) -> tuple[tuple[str, str, bool], ...]:
    """The hours of these days, and the time asked for: as an address has it, in words, and if it is asked for."""
    offered = [datetime.combine(day, time(hour), event_zone) for day in days for hour in HOURS]
    hours = sorted({*offered, *([asked] if asked else [])})
    dated = len(days) > 1
    return tuple((written(hour), start_of(hour, hour, zone, dated=dated), hour == asked) for hour in hours)


def _chips(filters: Filters, zone: ZoneInfo) -> Iterable[Chip]:
    """A chip for each choice: it says what is chosen, and one tap takes it off."""
    if filters.q:
        yield Chip(f"“{filters.q}”", filters.query(q=""), on=True)
    if filters.since or filters.until:
        yield Chip(_span(filters, zone), filters.query(since=None, until=None), on=True)
    for field in SEVERAL.values():
        chosen: tuple[Choice, ...] = getattr(filters, field)
        for each in chosen:
            others = tuple(other for other in chosen if other != each)
            yield Chip(each.name, filters.query(**{field: others}), on=True)


def _span(filters: Filters, zone: ZoneInfo) -> str:
    """The time between which sessions are shown, in the reader's zone: "Thu 13:00–15:00"."""
    if filters.since and filters.until:
        return span_of(filters.since, filters.until, zone, dated=True)
    moment = filters.since or filters.until
    return f"{'from' if filters.since else 'until'} {start_of(moment, moment, zone, dated=True)}" if moment else ""
