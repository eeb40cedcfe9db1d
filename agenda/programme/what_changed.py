"""What changed in a programme, as its readers saw it: the newest first, without what was undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event, Session, SessionRevision
from agenda.programme.history import marks
from agenda.programme.rows import ListedSession, public_slots
from agenda.version_cache import Version, VersionCache

LONGEST = 200  # rows of the page, and changes that the feed looks at; the newest
NAMED = 5  # sessions in the line about texts; the others are counted
# What decides whether and where to go, and the note. A change of texts alone is said in one line for all that changed.
TELLING = frozenset({"is_published", "status", "start", "end", "room", "title", "note"})
UNSAID = frozenset({"slug"})


class Step(NamedTuple):
    """One change of a session from what its readers saw to what they see next.

    `changes` are those of the fields in TELLING, as a revision has them: empty if only texts changed.
    """

    at: datetime
    changes: dict[str, list[Any]]

    @property
    def is_new(self) -> bool:
        return "is_published" in self.changes

    @property
    def is_cancellation(self) -> bool:
        return bool(self.changes.get("status", [""])[-1] == Session.Status.CANCELLED)

    @property
    def is_telling(self) -> bool:
        return bool(self.changes)


class _Seen(NamedTuple):
    """A change as readers saw it, before it is known what was undone; batches by pk."""

    at: datetime
    batch: int | None
    undoes: int | None  # the batch that its own batch puts back
    changes: dict[str, list[Any]]


Html: TypeAlias = dict[int, dict[datetime, tuple[str, str]]]  # by session and moment, safe

step_cache: VersionCache[tuple[Step, ...]] = VersionCache(size=20_000)  # most are empty
# By the moment of each step: the row without and with a pressed star; for a change of texts alone, a link, twice.
change_cache: VersionCache[dict[datetime, tuple[str, str]]] = VersionCache(size=4_000)


def steps_of(versions: Iterable[Version]) -> dict[int, tuple[Step, ...]]:
    """The steps of each public session by pk, the newest first. One query if any has changed since the last call."""

    def make(pks: list[int]) -> dict[int, tuple[Step, ...]]:
        found: dict[int, list[tuple[Any, ...]]] = {pk: [] for pk in pks}
        revisions = SessionRevision.objects.filter(session__in=pks).order_by("at", "pk")
        for pk, *values in revisions.values_list("session", "at", "batch", "batch__inverse_of", "changes"):
            found[pk].append(tuple(values))
        return {pk: _steps([_Seen(*values) for values in rows]) for pk, rows in found.items()}

    return step_cache.get(versions, (), make)


def _steps(revisions: list[_Seen]) -> tuple[Step, ...]:
    seen = list(_as_seen(revisions))
    left = [{field: each.changes[field] for field in each.changes.keys() - UNSAID} for each in seen]
    for field in {field for changes in left for field in changes}:
        having = [number for number, changes in enumerate(left) if field in changes]
        kept = ONE_OF_ALL[field](seen, having) if field in ONE_OF_ALL else _standing(field, seen, having)
        for number in set(having) - kept:
            del left[number][field]
    is_cancelled = any(changes.get("status", [""])[-1] == Session.Status.CANCELLED for changes in left)
    if is_cancelled:
        left = [{field: changes[field] for field in changes if field not in TELLING - {"status"}} for changes in left]
    steps = (
        Step(each.at, {field: changes[field] for field in TELLING & changes.keys()})
        for each, changes in zip(seen, left, strict=True)
        if changes
    )
    return tuple(steps)[::-1]


def _as_seen(revisions: list[_Seen]) -> Iterator[_Seen]:
    """The changes between the states in which the session was public, the oldest first; the first makes it new.

    What was done to it while it was hidden counts from the moment at which it is shown again.
    """
    published = [each.changes["is_published"] for each in revisions if "is_published" in each.changes]
    was_known = published[0][0] if published else True  # one without such a change was public from the first
    is_public, hidden = was_known, dict[str, list[Any]]()
    for each in revisions:
        for field, (old, new) in each.changes.items():
            hidden[field] = [hidden[field][0] if field in hidden else old, new]
        is_public = each.changes.get("is_published", [None, is_public])[1]
        if is_public:
            new_to_them = {"is_published": hidden.get("is_published", [False, True])}
            changed = {field: change for field, change in hidden.items() if change[0] != change[1]}
            yield each._replace(changes=changed if was_known else new_to_them)
            was_known, hidden = True, {}


def _standing(field: str, seen: list[_Seen], having: list[int]) -> set[int]:
    """The numbers of the changes of the field that still stand: whatever led back to where it stood is left out."""
    kept: list[tuple[int, str]] = []  # with the value before it
    for number in having:
        old, new = (json.dumps(value) for value in seen[number].changes[field])
        kept.append((number, old))
        before = [value for _, value in kept]
        if new in before:
            del kept[before.index(new) :]
    return {number for number, _ in kept}


def _last_status(seen: list[_Seen], having: list[int]) -> set[int]:
    """The number of the last change that cancels the session, or that lets a cancelled one take place.

    Empty if it puts back the batch that cancelled the session.
    """
    of_status = [number for number in having if Session.Status.CANCELLED in seen[number].changes["status"]]
    if not of_status:
        return set()
    *before, last = of_status
    is_put_back = bool(before) and seen[last].undoes is not None and seen[last].undoes == seen[before[-1]].batch
    return set() if is_put_back else {last}


def _last_note(seen: list[_Seen], having: list[int]) -> set[int]:
    """The number of the change that first gave the session its present note; empty if the note was withdrawn."""
    kept = _standing("note", seen, having) if seen[having[-1]].changes["note"][1] else set()
    return {max(kept)} if kept else set()


# Fields of which only the last change may be news.
ONE_OF_ALL = {"status": _last_status, "note": _last_note}


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """The changes made on one day, the newest first."""

    date: date
    html: SafeString


@dataclass(frozen=True)
class WhatChanged:
    """All changes of a programme, the newest first; each with its session. Pages and feeds show the newest of them."""

    all: list[tuple[Step, ListedSession]]

    @cached_property
    def changes(self) -> list[tuple[Step, ListedSession]]:
        """Those that make the newest LONGEST rows: all changes of texts alone in one edit are one row."""
        rows = set[tuple[datetime, int | None]]()
        shown = []
        for step, slot in self.all:
            rows.add((step.at, slot.pk if step.is_telling else None))
            if len(rows) > LONGEST:
                break
            shown.append((step, slot))
        return shown

    @property
    def cut_at(self) -> int | None:
        """The number of rows shown, if there are more."""
        return LONGEST if len(self.changes) < len(self.all) else None

    @property
    def latest(self) -> datetime | None:
        return self.all[0][0].at if self.all else None

    def of(self, sessions: set[int]) -> WhatChanged:
        """The changes of these sessions (pks), which their reader starred: that they are new is no news."""
        return WhatChanged([(step, slot) for step, slot in self.all if slot.pk in sessions and not step.is_new])

    def since(self, moment: datetime) -> int:
        """How many of the changes shown were made after that moment, those of texts alone left out."""
        return sum(step.at > moment for step, _ in self.changes if step.is_telling)

    def days(self, zone: ZoneInfo, starred: set[int]) -> list[ChangedDay]:
        """The changes as rows, by the day on which they were made in that zone."""
        edits = _edits(self.changes)
        named = {slot.pk: slot for edit in edits for slot in (*edit.told, *edit.texts[:NAMED])}
        html = _rows(named.values(), zone)
        by_day = groupby(edits, key=lambda edit: edit.at.astimezone(zone).date())
        return [
            ChangedDay(day, mark_safe("".join(part for edit in made for part in _parts(edit, html, starred, zone))))  # noqa: S308 (rendered by templates)
            for day, made in by_day
        ]


class _Edit(NamedTuple):
    """The sessions that changed at one moment: those that have a row each, and those of which only texts changed."""

    at: datetime
    told: list[ListedSession]
    texts: list[ListedSession]


def _edits(changes: Iterable[tuple[Step, ListedSession]]) -> list[_Edit]:
    edits: list[_Edit] = []
    for step, slot in changes:
        if not edits or edits[-1].at != step.at:
            edits.append(_Edit(step.at, [], []))
        (edits[-1].told if step.is_telling else edits[-1].texts).append(slot)
    return edits


def _parts(edit: _Edit, html: Html, starred: set[int], zone: ZoneInfo) -> Iterator[str]:
    """The rows of an edit, and then the line for all sessions of which only texts changed."""
    for slot in edit.told:
        if row := html.get(slot.pk, {}).get(edit.at):
            yield row[slot.pk in starred]
    links = [mark_safe(html[slot.pk][edit.at][0]) for slot in edit.texts[:NAMED] if slot.pk in html]  # noqa: S308 (rendered by a template)
    if links:
        context = {"at": edit.at, "links": links, "more": len(edit.texts) - len(links)}
        with timezone.override(zone):
            yield get_template("agenda/_changed_texts.html").render(context)


def what_changed(event: Event) -> WhatChanged:
    """What changed in the public programme of the event. What was there from its opening is not new.

    One query, and one for all sessions that changed since the last call.
    """
    slots = public_slots(event, None)
    steps = steps_of(slot.version for slot in slots)
    opening = _opening(steps)
    found = [
        (step, slot) for slot in slots for step in steps.get(slot.pk, ()) if not (step.is_new and step.at == opening)
    ]
    found.sort(key=lambda change: change[0].at, reverse=True)  # within an edit, they stay in the order of the programme
    return WhatChanged(found)


def _opening(steps: dict[int, tuple[Step, ...]]) -> datetime | None:
    """The moment at which the whole programme became public, when all was new; None if some of it always was.

    Cancelled sessions do not count: their steps tell the cancellation alone.
    """
    counted = [each for each in steps.values() if not any(step.is_cancellation for step in each)]
    firsts = [each[-1].at if each and each[-1].is_new else None for each in counted]
    known = [first for first in firsts if first]
    return min(known) if known and len(known) == len(firsts) else None


def _rows(slots: Iterable[ListedSession], zone: ZoneInfo) -> Html:
    """The HTML of each step of these sessions. The newest row of a session has its star and its note."""

    def make(pks: list[int]) -> Html:
        sessions = list(Session.objects.filter(pk__in=pks).select_related("event", "room", "replaced_by"))
        steps = steps_of(Version(session.pk, session.updated) for session in sessions)
        with timezone.override(zone):
            return {each.pk: _rows_of(each, steps.get(each.pk, ()), zone) for each in sessions}

    return change_cache.get([slot.version for slot in slots], zone.key, make)


def _rows_of(session: Session, steps: Iterable[Step], zone: ZoneInfo) -> dict[datetime, tuple[str, str]]:
    row, link = get_template("agenda/_changed.html"), get_template("agenda/_changed_link.html")
    made, is_newest = dict[datetime, tuple[str, str]](), True
    for step in steps:
        if not step.is_telling:
            made[step.at] = (link.render({"session": session}).strip(),) * 2
        elif said := marks(step.changes, session, zone):
            context = {"session": session, "at": step.at, "marks": said, "is_newest": is_newest}
            pair = [row.render({**context, "starred": starred}) for starred in (False, True)]
            made[step.at] = (pair[0], pair[1])
            is_newest = False
    return made
