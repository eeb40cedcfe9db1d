"""The bar of filters above the programme: days, search, menus in which several can be chosen, and chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from agenda.models import Event, Room, Track
from agenda.programme.filters import Filters
from agenda.programme.languages import Language
from agenda.programme.words import span_of, start_of

Choice: TypeAlias = Track | Room | Language
Fields: TypeAlias = tuple[tuple[str, str], ...]  # hidden ones of a form: (name, value)
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
    choices: tuple[tuple[str, str, bool], ...]  # (value, words, True if chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBar:
    """All that the bar shows, as plain values: two bars are equal only if they look alike."""

    day_links: tuple[tuple[date | None, str, bool], ...]
    q: str
    search_fields: Fields
    menus: tuple[Menu, ...]
    menu_fields: Fields
    chips: tuple[Chip, ...]
    cleared: str  # the address without filters, except for the day; empty if that is this one


def filter_bar(
    event: Event, filters: Filters, open_day: date | None, choices: dict[str, Sequence[Choice]], zone: ZoneInfo
) -> FilterBar:
    """The bar for these filters, with times in the reader's zone.

    `choices` are the tracks, rooms and languages, by the words in SEVERAL.
    """
    menus = tuple(_menu(filters, name, offered) for name, offered in choices.items() if len(offered) > 1)
    return FilterBar(
        day_links=tuple(_day_links(event, filters, open_day)),
        q=filters.q,
        search_fields=filters.hidden_fields("q"),
        menus=menus,
        menu_fields=filters.hidden_fields(*(menu.name for menu in menus)),
        chips=tuple(_chips(filters, choices, zone)),
        cleared="" if filters.by_day_alone else filters.only_day().query(),
    )


def _day_links(event: Event, filters: Filters, open_day: date | None) -> Iterable[tuple[date | None, str, bool]]:
    """(day, address, True for the day shown) for each day of the event, and at the end for all of them (None)."""
    for day in event.days:
        yield day, filters.query(day=day, every_day=False, since=None, until=None), day == open_day
    yield None, filters.query(day=None, every_day=True, since=None, until=None), open_day is None


def _menu(filters: Filters, name: str, offered: Sequence[Choice]) -> Menu:
    chosen = getattr(filters, SEVERAL[name])
    return Menu(name.capitalize(), name, tuple((each.slug, each.name, each in chosen) for each in offered))


def _chips(filters: Filters, choices: dict[str, Sequence[Choice]], zone: ZoneInfo) -> Iterable[Chip]:
    """A chip for every filter but the day. An active one says what it is set to, and one tap takes it off."""
    if filters.q:
        yield Chip(f"“{filters.q}”", filters.query(q=""), on=True)
    if filters.since or filters.until:
        yield Chip(_span(filters, zone), filters.query(since=None, until=None), on=True)
    for name, offered in choices.items():
        chosen = getattr(filters, SEVERAL[name])
        # A single choice needs no menu, unless it would leave everything as it is; then it is still worth a link.
        for each in chosen or (offered if len(offered) == 1 else ()):
            others = tuple(other for other in chosen if other != each) if chosen else (each,)
            yield Chip(each.name, filters.query(**{SEVERAL[name]: others}), on=bool(chosen))
    yield Chip("Slides", filters.query(slides=not filters.slides), filters.slides)
    yield Chip("★ Mine", filters.query(starred=not filters.starred), filters.starred)
    yield Chip("Full text", filters.query(full=not filters.full, grid=False), filters.full)


def _span(filters: Filters, zone: ZoneInfo) -> str:
    """The time between which sessions are shown, in the reader's zone: "Thu 13:00–15:00"."""
    if filters.since and filters.until:
        return span_of(filters.since, filters.until, zone, dated=True)
    moment = filters.since or filters.until
    return f"{'from' if filters.since else 'until'} {start_of(moment, moment, zone, dated=True)}" if moment else ""
