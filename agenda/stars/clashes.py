"""Starred talks that overlap, as one box in which the first choice is made."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

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
    only = choices.count("first") == 1
    group = box[0].pk
    rows = tuple(
        _row(item, choice, group=group, dated=item.starts_on != box[0].day, is_checked=choice == "first" and only)
        for item, choice in zip(box, choices, strict=True)
    )
    return ClashBox(group, span_of(start, end, box[0].zone), at_once, "open" in choices, rows)


def _choice(item: Item) -> Choice:
    if item.in_case:
        return "backup"
    if any(overlap.clashes for overlap in item.overlapping):
        return "open"
    return "first" if any(overlap.is_first for overlap in item.overlapping) else "free"


def _row(item: Item, choice: Choice, *, group: int, dated: bool, is_checked: bool) -> SafeString:
    """The talk's row; it names its day if that is another than the heading's."""
    made = parts(
        *("agenda/_pick.html", item.event, [Version(item.pk, item.session.updated)], item.zone),
        choice=choice,
        dated=dated,
        first_gone=item.first_gone,
        group=group,
        is_checked=is_checked,
    )
    return made.get(item.pk, SafeString())  # deleted a moment ago
