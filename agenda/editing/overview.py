"""What an event's front page for editors shows: what is wrong, what waits, where it comes from, what was done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from agenda.editing.refreshing import can_follow, next_fetch
from agenda.editing.timeline import PastLine, recent
from agenda.editing.wanted import values_of
from agenda.formats.records import MaterialRecord
from agenda.models import Event, LeftFinding, Plan, Session, Source
from agenda.programme.findings import Fault, Finding, Mend, counted
from agenda.programme.linting import lint
from agenda.programme.records import whole_record

SHOWN = 50  # findings of a kind; the others come once these are mended
OPEN = 5  # findings of a kind that are shown without unfolding them
RECENT = 10  # changes; the history has the others


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding, and the sessions that it concerns."""

    finding: Finding
    sessions: list[Session]


@dataclass(slots=True)
class FindingGroup:
    """The findings of a kind."""

    fault: Fault
    rows: list[FindingRow] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return counted(self.fault, len(self.rows))

    @property
    def shown(self) -> list[FindingRow]:
        return self.rows[:SHOWN]

    @property
    def hidden(self) -> int:
        return max(0, len(self.rows) - SHOWN)

    @property
    def is_open(self) -> bool:
        return len(self.rows) <= OPEN


class SourceRow(NamedTuple):
    source: Source
    next: datetime | None
    can_follow: bool


@dataclass(frozen=True, slots=True)
class Overview:
    groups: list[FindingGroup]
    left: list[FindingGroup]
    plans: list[Plan]
    sources: list[SourceRow]
    recent: list[PastLine]

    @property
    def problems(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def left_count(self) -> int:
        return sum(len(group.rows) for group in self.left)


def overview(event: Event) -> Overview:
    """All of the page, as it is now. The number of queries does not grow with the rows."""
    rows, left = _findings(event), set(event.left_findings.values_list("key", flat=True))
    return Overview(
        groups=grouped(row for row in rows if row.finding.key not in left),
        left=grouped(row for row in rows if row.finding.key in left),
        plans=list(event.plans.filter(state=Plan.Status.WAITING).select_related("made_by").defer("wanted")),
        sources=[
            SourceRow(source, None if event.is_archived else next_fetch(source), can_follow(source))
            for source in event.sources.all()
        ],
        recent=recent(event, RECENT),
    )


def leave(event: Event, keys: set[str], *, by: User) -> int:
    """Leaves these findings as they are, from now on. Returns how many of them there are."""
    known = {row.finding.key for row in _findings(event)} & keys
    left = (LeftFinding(event=event, key=key, by=by, at=timezone.now()) for key in sorted(known))
    LeftFinding.objects.bulk_create(left, ignore_conflicts=True)
    return len(known)


def ask_again(event: Event, keys: set[str]) -> None:
    """Shows these findings again."""
    LeftFinding.objects.filter(event=event, key__in=keys).delete()


def mend(event: Event, key: str, *, by: User) -> Plan | None:
    """A waiting plan that mends the finding; None if it is gone, or has no safe repair."""
    for row in _findings(event):
        if row.finding.key == key and (repair := row.finding.mend):
            return _plan(repair, row.sessions[0], by)
    return None


def _plan(repair: Mend, session: Session, by: User) -> Plan:
    """The waiting plan that gives the session the repaired value; the same one for a button pressed twice."""
    before = {repair.field: values_of(session)[repair.field]}
    after = {repair.field: _as_json(repair.value)}
    wanted = {"key": str(session.pk), "session": session.pk, "title": session.title, "wanted": after, "base": before}
    plan, _ = Plan.objects.get_or_create(
        event_id=session.event_id,
        kind=Plan.Kind.EDIT,
        state=Plan.Status.WAITING,
        title=f"{repair.words}: “{session.title}”"[:200],
        wanted={"sessions": [wanted]},
        defaults={"made_by": by},
    )
    return plan


def _as_json(value: tuple[str, ...] | tuple[MaterialRecord, ...]) -> list[Any]:
    """The value as a plan has it: names, or the kind, title and address of each material that was not uploaded."""
    return [
        each if isinstance(each, str) else [each.kind, each.title, each.url]
        for each in value
        if isinstance(each, str) or not each.is_ours
    ]


def _findings(event: Event) -> list[FindingRow]:
    sessions = list(event.sessions.with_details().in_order())
    by_guid = {str(session.guid): session for session in sessions}
    found = lint(whole_record(event, sessions))
    return [FindingRow(finding, [by_guid[guid] for guid in dict.fromkeys(finding.sessions)]) for finding in found]


def grouped(rows: Iterable[FindingRow]) -> list[FindingGroup]:
    groups: dict[Fault, FindingGroup] = {}
    for row in rows:
        groups.setdefault(row.finding.fault, FindingGroup(row.finding.fault)).rows.append(row)
    return list(groups.values())
