"""Stars given and taken without network, put right later: the last thing a person did wins, not the last to arrive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.models.session import is_editor, is_public
from agenda.programme.words import time_beside
from agenda.stars.starred import VISITOR_STARS
from agenda.stars.starring import keep_visitor_stars, lock
from database.prepared import Prepared

OLDEST = timedelta(days=30)  # of a tap; what waited longer is taken for so old
MOST_AT_ONCE = 100  # taps; a phone sends what is left afterwards
MILLISECOND = timedelta(milliseconds=1)


class Tap(NamedTuple):
    """A star given (`want`) or taken without network; `base` is the newest line of the log that the phone knew then.

    `title` is the session's, as the page had it.
    """

    guid: UUID
    want: bool
    base: int
    acted: datetime
    title: str


class NewestLine(NamedTuple):
    """The newest line of the person's log about a session."""

    pk: int
    session: int
    starred: bool
    through: str
    at: datetime
    acted: datetime | None

    @property
    def done(self) -> datetime:
        """When the person did it. `at` is when it was written down, which may be hours later."""
        return self.acted or self.at


# Both read all sessions that the user ever starred. To write SQL that names the tapped ones would take longer.
_ranks = Prepared(lambda user: Star.objects.filter(user=user).values_list("session", "in_case_of", "stays_in_case"))
_newest_lines = Prepared(
    lambda user: StarLog.objects.filter(
        pk__in=StarLog.objects.filter(user=user)
        .order_by()
        .values("session")
        .annotate(newest=Max("pk"))
        .values("newest")
    ).values_list(*NewestLine._fields)
)


class Left(NamedTuple):
    """A tap that changed nothing, as the person did `newest` after it."""

    tap: Tap
    newest: NewestLine


class Replayed(NamedTuple):
    """What was not done as wanted: the taps of an earlier wish, and the sessions that this person cannot see now."""

    left: list[Left]
    gone: list[Tap]


def read_taps(text: str, now: datetime) -> list[Tap]:
    """The taps in a JSON text, the oldest first, one for each session: `[{"guid", "want", "base", "ago", "title"}]`.

    `ago` is in milliseconds. It is a difference on one clock, so a phone whose clock is wrong tells it right.
    Raises ValueError for a text that is not like that.
    """
    rows = json.loads(text)
    if not isinstance(rows, list) or len(rows) > MOST_AT_ONCE:
        raise ValueError(f"not a list of at most {MOST_AT_ONCE} taps")
    taps = sorted((_tap(row, now) for row in rows), key=lambda tap: tap.acted)
    return list({tap.guid: tap for tap in taps}.values())


def _tap(row: Any, now: datetime) -> Tap:
    guid, want, base, ago = (
        row.get(name) if isinstance(row, dict) else None for name in ("guid", "want", "base", "ago")
    )
    if not (isinstance(guid, str) and type(want) is bool and type(base) is int and type(ago) is int):
        raise ValueError("not a tap")
    acted = now - min(max(ago, 0), OLDEST // MILLISECOND) * MILLISECOND
    return Tap(UUID(guid), want, base, acted, str(row.get("title", "")))


def wins(tap: Tap, newest: NewestLine | None) -> bool:
    """True if the tap is the last thing that the person did with its session, of which `newest` is the newest line."""
    return newest is None or tap.base >= newest.pk or tap.acted > newest.done


@transaction.atomic
def replay(user: User, taps: list[Tap]) -> Replayed:
    """Stars and unstars as the user did, but for what they did otherwise later. Safe to repeat.

    A tap that wins is written down even if it changes no star: one that is older, and still to come, must not win then.
    Seven queries, however many taps.
    """
    sessions = _sessions(user, taps)
    lock.rows(user.pk)  # after the sessions, as take_over_visitor_stars() does
    stars = {session: (first, stays) for session, first, stays in _ranks.rows(user.pk)}
    lines = {line.session: line for line in map(NewestLine._make, _newest_lines.rows(user.pk))}
    replayed, winning = Replayed([], []), dict[int, Tap]()
    for tap in taps:
        pk, is_seen = sessions.get(tap.guid, (0, False))
        if not is_seen:
            replayed.gone.append(tap)
            if tap.want or pk not in stars:
                continue
        line = lines.get(pk)
        if wins(tap, line):
            winning[pk] = tap
        elif line and line.starred != tap.want:
            replayed.left.append(Left(tap, line))
    _write(user, winning, stars)
    return replayed


def _sessions(user: User, taps: Iterable[Tap]) -> dict[UUID, tuple[int, bool]]:
    """The pk of each session, and whether the user may see it; locked so that none is deleted meanwhile."""
    found = Session.objects.filter(guid__in=[tap.guid for tap in taps]).order_by("pk")
    rows = found.select_for_update(of=("self",), no_key=True).values_list("guid", "pk", "event", is_public())
    return {guid: (pk, public or is_editor(user, event)) for guid, pk, event, public in rows}


def _write(user: User, winning: dict[int, Tap], stars: dict[int, tuple[int | None, bool]]) -> None:
    """Gives and takes the stars of the sessions (pks), and writes a line for each, with its rank as unstar() does."""
    new = [pk for pk, tap in winning.items() if tap.want and pk not in stars]
    Star.objects.bulk_create(Star(user_id=user.pk, session_id=pk) for pk in new)
    Star.objects.filter(user=user, session__in=[pk for pk, tap in winning.items() if not tap.want]).delete()
    lines = []
    for pk, tap in winning.items():
        first, stays = stars.get(pk, (None, False)) if not tap.want else (None, False)
        rank = {"in_case_of_id": first, "stays_in_case": stays}
        done = {"starred": tap.want, "acted": tap.acted, "through": StarLog.Through.OFFLINE}
        lines.append(StarLog(user_id=user.pk, session_id=pk, **done, **rank))
    StarLog.objects.bulk_create(lines)


def replay_of_visitor(request: HttpRequest, taps: list[Tap]) -> Replayed:
    """Stars and unstars as the visitor did: their stars are in one browser, whose last tap of a session is sent alone.

    Raises UpdateError if the visitor has just logged in.
    """
    before = set(request.session.get(VISITOR_STARS, []))
    found = Session.objects.filter(guid__in=[tap.guid for tap in taps]).order_by()
    pks = dict(found.values_list("guid", "pk"))
    public = set(found.published().values_list("guid", flat=True))
    given = {pks[tap.guid] for tap in taps if tap.want and tap.guid in public}
    taken = {pks[tap.guid] for tap in taps if not tap.want and tap.guid in pks}
    keep_visitor_stars(request, before, (before | given) - taken)
    return Replayed([], [tap for tap in taps if tap.guid not in public])


def said(left: Left, zone: ZoneInfo) -> str:
    """Why it was left as it is: "Deleted in your calendar at 14:10, after you starred it here at 13:55." """
    newest, tap = left.newest, left.tap
    in_calendar = newest.through == StarLog.Through.CALDAV
    later = "Starred" if newest.starred else "Deleted in your calendar" if in_calendar else "Unstarred"
    earlier = "starred" if tap.want else "unstarred"
    times = (time_beside(moment, newest.at, zone) for moment in (newest.done, tap.acted))
    return f"{later} at {next(times)}, after you {earlier} it on this device at {next(times)}."
