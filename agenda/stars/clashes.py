"""Starred talks that overlap, as one box in which the first choice is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from agenda.models import Event
from agenda.programme.kept_sessions import parts
from agenda.programme.words import span_of
from agenda.stars.items import Choice, ClashBox, Item
from agenda.version_cache import Version


def together(items: Sequence[Item]) -> list[list[Item]]:
    """The items, which are in order of time, by box: each overlaps one before it in its box."""
    boxes: list[list[Item]] = []
    for item in items:
        start = item.hours.start
        if boxes and any(each.hours.end > start for each in boxes[-1]):
            boxes[-1].append(item)
        else:
            boxes.append([item])
    return boxes


def clash_of(box: Sequence[Item]) -> ClashBox:
    """The box, below the heading of its first talk's day; each row has its times in the zone of its own event."""
    sessions = [item.hours for item in box]
    start, end = max(each.start for each in sessions), min(each.end for each in sessions)
    if not (at_once := start < end):
        start, end = sessions[0].start, max(each.end for each in sessions)
    choices = [_choice(item) for item in box]
    rows = _rows(box, choices, only=choices.count("first") == 1)
    return ClashBox(box[0].pk, span_of(start, end, box[0].zone), at_once, "open" in choices, rows)


def _choice(item: Item) -> Choice:
    if item.in_case:
        return "backup"
    if any(overlap.clashes for overlap in item.overlapping):
        return "open"
    return "first" if any(overlap.is_first for overlap in item.overlapping) else "free"


def _rows(box: Sequence[Item], choices: Iterable[Choice], *, only: bool) -> tuple[SafeString, ...]:
    """The talks' rows, each with its day if that is another than the heading's; the `only` first choice is checked."""
    alike: dict[tuple[Event, ZoneInfo, Choice, bool, str], list[Version]] = defaultdict(list)
    for item, choice in zip(box, choices, strict=True):
        dated = item.starts_on != box[0].day
        alike[item.event, item.zone, choice, dated, item.first_gone].append(Version(item.pk, item.session.updated))
    made: dict[int, SafeString] = {}
    for (event, zone, choice, dated, first_gone), versions in alike.items():
        made |= parts(
            *("agenda/_pick.html", event, versions, zone),
            choice=choice,
            dated=dated,
            first_gone=first_gone,
            group=box[0].pk,
            is_checked=choice == "first" and only,
        )
    return tuple(made[item.pk] for item in box if item.pk in made)  # else deleted a moment ago
