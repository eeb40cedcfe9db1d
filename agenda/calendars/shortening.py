"""The log of stars, without the lines that no calendar can need any more.

A person's newest lines all stay (KEPT_WHOLE). Of the older ones stay what a calendar of theirs needs to be told what
changed since it was last served: where it stands in the log, and what was starred then. A client with an older sync
token is told that it is too old (RFC 6578 section 3.2), and loads its calendar again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q

from accounts.models import UNDONE_WITHIN, CalendarKey
from agenda.calendars.served import Served
from agenda.models import StarLog

KEPT_WHOLE = 1000  # lines; some talks starred and unstarred over the weeks are a few dozen
READ_AT_ONCE = 10_000  # lines


class Line(NamedTuple):
    pk: int
    session: int
    starred: bool


def unneeded_lines(now: datetime) -> Iterator[int]:
    """The lines (pks) that can be deleted."""
    long = StarLog.objects.values("user").annotate(lines=Count("pk")).filter(lines__gt=KEPT_WHOLE).order_by("user")
    for user in list(long.values_list("user", flat=True)):
        newest = StarLog.objects.filter(user=user).order_by("-pk")
        whole_from = newest.values_list("pk", flat=True)[KEPT_WHOLE - 1]
        kept = needed(_before(user, whole_from), served_lines(user, now))
        yield from (line.pk for line in _before(user, whole_from) if line.pk not in kept)


def _before(user: int, pk: int) -> Iterator[Line]:
    """The user's lines before that one, in order; read in portions, as there may be millions."""
    lines = StarLog.objects.filter(user=user, pk__lt=pk).order_by("pk").values_list("pk", "session", "starred")
    last = 0
    while portion := [Line(*values) for values in lines.filter(pk__gt=last)[:READ_AT_ONCE]]:
        yield from portion
        last = portion[-1].pk


def served_lines(user: int, now: datetime) -> set[int]:
    """The lines (pks) up to which the user's calendars have been served; what was just revoked may be opened again."""
    keys = CalendarKey.objects.filter(Q(revoked=None) | Q(revoked__gt=now - UNDONE_WITHIN), user=user)
    versions = (Served.to_key(key).version for key in keys)
    return {version.logged for version in versions if version}


def needed(lines: Iterable[Line], served: set[int]) -> set[int]:
    """The lines (pks), given in order, that must stay so that nothing differs for a calendar served up to a line.

    Those are, for each session: its first, and between two lines of `served` the last that says it is starred, and
    the last that says it is not. From these follow what was starred at each of `served`, and what changed after it.
    """
    ends = sorted(served)
    first: dict[int, int] = {}
    last: dict[tuple[int, bool, int], int] = {}
    for line in lines:
        first.setdefault(line.session, line.pk)
        last[line.session, line.starred, bisect_left(ends, line.pk)] = line.pk
    return {*first.values(), *last.values()}
