"""Keeps programmes in step with the addresses that they come from.

A source is claimed before it is fetched, by the time in `fetched`: of two runs at once, one fetches it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from agenda.editing.apply import PlanIsOver, PlanMovedOn, publish
from agenda.editing.fetching import PATIENCE, Fetched, FetchFailed, Rules, Unchanged, fetch
from agenda.editing.imports import plan_for
from agenda.editing.plan import Proposal, SessionPlan, propose
from agenda.editing.wanted import digest_of, wanted_of, when
from agenda.formats.reading import read_programme
from agenda.formats.records import Around, ProgrammeRecord, RefusedFile
from agenda.models import Event, Plan, Source

EVERY = timedelta(minutes=15)  # how often a source is fetched
LONGEST_PAUSE = timedelta(hours=8)  # between fetches that fail: each failure doubles the pause, up to this
SOON = timedelta(hours=2)  # people are on their way: what starts by then is not moved without asking
# The values of a session, as in wanted.VALUES, that people on their way to it must know.
WHERE_TO_BE = frozenset({"when", "room", "status", "is_published"})
NOTHING_NEW, WAITS = "Nothing new.", "A plan waits for you:"
IN_WORDS = {"changed": "changed", "new": "new", "gone": "cancelled", "back": "back again"}

logger = logging.getLogger(__name__)


def next_fetch(source: Source) -> datetime | None:
    """The time from which on refresh_programmes fetches the source again; None if it has no address."""
    if not source.address:
        return None
    if source.fetched is None:
        return timezone.now()
    pause: timedelta = min(EVERY * 2 ** min(source.failures, 10), LONGEST_PAUSE)
    return source.fetched + pause


def can_follow(source: Source) -> bool:
    """True for a source whose address was taken away, and is still known by its name."""
    longest = Source._meta.get_field("name").max_length or 0
    return not source.address and source.name.startswith("https://") and len(source.name) < longest


def due(now: datetime) -> list[Source]:
    """The sources that should be fetched, the one that has waited longest first; none of an archived event."""
    sources = Source.objects.exclude(address="").exclude(event__state=Event.State.ARCHIVED).select_related("event")
    found = [(at, source) for source in sources if (at := next_fetch(source)) and at <= now]
    return [source for _, source in sorted(found, key=lambda each: (each[0], each[1].pk))]


def claim(source: Source, now: datetime) -> bool:
    """Claims the source for this run; False if another run has it, or if its address was taken away."""
    claimed = Source.objects.filter(pk=source.pk, fetched=source.fetched).exclude(address="").update(fetched=now)
    source.fetched = now
    return bool(claimed)


def refresh(source: Source, *, patience: float = PATIENCE, rules: Rules | None = None) -> Plan | None:
    """Fetches a source that was claimed, and writes on it what came of that.

    Returns the plan that waits for an editor, if there was none of the same content before. Raises nothing for what a
    server or its file does.
    """
    plan = None
    try:
        said, plan = _fetched(source, patience, rules)
        source.failures = 0
    except (FetchError, RefusedFile) as failure:
        said, source.failures = str(failure).replace("\0", ""), source.failures + 1
    except Exception:  # a fault of ours: it is logged whole, and must not keep the other sources from being fetched
        logger.exception("The programme of %s could not be refreshed", source.event)
        said, source.failures = "This site failed to take over the file. Its log says why.", source.failures + 1
    source.said = said
    source.save(update_fields=["said", "failures", "etag", "last_modified"])
    return plan


class FetchError(Exception):
    """Nothing could be fetched. The message says why, in a sentence for the editor."""


def _fetched(source: Source, patience: float, rules: Rules | None) -> tuple[str, Plan | None]:
    """What came of a fetch, in a sentence; and the new plan that waits because of it."""
    answer = fetch(source.address, etag=source.etag, last_modified=source.last_modified, patience=patience, rules=rules)
    match answer:
        case FetchFailed(sentence):
            raise FetchError(sentence)
        case Unchanged():
            return _unchanged(source), None
        case Fetched(data, etag, last_modified, name):
            programme = read_programme(
                data,
                name,
                zone=source.zone,
                columns=source.columns,
                around=Around(source.event.starts_on, is_first=True),
            )
            outcome = _taken_over(programme, source)
            source.etag, source.last_modified = etag, last_modified
            return outcome


def _taken_over(programme: ProgrammeRecord, source: Source) -> tuple[str, Plan | None]:
    """Publishes what needs no asking; otherwise, the plan waits in place of an older one.

    A file that is as it was makes no new plan: what an editor discarded or put back does not come again by itself.
    """
    latest = source.plans.filter(kind=Plan.Kind.IMPORT).order_by("-made").first()
    if latest and digest_of(latest.wanted) == digest_of(wanted_of(programme)):
        return _unchanged(source), None
    plan = plan_for(programme, source, by=None)
    proposal = propose(plan)
    may_publish = source.policy == Source.Policy.HARMLESS and is_harmless(proposal, timezone.now())
    in_words = counts_in_words(proposal.counts) or "a choice to make, or texts about people"
    if proposal.is_empty or may_publish:
        try:
            batch = publish(plan, by=None, fingerprint=proposal.fingerprint)
        except (PlanMovedOn, PlanIsOver):  # an editor was faster
            return _unchanged(source), None
        return f"Published: {in_words}." if batch else NOTHING_NEW, None
    return f"{WAITS} {in_words}.", plan


def _unchanged(source: Source) -> str:
    waiting = source.plans.filter(state=Plan.Status.WAITING).exists()
    return f"{NOTHING_NEW} A plan of before waits for you." if waiting else NOTHING_NEW


def counts_in_words(counts: dict[str, int]) -> str:
    """ "3 changed, 1 new"; empty if nothing changes."""
    return ", ".join(f"{counts[kind]} {words}" for kind, words in IN_WORDS.items() if counts.get(kind))


def is_harmless(proposal: Proposal, now: datetime) -> bool:
    """True if there is nothing to decide, no mass cancellation, and no session moves that starts soon."""
    renames = [offer for offer in proposal.renamed_rooms if not (offer.is_known and offer.is_taken)]
    undecided = proposal.conflicts or proposal.same_sessions or renames
    return not (undecided or proposal.is_mass_gone or any(_moves_soon(each, now) for each in proposal.sessions))


def _moves_soon(planned: SessionPlan, now: datetime) -> bool:
    """True if people who are on their way to the session, or should be by then, would find another one or none."""
    session, taken = planned.session, planned.taken
    if session is None or not WHERE_TO_BE & taken.keys():
        return False
    spans = (when(session.start, session.end), taken.get("when"))
    times = (map(datetime.fromisoformat, span) for span in spans if span)
    return any(start <= now + SOON and end > now for start, end in times)
