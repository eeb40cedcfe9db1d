"""Plans that are over: what they wanted is forgotten, as batches and revisions have what history and undo need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from agenda.editing.wanted import emptied
from agenda.models import Plan

LONG_AGO = timedelta(days=30)  # after the event, a plan that still waits is over


def discard_forgotten(now: datetime) -> int:
    """Discards the plans that still wait long after their event. Returns how many there were."""
    old = Plan.objects.filter(state=Plan.Status.WAITING, made__lt=now - LONG_AGO)
    return old.filter(event__ends_on__lt=(now - LONG_AGO).date()).update(state=Plan.Status.DISCARDED)


def empty_past_plans() -> int:
    """Empties what plans wanted that are published or discarded. Returns how many there were."""
    return sum(_empty(plan) for plan in _full())


def _full() -> Iterator[Plan]:
    """The plans that are over and have not been emptied; each is read alone, as it may be large."""
    over = Plan.objects.exclude(state=Plan.Status.WAITING).exclude(wanted__has_key="digest")
    for pk in list(over.order_by().values_list("pk", flat=True)):
        yield Plan.objects.only("wanted").get(pk=pk)


def _empty(plan: Plan) -> bool:
    return bool(Plan.objects.filter(pk=plan.pk).update(wanted=emptied(plan.wanted)))
