"""Starred talks that overlap, as one box in which the first choice is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event
from agenda.programme.kept_sessions import parts
from agenda.programme.rows import render_once
from agenda.programme.words import span_of
from agenda.stars.items import Choice, Item
from agenda.version_cache import Version

BOX, ROWS = mark_safe("<box>"), mark_safe("<rows>")  # no text of a talk has these, as all are escaped


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


def clash_of(box: Sequence[Item], *, may_choose: bool) -> SafeString:
    """The box, below the heading of its first talk's day; each row has its times in the zone of its own event.

    Its parts are the same in many agendas, and kept: the number of the box, that of its first talk, is put in here.
    """
    sessions = [item.hours for item in box]
    start, end = max(each.start for each in sessions), min(each.end for each in sessions)
    if not (at_once := start < end):
        start, end = sessions[0].start, max(each.end for each in sessions)
    choices = [_choice(item) for item in box]
    rows = _rows(box, choices, only=choices.count("first") == 1)
    about = {"at_once": at_once, "is_open": "open" in choices, "may_choose": may_choose}
    span = span_of(start, end, box[0].zone)
    html = render_once("agenda/_clash.html", box=BOX, rows=ROWS, count=len(rows), span=span, **about)
    return mark_safe(html.replace(ROWS, "".join(rows)).replace(BOX, str(box[0].pk)))  # noqa: S308 (rendered by templates)


def _choice(item: Item) -> Choice:
    if item.in_case:
        return "backup"
    if any(overlap.clashes for overlap in item.overlapping):
        return "open"
    return "first" if any(overlap.is_first for overlap in item.overlapping) else "free"


def _rows(box: Sequence[Item], choices: Iterable[Choice], *, only: bool) -> list[SafeString]:
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
            box=BOX,
            is_checked=choice == "first" and only,
        )
    return [made[item.pk] for item in box if item.pk in made]  # else deleted a moment ago
