"""All that may be wrong with a programme. Nothing is fetched, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord, SpeakerRecord, UntimedRecord
from agenda.models import Event, Session
from agenda.programme import lint_people, lint_texts, lint_times
from agenda.programme.findings import Fault, Finding
from agenda.programme.records import with_times

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


def sessions_to_lint(event: Event) -> list[Session]:
    """The event's sessions with all that lint() looks at. Four queries."""
    sessions = Session.objects.filter(event=event).select_related("room").in_order()
    return list(sessions.prefetch_related("appearances__speaker", "materials"))


def linted(event: Event, sessions: Iterable[Session]) -> ProgrammeRecord:
    """The programme of these sessions, for lint(); a session's external_id is its guid. One query."""
    records = [with_times(_record(session), session) for session in sessions]
    return ProgrammeRecord(
        format="",
        title=event.name,
        zone=event.time_zone,
        days=(event.starts_on, event.ends_on),
        sessions=tuple(each for each in records if isinstance(each, SessionRecord)),
        untimed=tuple(each for each in records if not isinstance(each, SessionRecord)),
        speakers=tuple(SpeakerRecord(name=name) for name in event.speakers.values_list("name", flat=True)),
    )


def _record(session: Session) -> UntimedRecord:
    return UntimedRecord(
        external_id=str(session.guid),
        title=session.title,
        byline=session.byline,
        abstract=session.abstract,
        room=session.room.name if session.room else "",
        status=session.status,
        speakers=tuple(appearance.speaker.name for appearance in session.appearances.all()),
        materials=tuple(
            # A file of ours is no link that could be wrong.
            MaterialRecord(kind=each.kind, title=each.title, url=each.url or (f"file:{each.file}" if each.file else ""))
            for each in session.materials.all()
        ),
        slides_included=session.slides_included,
    )
