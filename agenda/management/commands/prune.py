"""Deletes what nobody needs any more. To be run every hour; safe to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts import pruning
from agenda.calendars.shortening import unneeded_lines
from agenda.editing import past_plans
from agenda.management.repeating import RepeatingCommand
from agenda.models import Notice, StarLog
from agenda.stars import visitors

AT_ONCE = 500  # rows that one transaction deletes, so that nobody waits for it
NOTICES_KEPT = timedelta(days=30)  # after the end of the session and of its event


class Command(RepeatingCommand):
    help = "Deletes what nobody needs any more, such as sessions that have ended; says what with --verbosity 2."

    every = 60 * 60

    def run_once(self, *, is_loud: bool) -> bool:
        for what, rows, pks in everything(timezone.now()):
            self._say(sum(delete(rows, some) for some in portions(pks)), what, is_loud)
        self._say(past_plans.discard_forgotten(timezone.now()), "plan{s} long after the event", is_loud)
        self._say(past_plans.empty_past_plans(), "emptied plan{s} of the past", is_loud)
        return True

    def _say(self, count: int, what: str, is_loud: bool) -> None:
        if count and is_loud:
            self.stdout.write(f"{count} {what.format(s='' if count == 1 else 's')}")


def everything(now: datetime) -> Iterator[tuple[str, QuerySet[Any], Iterable[Any]]]:
    """What is deleted: its name, the rows that may go, and the pks of those that do."""
    for what, rows in (
        ("ended cookie session{s}", pruning.dead_sessions(now)),
        ("device{s} without a session", pruning.devices_without_session()),
        ("owner{s} without a session", pruning.owners_without_session()),
        ("calendar{s} revoked long ago", pruning.long_revoked_keys(now)),
        ("notice{s} of the past", old_notices(now)),
        ("counter{s} of limits", pruning.expired_counters()),
    ):
        yield what, rows, pks_of(rows)
    yield "visitor{s} with stars of the past", visitors.long_unused(now), visitors.with_old_stars_alone(now)
    yield "line{s} in the log of stars", StarLog.objects.all(), unneeded_lines(now)


def pks_of(rows: QuerySet[Any]) -> Iterator[Any]:
    """The pks of the rows, as many at a time as are deleted before the next are read."""
    while len(some := list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE])) == AT_ONCE:
        yield from some
    yield from some


def portions(pks: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(pks)
    while some := list(islice(remaining, AT_ONCE)):
        yield some


def delete(rows: QuerySet[Any], pks: list[Any]) -> int:
    """Deletes those of `pks` that are still among `rows`, and returns how many there were."""
    still = rows.filter(pk__in=pks).order_by().values("pk")
    deleted: dict[str, int] = rows.model._default_manager.filter(pk__in=still).delete()[1]
    return deleted.get(rows.model._meta.label, 0)


def old_notices(now: datetime) -> QuerySet[Notice]:
    """The notices about sessions that nobody can be mailed about any more: agenda/notices/due.py."""
    moment = now - NOTICES_KEPT
    ended = Notice.objects.filter(revision__session__event__ends_on__lt=moment.date())
    return ended.exclude(revision__session__end__gt=moment)
