"""What an editor decides on the Review page: a plan's choices, and whether it is published or discarded."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from agenda.editing.apply import PlanMovedOn
from agenda.editing.changes import one_at_a_time
from agenda.editing.plan import Proposal, propose
from agenda.models import Plan

LONGEST_NOTE = 500
MOST_ASKED = 300  # questions of a kind; Django takes a form of 1,000 fields. The others are answered as they stand.


def decide(plan: Plan, proposal: Proposal, answers: Mapping[str, str]) -> bool:
    """Keeps the answers to what the proposal asks, and the note. True if they make another proposal of it.

    `answers` are those of a form: a box that is not ticked is not in it. Other choices of the plan stay.
    """
    guesses = [*proposal.same_sessions, *proposal.renamed_rooms][:MOST_ASKED]
    asked = {
        **{f"value:{planned.key}:{change.name}": ("new", "") for planned, change in proposal.conflicts[:MOST_ASKED]},
        **{offer.key: ("yes", "") for offer in guesses},
        **{f"gone:{planned.key}": _of_gone(proposal) for planned in proposal.of_kind("gone")[:MOST_ASKED]},
    }
    choices = {key: choice for key, choice in plan.choices.items() if key not in asked}
    for key, (taken, left) in asked.items():
        if choice := taken if answers.get(key) in ("new", "yes") else left:
            choices[key] = choice
    taken_before = _guesses(proposal, plan.choices)
    plan.choices, plan.note = choices, answers.get("note", plan.note).replace("\r\n", "\n").strip()[:LONGEST_NOTE]
    Plan.objects.filter(pk=plan.pk, state=Plan.Status.WAITING).update(choices=plan.choices, note=plan.note)
    return _guesses(proposal, choices) != taken_before


@transaction.atomic
def discard(plan: Plan, *, fingerprint: str) -> None:
    """Ends the plan without a change; one that is over stays as it is.

    Raises PlanMovedOn if other editors added moves to it since its review was shown with that fingerprint.
    """
    one_at_a_time()
    waiting = Plan.objects.filter(pk=plan.pk, state=Plan.Status.WAITING)
    present = waiting.select_for_update().first() if plan.kind == Plan.Kind.EDIT else None
    if present and fingerprint and propose(present).fingerprint != fingerprint:
        raise PlanMovedOn
    waiting.update(state=Plan.Status.DISCARDED)


def _of_gone(proposal: Proposal) -> tuple[str, str]:
    """The choices of a ticked and an unticked session that the file has no more."""
    return ("new", "") if proposal.is_mass_gone else ("", "old")


def _guesses(proposal: Proposal, choices: Mapping[str, str]) -> set[str]:
    """The guesses that are taken. They decide which session is which, and so all the rest."""
    return {offer.key for offer in (*proposal.same_sessions, *proposal.renamed_rooms) if choices.get(offer.key)}
