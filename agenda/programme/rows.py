"""Sessions as pages show them, rendered once per change; and the days and breaks between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event, Session
from agenda.models.session import SessionQuerySet
from agenda.version_cache import Version, VersionCache
from database.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Line:
    """As much of a session as the order of a page needs; times in UTC."""

    pk: int
    updated: datetime
    start: datetime
    end: datetime

    @property
    def version(self) -> Version:
        return Version(self.pk, self.updated)


class Halves(NamedTuple):
    """HTML before and after the form for the time zone, which is each reader's own."""

    before: str  # safe
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, after the break that comes before it, if any."""

    html: str  # safe
    pause: timedelta | None


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    entries: list[Entry]

    @property
    def html(self) -> SafeString:
        """The rows with the breaks between them."""
        parts = ((_pause(entry.pause) if entry.pause else "") + entry.html for entry in self.entries)
        return mark_safe("".join(parts))  # noqa: S308 (rendered by templates)


@lru_cache(maxsize=4_000)  # of about 2 KB
def render_once(template_name: str, **given: object) -> SafeString:
    """The template rendered with these values alone, once in a process for each set of them.

    Request, user and active time zone do not reach it, so nobody can be shown what is another's. The values must be
    hashable, and equal only where they show the same.
    """
    return mark_safe(get_template(template_name).render(given))  # noqa: S308 (it escapes)


def _pause(length: timedelta) -> str:
    return render_once("agenda/_break.html", length=length)


# A row is about 1 KB in the list and 4 KB in full: at most some 60 MB a process, for many thousand sessions.
row_cache: VersionCache[tuple[str, str]] = VersionCache(size=16_000)
article_cache: VersionCache[tuple[Halves, Halves]] = VersionCache(size=2_000)  # of about 12 KB each
ZONE_FORM = mark_safe("<zone-form>")

LINE = ("pk", "updated", "start", "end")
EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_published = Prepared(
    lambda event, start, end: (
        Session.objects.published().filter(event=event, start__gte=start, start__lt=end).in_order().values_list(*LINE)
    )
)


def _state(sessions: SessionQuerySet) -> QuerySet[Session, Any]:
    """One row that is another after any change: `updated` moves on with each, and what is gone is missing."""
    return sessions.order_by().values("event").values_list(Count("pk"), Max("updated"))


_state_of_all = Prepared(lambda event: _state(Session.objects.filter(event=event)))
_state_of_published = Prepared(lambda event: _state(Session.objects.published().filter(event=event)))


def lines(sessions: SessionQuerySet) -> list[Line]:
    """One query, whatever the programme's size."""
    return [Line(*values) for values in sessions.in_order().values_list(*LINE)]


def public_lines(event: Event, day: date | None) -> list[Line]:
    """The same of all that is published, on that day or ever: what most readers ask for."""
    return [Line(*values) for values in _published.rows(event.pk, *(event.day_bounds(day) if day else EVER))]


def days(
    event: Event, shown: list[Line], *, starred: set[int], zone: ZoneInfo, full: bool, with_breaks: bool
) -> list[Day]:
    """The lines as rendered rows, grouped by programme day (which ends at 04:00 in the event's zone)."""
    html = rendered(shown, zone=zone, full=full)
    return [
        Day(day, list(_entries(group, html, starred, with_breaks=with_breaks)))
        for day, group in groupby(shown, key=lambda line: event.day_of(line.start))
    ]


def rendered(shown: Iterable[Line], *, zone: ZoneInfo, full: bool) -> dict[int, tuple[str, str]]:
    """Each session's row, by pk: not starred, and starred."""

    def make(pks: list[int]) -> dict[int, tuple[str, str]]:
        template = get_template("agenda/_session.html")
        with timezone.override(zone):
            return {
                session.pk: (
                    template.render({"session": session, "full": full, "starred": False}),
                    template.render({"session": session, "full": full, "starred": True}),
                )
                for session in Session.objects.filter(pk__in=pks).with_details()
            }

    return row_cache.get([line.version for line in shown], (zone.key, full), make)


def article(session: Session, *, unpublished: bool, zone: ZoneInfo, starred: bool) -> Halves:
    """What a session's own page shows of it and of those before, after and beside it, unpublished ones or not."""
    others = Session.objects.all() if unpublished else Session.objects.published()
    state = (_state_of_all if unpublished else _state_of_published).rows(session.event_id)

    def make(pks: list[int]) -> dict[int, tuple[Halves, Halves]]:
        made = {}
        with timezone.override(zone):
            for detailed in Session.objects.filter(pk__in=pks).with_details():
                context = {"session": detailed, **_beside(detailed, others), "zone_form": ZONE_FORM}
                made[detailed.pk] = (_halves({**context, "starred": False}), _halves({**context, "starred": True}))
        return made

    variant = (zone.key, unpublished, *state, session.event.photos_changed)
    found = article_cache.get([Version(session.pk, session.updated)], variant, make).get(session.pk)
    return found[starred] if found else Halves("", "")  # deleted a moment ago


def _beside(session: Session, others: SessionQuerySet) -> dict[str, Any]:
    """The one before and the one after in the same room, and those at the same time. One query."""
    wanted = Q(room=session.room_id) | Q(start__lt=session.end, end__gt=session.start)
    found = list(others.filter(wanted, event=session.event_id).exclude(pk=session.pk).select_related("room").in_order())
    same_room = [other for other in found if other.room_id == session.room_id]
    return {
        "previous": next((other for other in reversed(same_room) if other.start < session.start), None),
        "next": next((other for other in same_room if other.start > session.start), None),
        "meanwhile": [other for other in found if other.start < session.end and session.start < other.end],
    }


def _halves(context: dict[str, Any]) -> Halves:
    before, _, after = get_template("agenda/_article.html").render(context).partition(ZONE_FORM)
    return Halves(mark_safe(before), mark_safe(after))  # noqa: S308 (rendered by a template)


def _entries(
    group: Iterable[Line], html: dict[int, tuple[str, str]], starred: set[int], *, with_breaks: bool
) -> Iterator[Entry]:
    busy_until: datetime | None = None
    for line in group:
        if line.pk not in html:  # deleted between two queries
            continue
        pause = line.start - busy_until if with_breaks and busy_until and line.start > busy_until else None
        busy_until = max(busy_until, line.end) if busy_until else line.end
        yield Entry(html[line.pk][line.pk in starred], pause)
