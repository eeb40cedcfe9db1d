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
from agenda.models.session import is_visible_to
from agenda.programme.words import time_beside
from agenda.stars.starred import VISITOR_STARS
from agenda.stars.starring import keep_visitor_stars, lock

OLDEST = timedelta(days=30)  # of a tap; what waited longer is taken for so old
MOST_AT_ONCE = 100  # taps; a phone sends what is left afterwards
MILLISECOND = timedelta(milliseconds=1)


class Tap(NamedTuple):
    """A star given (`want`) or taken without network; `base` is the newest line of the log that the phone knew then."""

    guid: UUID
    want: bool
    base: int
    acted: datetime


class Left(NamedTuple):
    """A tap that changed nothing, as the person did `newest` after it."""

    tap: Tap
    session: Session
    newest: StarLog


class Replayed(NamedTuple):
    """What was not done as wanted: the taps of an earlier wish, and the sessions that this person cannot see now."""

    left: list[Left]
    gone: list[UUID]


def read_taps(text: str, now: datetime) -> list[Tap]:
    """The taps in a JSON text, the oldest first, one for each session: `[{"guid", "want", "base", "ago"}]`.

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
    return Tap(UUID(guid), want, base, now - min(max(ago, 0), OLDEST // MILLISECOND) * MILLISECOND)


def wins(tap: Tap, newest: StarLog | None) -> bool:
    """True if the tap is the last thing that the person did with its session, of which `newest` is the newest line."""
    return newest is None or tap.base >= newest.pk or tap.acted > newest.done


@transaction.atomic
def replay(user: User, taps: list[Tap]) -> Replayed:
    """Stars and unstars as the user did, but for what they did otherwise later. Safe to repeat.

    A tap that wins is written down even if it changes no star: one that is older, and still to come, must not win then.
    Seven queries, however many taps.
    """
    lock.rows(user.pk)
    sessions = _sessions(taps)
    pks = [session.pk for session in sessions.values()]
    stars = {star.session_id: star for star in Star.objects.filter(user=user, session__in=pks)}
    log = StarLog.objects.filter(user=user, session__in=pks).order_by()
    newest = log.values("session").annotate(newest=Max("pk")).values("newest")
    lines = {line.session_id: line for line in StarLog.objects.filter(pk__in=newest)}
    replayed, winning = Replayed([], []), list[tuple[Tap, Session]]()
    for tap in taps:
        session = sessions.get(tap.guid)
        if session is None or not is_visible_to(session, user):
            replayed.gone.append(tap.guid)
        if session is None or not (is_visible_to(session, user) or (session.pk in stars and not tap.want)):
            continue
        line = lines.get(session.pk)
        if wins(tap, line):
            winning.append((tap, session))
        elif line and line.starred != tap.want:
            replayed.left.append(Left(tap, session, line))
    _write(user, winning, stars)
    return replayed


def _sessions(taps: Iterable[Tap]) -> dict[UUID, Session]:
    """The sessions by guid, locked so that none is deleted meanwhile."""
    found = Session.objects.filter(guid__in=[tap.guid for tap in taps]).select_related("event").order_by("pk")
    return {session.guid: session for session in found.select_for_update(of=("self",), no_key=True)}


def _write(user: User, winning: list[tuple[Tap, Session]], stars: dict[int, Star]) -> None:
    new = [Star(user=user, session=session) for tap, session in winning if tap.want and session.pk not in stars]
    Star.objects.bulk_create(new)
    Star.objects.filter(user=user, session__in=[session.pk for tap, session in winning if not tap.want]).delete()
    StarLog.objects.bulk_create(_line(user, tap, session, stars.get(session.pk)) for tap, session in winning)


def _line(user: User, tap: Tap, session: Session, star: Star | None) -> StarLog:
    line = StarLog(user=user, session=session, starred=tap.want, acted=tap.acted, through=StarLog.Through.OFFLINE)
    if star and not tap.want:  # as unstar() does
        line.in_case_of_id, line.stays_in_case = star.in_case_of_id, star.stays_in_case
    return line


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
    return Replayed([], [tap.guid for tap in taps if tap.guid not in public])


def said(left: Left, zone: ZoneInfo) -> str:
    """Why it was left as it is: "Deleted in your calendar at 14:10, after you starred it here at 13:55." """
    newest, tap = left.newest, left.tap
    in_calendar = newest.through == StarLog.Through.CALDAV
    later = "Starred" if newest.starred else "Deleted in your calendar" if in_calendar else "Unstarred"
    earlier = "starred" if tap.want else "unstarred"
    times = (time_beside(moment, newest.at, zone) for moment in (newest.done, tap.acted))
    return f"{later} at {next(times)}, after you {earlier} it on this phone at {next(times)}."
