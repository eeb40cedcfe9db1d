"""My now and next, as one card: the starred talks that are on, and those that come first after them."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.models import User
from agenda.models import Event, Star
from agenda.models.session import TimedSession, timed
from agenda.programme.kept_sessions import kept_sessions, parts
from agenda.programme.timetable import Timetable
from agenda.programme.walks import walk
from agenda.programme.words import seconds_since, time_beside, time_until
from agenda.stars.starred import in_case, starred_by
from agenda.version_cache import Version
from database.prepared import Prepared

MOST = (
    2  # lines of talks that are on, and as many that come next; more of one moment are a clash, which my agenda settles
)

_ranked = Prepared(lambda user: Star.objects.filter(user=user, in_case_of__isnull=False).values_list("session"))


class CardLine(NamedTuple):
    """A talk on the card, in the words of the page; lengths of time in seconds, the walk in minutes."""

    is_on: bool
    start: str  # ISO 8601
    until: str  # "10:50"
    wait: str  # "25 min"
    room: str
    walk: int
    leave_at: str
    seconds: int
    gone: int
    html: SafeString


class Card(NamedTuple):
    """The talks of a plan that are on at the moment, and those that start next on the same programme day."""

    slug: str  # of the event
    zone: ZoneInfo
    lines: list[CardLine]
    pks: set[int]  # of the sessions


def card_of(
    event: Event, plan: Iterable[TimedSession], moment: datetime, zone: ZoneInfo, *, rowless: Container[int] = ()
) -> Card | None:
    """The card of these planned talks of a running event, in order of time; None if none of today's is left.

    The talks in `rowless` (pks) have no row on the page, so that the card has their star. One query at most: how far it
    is to the next room.
    """
    if not event.has_begun(moment) or event.has_ended(moment):
        return None
    ends = event.day_bounds(event.day_of(moment))[1]
    coming = [each for each in plan if each.end > moment and each.start < ends]
    on = [each for each in coming if each.start <= moment]
    later = [each for each in coming if each.start > moment]
    following = [each for each in later if each.start == later[0].start][:MOST]
    here = on[-1].room_id if on else None
    walks = {each.pk: walk(event, here, each.room_id) for each in following}
    shown = [*on[:MOST], *following]
    html: dict[int, SafeString] = {}
    for with_star in (False, True):
        versions = [Version(each.pk, each.updated) for each in shown if (each.pk in rowless) == with_star]
        html |= parts("agenda/_card_line.html", event, versions, zone, with_star=with_star)
    lines = [_line(each, moment, zone, walks.get(each.pk, 0), html[each.pk]) for each in shown if each.pk in html]
    return Card(event.slug, zone, lines, {each.pk for each in shown}) if lines else None


def _line(session: TimedSession, moment: datetime, zone: ZoneInfo, walk: int, html: SafeString) -> CardLine:
    return CardLine(
        is_on=session.start <= moment,
        start=session.start.isoformat(),
        until=time_beside(session.end, session.start, zone),
        wait=time_until(session.start, moment),
        room=session.room.name if session.room else "",
        walk=walk,
        leave_at=time_beside(session.start - timedelta(minutes=walk), session.start, zone),
        seconds=seconds_since(session.start, session.end),
        gone=seconds_since(session.start, moment),
        html=html,
    )


def card_for(
    request: HttpRequest, event: Event, timetable: Timetable, starred: set[int], moment: datetime, zone: ZoneInfo
) -> Card | None:
    """This person's card at the event. Up to three queries; none if they starred nothing that is still to come."""
    coming = [each for each in timetable.sessions if each.pk in starred and each.end > moment]
    backup = _backup_choices(request) if coming else set()
    sessions = kept_sessions(event, (each.version for each in coming if each.pk not in backup))
    return card_of(event, timed(sessions.values()), moment, zone)


def _backup_choices(request: HttpRequest) -> set[int]:
    """The pks of the sessions that are only a second choice of this person. A visitor has none."""
    if not isinstance(request.user, User) or not _ranked.rows(request.user.pk):
        return set()
    stars = {star.pk: star for star in starred_by(request.user.pk)}
    return {pk for pk, star in stars.items() if in_case(star, stars)}
