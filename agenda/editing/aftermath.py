"""What will be wrong with the programme once a plan is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from agenda.editing.overview import FindingGroup, FindingRow, grouped
from agenda.editing.plan import Proposal, SessionPlan
from agenda.editing.wanted import Values
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord
from agenda.programme.findings import Fault
from agenda.programme.linting import lint
from agenda.programme.records import whole_record

SAID_APART = (Fault.ROOM_TWICE, Fault.PERSON_TWICE)  # the review has its own list of what is booked twice
TEXTS = ("title", "subtitle", "byline", "abstract", "language", "room", "track", "status", "slides_included")


def findings_after(proposal: Proposal) -> list[FindingGroup]:
    """The findings about what the plan changes, and about the whole event, but those that editors left. Two queries."""
    changed = {_id(each): each for each in proposal.sessions if each.taken and each.is_ticked}
    left = set(proposal.event.left_findings.values_list("key", flat=True))
    return grouped(
        FindingRow(finding, [])
        for finding in lint(_programme(proposal, changed))
        if finding.fault not in SAID_APART and finding.key not in left
        if not finding.sessions or changed.keys() & set(finding.sessions)
    )


def _id(planned: SessionPlan) -> str:
    """How the linter knows the session, so that what editors left is known again."""
    return str(planned.session.guid) if planned.session else f"new:{planned.key}"


def _programme(proposal: Proposal, changed: dict[str, SessionPlan]) -> ProgrammeRecord:
    """The event's programme as it will be."""
    programme = whole_record(proposal.event, proposal.present.values())
    return replace(programme, sessions=tuple(_sessions(programme, changed)))


def _sessions(programme: ProgrammeRecord, changed: dict[str, SessionPlan]) -> Iterator[SessionRecord]:
    for record in programme.sessions:
        planned = changed.get(record.external_id)
        yield _changed(record, planned.taken) if planned else record
    for key, planned in changed.items():
        if planned.session is None:
            start, end = map(datetime.fromisoformat, planned.taken["when"])
            where = planned.wanted.get("where", "")
            record = SessionRecord(external_id=key, title=planned.title, start=start, end=end, where=where)
            yield _changed(record, planned.taken)


def _changed(record: SessionRecord, values: Values) -> SessionRecord:
    """The record with these values, but for those that the linter does not look at."""
    record = replace(record, **{name: values[name] for name in TEXTS if name in values})
    if "when" in values:
        start, end = map(datetime.fromisoformat, values["when"])
        record = replace(record, start=start, end=end)
    if "speakers" in values:
        record = replace(record, speakers=tuple(values["speakers"]))
    if "materials" in values:
        ours = [each for each in record.materials or () if each.is_ours]
        files = [MaterialRecord(kind=kind, title=title, url=url) for kind, title, url in values["materials"]]
        record = replace(record, materials=(*ours, *files))
    return record
