"""The programme's filters as links above it: the days, and a chip for every other filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from agenda.models import Event, Room, Track
from agenda.programme.filters import Filters
from agenda.programme.words import span_of, start_of


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a pill. On: `address` takes it off. Off: `address` sets it, or each of `choices` does."""

    label: str
    address: str = ""
    on: bool = False
    choices: tuple[tuple[str, str], ...] = ()  # (words, address)


def day_links(event: Event, filters: Filters, open_day: date | None) -> list[tuple[date | None, str, bool]]:
    """(day, address, True for the day shown) for each day of the event, and at the end for all of them (None)."""
    links: list[tuple[date | None, str, bool]] = [
        (day, filters.query(day=day, every_day=False, since=None, until=None), day == open_day) for day in event.days
    ]
    return [*links, (None, filters.query(day=None, every_day=True, since=None, until=None), open_day is None)]


def chips(filters: Filters, tracks: list[Track], rooms: list[Room], *, zone: ZoneInfo) -> list[Chip]:
    """A chip for every filter but the day. An active one says what it is set to, and one tap takes it off."""
    by_track = [(track.name, filters.query(track=track)) for track in tracks]
    by_room = [(room.name, filters.query(room=room)) for room in rooms]
    found = [
        _menu("Track", filters.track, by_track, filters.query(track=None)),
        _menu("Room", filters.room, by_room, filters.query(room=None)),
        Chip("Slides", filters.query(slides=not filters.slides), filters.slides),
        Chip("★ Mine", filters.query(starred=not filters.starred), filters.starred),
        Chip("Full text", filters.query(full=not filters.full), filters.full),
    ]
    if filters.since or filters.until:
        found.insert(0, Chip(_span(filters, zone), filters.query(since=None, until=None), on=True))
    if filters.q:
        found.insert(0, Chip(f"“{filters.q}”", filters.query(q=""), on=True))
    return [chip for chip in found if chip.address or chip.choices]


def _span(filters: Filters, zone: ZoneInfo) -> str:
    """The time between which sessions are shown, in the reader's zone: "Thu 13:00–15:00"."""
    if filters.since and filters.until:
        return span_of(filters.since, filters.until, zone, dated=True)
    moment = filters.since or filters.until
    return f"{'from' if filters.since else 'until'} {start_of(moment, moment, zone, dated=True)}" if moment else ""


def _menu(label: str, chosen: Track | Room | None, choices: list[tuple[str, str]], off: str) -> Chip:
    if chosen:
        return Chip(chosen.name, off, on=True)
    # A single choice needs no menu, unless it would leave everything as it is; then it is still worth a link.
    return Chip(choices[0][0], choices[0][1]) if len(choices) == 1 else Chip(label, choices=tuple(choices))
