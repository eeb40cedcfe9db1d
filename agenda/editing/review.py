"""A proposal in words, for the Review page and the command: what a person decides, and what changes, old → new.

Times are in the event's zone. Sessions that change alike are one row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from agenda.editing.apply import NOTED
from agenda.editing.bookings import Clash, Need
from agenda.editing.decisions import MOST_ASKED, questions
from agenda.editing.plan import Offer, Proposal, SessionPlan, ValueChange
from agenda.editing.wanted import when
from agenda.models import Plan, SessionRevision
from agenda.programme.prose import first_sentences
from agenda.programme.words import length_of_time, span_of

SOON = timedelta(minutes=30)  # people are on their way to what starts by then
ALIKE = 3  # sessions that change in the same way are one row from this number on
SHOWN = 100  # characters of a long text
LABELS = {
    **{"title": "Title", "subtitle": "Subtitle", "byline": "By", "abstract": "Description", "language": "Language"},
    **{"when": "Time", "room": "Room", "track": "Track", "status": "Status", "speakers": "Speakers"},
    **{"materials": "Materials", "slides_included": "Has slides", "is_published": "Published", "note": "Note"},
    **{"name": "Name", "job_title": "Job title", "organisation": "Organisation", "biography": "Biography"},
    **{"biography_is_cut": "Biography is cut", "replaced_by": "Instead"},
}
WORDS = {"changed": "changed", "new": "new", "gone": "gone, cancelled", "back": "back again"}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A value, old → new. `old` is None for a new session."""

    label: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A session of the plan, or several that change alike: then `others` has each of them.

    `choice` names its box; it is empty where there is none.
    """

    key: str
    title: str
    when: str
    stars: int
    lines: tuple[ShownChange, ...]
    is_soon: bool
    is_ticked: bool = True
    choice: str = ""
    others: tuple[ReviewRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that editors changed here and the file changed too: an editor chooses one of the two."""

    choice: str
    title: str
    when: str
    label: str
    stars: int
    ours: str
    theirs: str
    takes_theirs: bool
    by: str = ""
    why: str = ""
    clashing: str = ""  # people who gain a clash by their value, in words


@dataclass(frozen=True, slots=True)
class DoubleBooked:
    """A room or person that sessions need at once, each while another one does; `when` is from first to last."""

    needed: str
    when: str
    sessions: tuple[str, ...]


@dataclass(slots=True)
class Review:
    """All that the Review page says of a proposal, in its order."""

    plan: Plan
    proposal: Proposal
    conflicts: list[Conflict] = field(default_factory=list)
    changed: list[ReviewRow] = field(default_factory=list)
    texts: list[ReviewRow] = field(default_factory=list)  # changed in their text alone
    gone: list[ReviewRow] = field(default_factory=list)
    back: list[ReviewRow] = field(default_factory=list)
    new: list[ReviewRow] = field(default_factory=list)
    double_booked: list[DoubleBooked] = field(default_factory=list)
    speakers: list[tuple[str, list[ShownChange]]] = field(default_factory=list)
    kept_speakers: list[str] = field(default_factory=list)  # changed here and in the file: ours stays

    @property
    def counts(self) -> list[tuple[int, str]]:
        """The numbers at the top, with their words."""
        found = [(count, words) for kind, words in WORDS.items() if (count := self.proposal.counts.get(kind, 0))]
        kept, same = len(self.proposal.kept), self.proposal.same
        return found + [(kept, "edited here, kept")] * bool(kept) + [(same, "as they are")] * bool(same)

    @property
    def changed_count(self) -> int:
        return len(self.texts) + sum(len(row.others) or 1 for row in self.changed)

    @property
    def total(self) -> int:
        """How many sessions Publish changes."""
        return sum(self.proposal.counts.values())

    @property
    def without_box(self) -> int:
        """How many sessions are beyond those that are asked about; what becomes of them is what is shown."""
        rows = [*self.changed, *self.texts, *self.gone, *self.back, *self.new]
        return sum(not each.choice for row in rows for each in row.others or (row,)) if self.has_boxes else 0

    @property
    def has_boxes(self) -> bool:
        return self.plan.kind != Plan.Kind.EDIT

    @property
    def conflicts_not_asked(self) -> int:
        """How many conflicts there are besides those that are asked about; in these, ours stays."""
        return len(self.proposal.conflicts) - len(self.conflicts)

    @property
    def guesses(self) -> list[Offer]:
        """The guesses about sessions and rooms that an editor may take: those of an import."""
        if self.plan.kind != Plan.Kind.IMPORT:
            return []
        return [*self.proposal.same_sessions, *self.proposal.renamed_rooms][:MOST_ASKED]

    @property
    def guesses_not_asked(self) -> int:
        return max(0, len(self.proposal.same_sessions) + len(self.proposal.renamed_rooms) - MOST_ASKED)

    @property
    def decisions(self) -> int:
        return len(self.conflicts) + len(self.guesses) + self.proposal.is_mass_gone

    @property
    def is_noted(self) -> bool:
        """True if a note to attendees goes with it: more than texts change."""
        return any(each.session and each.taken.keys() & NOTED for each in self.proposal.sessions)

    @property
    def is_soon(self) -> bool:
        return any(row.is_soon for row in (*self.changed, *self.gone, *self.back, *self.new))


def review(
    plan: Plan, proposal: Proposal, *, stars: Mapping[int, int], clashing: Mapping[str, str], now: datetime
) -> Review:
    """The review of what the plan proposes. One query, if there are conflicts.

    `stars` are numbers by session (pk), `clashing` the people who gain a clash by the choice, in words.
    """
    words = _Words(proposal, stars, now, questions(plan, proposal))
    conflicts = [replace(each, clashing=clashing.get(each.choice, "")) for each in words.conflicts(proposal)]
    made = Review(plan, proposal, conflicts=conflicts)
    for planned in proposal.sessions:
        changes = [change for change in planned.changes if not change.is_conflict]
        if planned.kind == "changed" and changes:
            is_text = not {change.name for change in changes} & NOTED
            (made.texts if is_text else made.changed).append(words.row(planned, changes))
        elif planned.kind != "changed":
            rows = {"new": made.new, "gone": made.gone, "back": made.back}[planned.kind]
            rows.append(words.row(planned, changes if planned.kind == "back" else ()))
    made.changed = sorted(words.alike(proposal, made.changed), key=lambda row: (not row.is_soon, -row.stars))
    made.double_booked = _double_booked(proposal.clashes, words)
    for each in proposal.speakers:
        if lines := [words.line(change) for change in each.changes if change.is_taken]:
            made.speakers.append((each.speaker.name, lines))
        if any(change.is_conflict for change in each.changes):
            made.kept_speakers.append(each.speaker.name)
    return made


class _Words:
    """How values are said: in the event's zone, with these numbers of stars, at this moment."""

    def __init__(self, proposal: Proposal, stars: Mapping[int, int], now: datetime, asked: Container[str]) -> None:
        self.zone, self.present, self.stars, self.now = proposal.event.zone, proposal.present, stars, now
        self.asked = asked

    def row(self, planned: SessionPlan, changes: Iterable[ValueChange]) -> ReviewRow:
        session = planned.session
        times = when(session.start, session.end) if session else planned.taken["when"]
        room = (session.room.name if session.room else "") if session else planned.taken.get("room") or ""
        return ReviewRow(
            key=planned.key,
            title=planned.title,
            when=" · ".join(part for part in (self.when(_times(times)), room) if part),
            stars=self.stars.get(session.pk, 0) if session else 0,
            lines=tuple(self.line(change) for change in changes),
            is_soon=self._is_soon(planned),
            is_ticked=planned.is_ticked,
            choice=planned.choice if planned.choice in self.asked else "",
        )

    def line(self, change: ValueChange) -> ShownChange:
        old = None if change.old is None else self.value(change.name, change.old)
        new = self.value(change.name, change.new)
        if change.name == "when" and change.old and change.new and _is_same_day(change.old, change.new, self.zone):
            new = new.split(" ", 3)[3]
        return ShownChange(LABELS[change.name], old, new)

    def value(self, name: str, value: Any) -> str:
        """The value in words; a long text is cut."""
        if name == "when":
            return self.when(_times(value))
        if name == "materials":
            return ", ".join(title for _, title, _ in value) or "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if name == "replaced_by":
            return self.present[value].title if value in self.present else "none"
        return first_sentences(", ".join(value) if isinstance(value, list) else str(value), SHOWN) or "none"

    def when(self, times: Iterable[datetime]) -> str:
        """ "Wed 8 Mar 22:00–23:15"; "no time yet" if there are none."""
        if not (both := list(times)):
            return "no time yet"
        start, end = both
        span = span_of(start, end, self.zone)
        has_day = " – " in span  # then it begins with its weekday
        day = date_format(start.astimezone(self.zone), "D j M")
        return f"{day} {span.partition(' ')[2] if has_day else span}"

    def _is_soon(self, planned: SessionPlan) -> bool:
        """True if people who are on their way to it now would be misled."""
        if not planned.taken.keys() & NOTED:
            return False
        session = planned.session
        present = when(session.start, session.end) if session else []
        starts = _times([*present[:1], *planned.taken.get("when", [])[:1]])
        return any(self.now <= start < self.now + SOON for start in starts)

    def alike(self, proposal: Proposal, rows: list[ReviewRow]) -> list[ReviewRow]:
        """The rows, with one row in place of ALIKE or more that change in the same way."""
        by_key = {planned.key: planned for planned in proposal.sessions}
        groups: dict[Any, list[ReviewRow]] = defaultdict(list)
        for row in rows:
            groups[_manner(by_key[row.key], row)].append(row)
        found = []
        for alike in groups.values():
            if len(alike) < ALIKE:
                found += alike
            else:
                found.append(self._one_row(alike, by_key[alike[0].key]))
        return found

    def _one_row(self, alike: list[ReviewRow], planned: SessionPlan) -> ReviewRow:
        first = alike[0]
        times = [change for change in planned.changes if change.name == "when"]
        lines = tuple(line for line in first.lines if line.label != LABELS["when"])
        lines = (*(_shifted(change) for change in times), *lines)
        return ReviewRow(
            key=first.key,
            title=f"{len(alike)} sessions change alike",
            when="",
            stars=max(row.stars for row in alike),
            lines=lines,
            is_soon=any(row.is_soon for row in alike),
            others=tuple(alike),
        )

    def conflicts(self, proposal: Proposal) -> list[Conflict]:
        found = proposal.conflicts[:MOST_ASKED]
        edits = _edits([each.session.pk for each, _ in found if each.session])
        return [self._conflict(planned, change, edits) for planned, change in found]

    def _conflict(
        self, planned: SessionPlan, change: ValueChange, edits: Mapping[int, list[SessionRevision]]
    ) -> Conflict:
        row = self.row(planned, ())
        names = ("start", "end") if change.name == "when" else (change.name,)
        made = edits.get(planned.session.pk, []) if planned.session else []
        edit = next((edit for edit in made if any(name in edit.changes for name in names)), None)
        return Conflict(
            choice=f"value:{planned.key}:{change.name}",
            title=planned.session.title if planned.session else planned.title,
            when=row.when,
            label=LABELS[change.name],
            stars=row.stars,
            ours=self.value(change.name, change.old),
            theirs=self.value(change.name, change.new),
            takes_theirs=change.is_taken,
            by=f"{edit.by or 'An import'}, {date_format(edit.at.astimezone(self.zone), 'D j M H:i')}" if edit else "",
            why=edit.note if edit else "",
        )


def _edits(sessions: list[int]) -> dict[int, list[SessionRevision]]:
    """The revisions of these sessions (pks), the newest first. No query for none."""
    found: dict[int, list[SessionRevision]] = defaultdict(list)
    for edit in SessionRevision.objects.filter(session__in=sessions).select_related("by") if sessions else ():
        found[edit.session_id].append(edit)
    return found


def _double_booked(clashes: Iterable[Clash], words: _Words) -> list[DoubleBooked]:
    """The clashes, with one entry for all sessions that overlap each other in one room, or with one person."""
    groups: dict[str, list[list[Need]]] = defaultdict(list)
    for clash in clashes:
        pair = [clash.one, clash.other]
        together = [group for group in groups[clash.needed] if clash.one in group or clash.other in group]
        groups[clash.needed] = [group for group in groups[clash.needed] if group not in together]
        groups[clash.needed].append(list(dict.fromkeys(need for group in (*together, pair) for need in group)))
    return [_as_one(needed, group, words) for needed, each in groups.items() for group in each]


def _as_one(needed: str, group: list[Need], words: _Words) -> DoubleBooked:
    first, last = min(need.start for need in group), max(need.end for need in group)
    ordered = sorted(group, key=lambda need: (need.start, need.end, need.title))
    sessions = tuple(f"{need.title} · {words.when(_times([need.start, need.end]))}" for need in ordered)
    return DoubleBooked(needed, words.when(_times([first, last])), sessions)


def _times(when: Iterable[str]) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in when]


def _is_same_day(old: list[str], new: list[str], zone: ZoneInfo) -> bool:
    one, other = (_times(when)[0].astimezone(zone).date() for when in (old, new))
    return one == other


def _manner(planned: SessionPlan, row: ReviewRow) -> tuple[object, ...]:
    """What rows have in common that change alike; times count by how they move."""
    others = tuple(line for line in row.lines if line.label != LABELS["when"])
    times = [change for change in planned.changes if change.name == "when"]
    if any(not (change.old and change.new) for change in times):
        return (others, *(bool(change.new) and planned.key for change in times))
    moves = map(_move, times)
    return (others, *((by, *((old, new) if old != new else ())) for by, old, new in moves))


def _move(change: ValueChange) -> tuple[timedelta, timedelta, timedelta]:
    """How far the start moves, and the length before and after."""
    (start, end), (new_start, new_end) = _times(change.old), _times(change.new)
    return new_start - start, end - start, new_end - new_start


def _shifted(change: ValueChange) -> ShownChange:
    """How all move: "15 min later"; or how their length changes; or that they have no time any more."""
    if not change.new:
        return ShownChange(LABELS["when"], "as it was", "no time yet")
    by, old, new = _move(change)
    if old != new and not by:
        return ShownChange("Length", length_of_time(old), length_of_time(new))
    days, rest = divmod(abs(by), timedelta(days=1))
    parts = [f"{days} day{'' if days == 1 else 's'}"] * bool(days) + [length_of_time(rest)] * bool(rest)
    longer = "" if old == new else f", {length_of_time(new)} long"
    return ShownChange(
        LABELS["when"], "as it was", f"{' '.join(parts)} {'later' if by > timedelta(0) else 'earlier'}{longer}"
    )
