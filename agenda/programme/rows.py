"""Sessions as rows of a page, each rendered once per change, in days and with the breaks between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.formats.days import day_of
from agenda.models import Event, Session
from agenda.models.session import SessionQuerySet, has_time, timed
from agenda.programme.state import public_state, whole_state
from agenda.programme.words import zone_names
from agenda.version_cache import TICK, Version, VersionCache
from database.prepared import Prepared

# What a row says of its start: the time; also the day, under the heading of another day; and also that the session is
# still on, where its row is repeated under a later day.
Said: TypeAlias = Literal["time", "day", "still on"]


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session that a page lists; one that has a time is a Slot."""

    pk: int
    updated: datetime

    @property
    def version(self) -> Version:
        return Version(self.pk, self.updated)


@dataclass(frozen=True, slots=True)
class Slot(ListedSession):
    """The fields of a session that decide where it stands on a page; times in UTC."""

    start: datetime
    end: datetime


Listing: TypeAlias = tuple[ListedSession, Said]


class Article(NamedTuple):
    """A session's page, in parts: between them stands what differs from reader to reader.

    First the form for the time zone, then the rows of the sessions at the same time.
    """

    before: str  # safe, as the others
    between: str
    after: str
    meanwhile: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class RowAfterBreak:
    """A row, after the break that comes before it, if any."""

    html: str  # safe
    pause: timedelta | None


@dataclass(frozen=True, slots=True)
class ProgrammeDay:
    """The rows under the heading of a day. Those without a time have no `date`, and come after the last day."""

    date: date | None
    rows: list[RowAfterBreak]
    zone: str = ""  # its name on this day, if it has another on another day of the page

    @property
    def html(self) -> SafeString:
        """The rows with the breaks between them."""
        parts = ((_pause(row.pause) if row.pause else "") + row.html for row in self.rows)
        return mark_safe("".join(parts))  # noqa: S308 (rendered by templates)


@lru_cache(maxsize=16_000)  # of about 2 KB
def render_once(template_name: str, **given: object) -> SafeString:
    """The template, rendered with these values only, and once in a process for each set of values.

    The template cannot read the request, the user or the active time zone, so the result is the same for every
    reader. The values must be hashable, and equal only if they are shown alike.
    """
    return mark_safe(get_template(template_name).render(given))  # noqa: S308 (it escapes)


def _pause(length: timedelta) -> str:
    return render_once("agenda/_break.html", length=length)


# A row is about 1 KB in the list and 4 KB in full: at most some 60 MB a process, for many thousand sessions.
row_cache: VersionCache[tuple[str, str]] = VersionCache(size=16_000)
article_cache: VersionCache[tuple[Article, Article]] = VersionCache(size=2_000)  # of about 12 KB each
ZONE_FORM, MEANWHILE_ROWS = mark_safe("<zone-form>"), mark_safe("<meanwhile-rows>")

NOON = time(12)
SLOT = ("pk", "updated", "start", "end")
EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_published = Prepared(lambda event: Session.objects.published().filter(event=event).in_order().values_list(*SLOT))
_published_between = Prepared(
    lambda event, start, end: (
        Session.objects.published().filter(event=event, start__lt=end, end__gt=start).in_order().values_list(*SLOT)
    )
)


def slots(sessions: SessionQuerySet) -> list[ListedSession]:
    """The sessions in order, those without a time last. One query, whatever the programme's size."""
    return [slot_of(*values) for values in sessions.in_order().values_list(*SLOT)]


def public_slots(event: Event, day: date | None) -> list[ListedSession]:
    """The published sessions of the event: those on that day or (None) all. What most readers ask for."""
    found = _published_between.rows(event.pk, *event.day_bounds(day)) if day else _published.rows(event.pk)
    return [slot_of(*values) for values in found]


def slot_of(pk: int, updated: datetime, start: datetime | None, end: datetime | None) -> ListedSession:
    return Slot(pk, updated, start, end) if start and end else ListedSession(pk, updated)


def with_time(sessions: Iterable[ListedSession]) -> list[Slot]:
    """Those of the sessions that have a time, in the same order."""
    return [session for session in sessions if isinstance(session, Slot)]


def number_of_public(event: Event) -> int:
    """The number of published sessions of the event. One query."""
    state = public_state(event.slug)
    return state.number if state else 0


def days(
    event: Event,
    shown: list[ListedSession],
    *,
    starred: set[int],
    zone: ZoneInfo,
    full: bool,
    with_breaks: bool,
    window: tuple[datetime, datetime] = EVER,
) -> list[ProgrammeDay]:
    """The sessions as rendered rows, by the day that they are listed under; a long one under several, in `window`."""
    by_day = placed(event, with_time(shown), zone, window)
    without_time: list[Listing] = [(session, "time") for session in shown if not isinstance(session, Slot)]
    html = _html(
        [*without_time, *(pair for pairs in by_day.values() for pair in pairs)],
        zone=zone,
        full=full,
        usual_language=event.usual_language,
        photos=event.photos_changed if full else None,
    )
    zones = zones_by_day(by_day, zone)
    found = [
        ProgrammeDay(
            day,
            list(_rows(pairs, html, starred, breaks_of=event if with_breaks else None)),
            zones.get(day, ""),
        )
        for day, pairs in by_day.items()
    ]
    return [*found, *([ProgrammeDay(None, list(_rows(without_time, html, starred)))] if without_time else [])]


def placed(
    event: Event, shown: Iterable[Slot], zone: ZoneInfo, window: tuple[datetime, datetime]
) -> dict[date, list[tuple[Slot, Said]]]:
    """The slots by the day that they are listed under, a long session under several; the days are in order."""
    by_day: dict[date, list[tuple[Slot, Said]]] = defaultdict(list)
    for slot, days_of_slot in _with_days(event, shown, zone, window):
        for number, day in enumerate(days_of_slot):
            by_day[day].append((slot, "still on" if number else _said(slot, day, zone)))
    return dict(sorted(by_day.items()))


def under(day: date, shown: Iterable[Slot], *, starred: set[int], zone: ZoneInfo, usual_language: str) -> ProgrammeDay:
    """The slots as rows of one list for this day. A row says its day if its session starts on another."""
    pairs = [(slot, _said(slot, day, zone)) for slot in shown]
    html = _html(pairs, zone=zone, full=False, usual_language=usual_language)
    return ProgrammeDay(day, list(_rows(pairs, html, starred)))


def rows_under(
    day: date | None, shown: Iterable[ListedSession], *, zone: ZoneInfo, usual_language: str
) -> dict[int, tuple[str, str]]:
    """The HTML that under() has for each session, by pk: not starred, and starred. None: under no day."""
    pairs = [(session, _said(session, day, zone)) for session in shown]
    return {pk: html for (pk, _), html in _html(pairs, zone=zone, full=False, usual_language=usual_language).items()}


def heading_of(event: Event, moment: datetime, zone: ZoneInfo) -> date:
    """The day whose heading a moment is under: the programme day (which ends at 04:00) in the event's zone.

    In a zone of the reader's own, it is the date there.
    """
    return _heading_of(moment, event.time_zone, zone)


@lru_cache(maxsize=20_000)  # the same talks again and again
def _heading_of(moment: datetime, event_zone: str, zone: ZoneInfo) -> date:
    return day_of(moment, zone) if zone.key == event_zone else moment.astimezone(zone).date()


def _with_days(
    event: Event, shown: Iterable[Slot], zone: ZoneInfo, window: tuple[datetime, datetime]
) -> Iterator[tuple[Slot, list[date]]]:
    """Each slot with the days that it is listed under; most have the same one day as the slot before them."""
    (start, end), same = EVER[::-1], list[date]()
    for slot in shown:
        if start <= slot.start and slot.end <= end:
            yield slot, same
        else:
            found = _days_of(event, slot, zone, window)
            if len(found) == 1 and zone.key == event.time_zone:
                (start, end), same = event.day_bounds(found[0]), found
            yield slot, found


def _days_of(event: Event, slot: Slot, zone: ZoneInfo, window: tuple[datetime, datetime]) -> list[date]:
    """The days of the window that a slot is listed under.

    The day of its start; and for a session of several programme days, the event's other days until its end.
    """
    start, last = max(slot.start, window[0]), min(slot.end, window[1]) - TICK
    first, until = heading_of(event, start, zone), heading_of(event, last, zone)
    if first == until or event.day_of(slot.start) == event.day_of(slot.end - TICK):
        return [first]
    opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1] - TICK
    second = max(first + timedelta(days=1), heading_of(event, opens, zone))
    until = min(until, heading_of(event, closes, zone))
    return [first, *(second + timedelta(days=number) for number in range((until - second).days + 1))]


def zones_by_day(by_day: dict[date, list[tuple[Slot, Said]]], zone: ZoneInfo) -> dict[date, str]:
    """The zone's name on each day, if it is not the same on all of them; else none."""
    noons = {day: datetime.combine(day, NOON, zone) for day in by_day}
    if len({(noon + timedelta(days=days)).utcoffset() for noon in noons.values() for days in (-1, 0, 1)}) == 1:
        return {}
    names = {
        day: zone_names((noons[day] if said == "still on" else slot.start for slot, said in pairs), zone)
        for day, pairs in by_day.items()
    }
    return names if len(set(names.values())) > 1 else {}


def _said(session: ListedSession, day: date | None, zone: ZoneInfo) -> Said:
    return "day" if isinstance(session, Slot) and session.start.astimezone(zone).date() != day else "time"


def _html(
    pairs: Iterable[Listing], *, zone: ZoneInfo, full: bool, usual_language: str, photos: datetime | None = None
) -> dict[tuple[int, Said], tuple[str, str]]:
    """The rows of the slots, by pk and by what they say of their start; each is a pair, as rendered() has it."""
    by_said: dict[Said, list[ListedSession]] = defaultdict(list)
    for session, said in pairs:
        by_said[said].append(session)
    return {
        (pk, said): html
        for said, shown in by_said.items()
        for pk, html in rendered(
            shown, zone=zone, full=full, usual_language=usual_language, said=said, photos=photos
        ).items()
    }


def rendered(
    shown: Iterable[ListedSession],
    *,
    zone: ZoneInfo,
    full: bool,
    usual_language: str,
    said: Said = "time",
    photos: datetime | None = None,
) -> dict[int, tuple[str, str]]:
    """Each session's row, by pk: not starred, and starred; with its language, unless that is the event's usual one.

    A row in full has photos of its speakers; `photos` is when one of the event's last changed.
    """
    how = {"full": full, "dated": said != "time", "still_on": said == "still on"}

    def make(pks: list[int]) -> dict[int, tuple[str, str]]:
        template = get_template("agenda/_session.html")
        made = {}
        with timezone.override(zone):
            for session in Session.objects.filter(pk__in=pks).with_details().with_replaced():
                session.usual_language = usual_language
                context = {"session": session, **how}
                made[session.pk] = (
                    template.render({**context, "starred": False}),
                    template.render({**context, "starred": True}),
                )
        return made

    return row_cache.get([session.version for session in shown], (zone.key, full, said, usual_language, photos), make)


def article(session: Session, *, unpublished: bool, zone: ZoneInfo, starred: bool) -> Article:
    """A session as its own page shows it, with links to the sessions before, after and beside it.

    Links to unpublished sessions are included if `unpublished` is true.
    """
    state = (whole_state if unpublished else public_state)(session.event.slug)

    def make(pks: list[int]) -> dict[int, tuple[Article, Article]]:
        made = {}
        others = Session.objects.all() if unpublished else Session.objects.published()
        with timezone.override(zone):
            for detailed in Session.objects.filter(pk__in=pks).with_details().with_replaced():
                detailed.usual_language = session.event.usual_language
                context = {"session": detailed, **_beside(detailed, others)}
                made[detailed.pk] = (_in_parts({**context, "starred": False}), _in_parts({**context, "starred": True}))
        return made

    variant = (zone.key, unpublished, state, session.event.photos_changed, session.event.usual_language)
    found = article_cache.get([Version(session.pk, session.updated)], variant, make).get(session.pk)
    return found[starred] if found else Article("", "", "", ())  # deleted a moment ago


def _beside(session: Session, others: SessionQuerySet) -> dict[str, Any]:
    """The previous and the next session in the same room, and the sessions at the same time. One query.

    All are empty, without a query, for a session that has no time.
    """
    if not has_time(session):
        return {"previous": None, "next": None, "meanwhile": []}
    wanted = Q(room=session.room_id) | Q(start__lt=session.end, end__gt=session.start)
    others = others.timed().filter(wanted, event=session.event_id).exclude(pk=session.pk)
    found = timed(others.select_related("room").in_order())
    same_room = [other for other in found if other.room_id == session.room_id]
    return {
        "previous": next((other for other in reversed(same_room) if other.start < session.start), None),
        "next": next((other for other in same_room if other.start > session.start), None),
        "meanwhile": [other for other in found if other.start < session.end and session.start < other.end],
    }


def _in_parts(context: dict[str, Any]) -> Article:
    html = get_template("agenda/_article.html").render(
        {**context, "zone_form": ZONE_FORM, "meanwhile_rows": MEANWHILE_ROWS}
    )
    before, _, rest = html.partition(ZONE_FORM)
    between, _, after = rest.partition(MEANWHILE_ROWS)
    meanwhile = (Slot(other.pk, other.updated, other.start, other.end) for other in context["meanwhile"])
    parts = [mark_safe(part) for part in (before, between, after)]  # noqa: S308 (rendered by a template)
    return Article(parts[0], parts[1], parts[2], tuple(meanwhile))


def _rows(
    pairs: Iterable[Listing],
    html: dict[tuple[int, Said], tuple[str, str]],
    starred: set[int],
    *,
    breaks_of: Event | None = None,
) -> Iterator[RowAfterBreak]:
    """The rows; if an event is given, with the breaks between them. A night between two of its days is not a break."""
    busy_until: datetime | None = None
    for session, said in pairs:
        row = html.get((session.pk, said))
        if row is None:  # deleted between two queries
            continue
        pause = None
        if breaks_of and isinstance(session, Slot):
            if busy_until and session.start > busy_until:
                same_day = breaks_of.day_of(busy_until) == breaks_of.day_of(session.start)
                pause = session.start - busy_until if same_day else None
            busy_until = max(busy_until, session.end) if busy_until else session.end
        yield RowAfterBreak(row[session.pk in starred], pause)
