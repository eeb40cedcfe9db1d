"""All that may be wrong with a programme. Nothing is fetched, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agenda.formats.records import ProgrammeRecord
from agenda.programme import lint_people, lint_texts, lint_times
from agenda.programme.findings import Fault, Finding

CHECKS: tuple[Callable[[ProgrammeRecord], Iterator[Finding]], ...] = (
    lint_times.double_bookings,
    lint_times.impossible_times,
    lint_times.hours_at_night,
    lint_times.outside_the_days,
    lint_times.without_room,
    lint_people.not_listed,
    lint_people.written_in_two_ways,
    lint_texts.without_title,
    lint_texts.typed_twice,
    lint_texts.bad_links,
    lint_texts.without_slides,
)
IN_ORDER = {fault: number for number, fault in enumerate(Fault)}


def lint(programme: ProgrammeRecord) -> list[Finding]:
    """The findings, each key once, the gravest kind first. The time grows with n log n of the sessions."""
    findings = {finding.key: finding for check in CHECKS for finding in check(programme)}
    return sorted(findings.values(), key=lambda finding: IN_ORDER[finding.fault])
