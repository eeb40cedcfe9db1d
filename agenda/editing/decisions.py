"""What an editor decides on the Review page: a plan's choices, and whether it is published or discarded."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from agenda.editing.apply import PlanMovedOn
from agenda.editing.changes import one_at_a_time
from agenda.editing.plan import Proposal, SessionPlan, propose
from agenda.models import Plan

LONGEST_NOTE = 500
# Questions of a kind; those of all kinds are fewer than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS. Others are not asked.
MOST_ASKED = 2000
BOXED = ("changed", "back", "new")  # kinds of sessions that are ticked unless an editor unticks them


def decide(plan: Plan, proposal: Proposal, answers: Mapping[str, str]) -> bool:
    """Keeps the answers to what the proposal asks, and the note. True if they make another proposal of it.

    `answers` are those of a form: a box that is not ticked is not in it. Other choices of the plan stay.
    """
    asked = questions(plan, proposal)
    if "boxes" not in answers:  # the page was not loaded to its end
        asked = {key: sides for key, sides in asked.items() if key.partition(":")[0] not in BOXED}
    choices = {key: choice for key, choice in plan.choices.items() if key not in asked}
    for key, (taken, left) in asked.items():
        if choice := taken if answers.get(key) in ("new", "yes") else left:
            choices[key] = choice
    taken_before = _guesses(proposal, plan.choices)
    plan.choices, plan.note = choices, answers.get("note", plan.note).replace("\r\n", "\n").strip()[:LONGEST_NOTE]
    Plan.objects.filter(pk=plan.pk, state=Plan.Status.WAITING).update(choices=plan.choices, note=plan.note)
    return _guesses(proposal, choices) != taken_before


def questions(plan: Plan, proposal: Proposal) -> dict[str, tuple[str, str]]:
    """What the Review page asks: for each choice, what is kept of a ticked and of an unticked box.

    Moves that editors gathered are not asked about: they are taken back where they are made.
    """
    guesses = [*proposal.same_sessions, *proposal.renamed_rooms][:MOST_ASKED]
    boxed = [] if plan.kind == Plan.Kind.EDIT else [each for kind in BOXED for each in _boxed(proposal, kind)]
    return {
        **{f"value:{planned.key}:{change.name}": ("new", "") for planned, change in proposal.conflicts[:MOST_ASKED]},
        **{offer.key: ("yes", "old" if offer.is_known else "") for offer in guesses},
        **{planned.choice: _of_gone(proposal) for planned in proposal.of_kind("gone")[:MOST_ASKED]},
        **{planned.choice: ("", "old") for planned in boxed},
    }


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


def _boxed(proposal: Proposal, kind: str) -> list[SessionPlan]:
    """The sessions of that kind of which more changes than what is asked as a conflict."""
    found = [each for each in proposal.of_kind(kind) if any(not change.is_conflict for change in each.changes)]
    return found[:MOST_ASKED]


def _of_gone(proposal: Proposal) -> tuple[str, str]:
    """The choices of a ticked and an unticked session that the file has no more."""
    return ("new", "") if proposal.is_mass_gone else ("", "old")


def _guesses(proposal: Proposal, choices: Mapping[str, str]) -> set[str]:
    """The guesses that are taken. They decide which session is which, and so all the rest."""
    guesses = (*proposal.same_sessions, *proposal.renamed_rooms)
    return {offer.key for offer in guesses if choices.get(offer.key) and not offer.is_known}
