"""The days of an event on which a room or a person is needed twice at once, as the waiting moves make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max

from agenda.editing.bookings import Need, clashes
from agenda.editing.wanted import when
from agenda.models import Appearance, Event, Session
from agenda.version_cache import EPOCH, Version, VersionCache


class KeptNeeds(NamedTuple):
    """What the sessions of an event need, by pk, and how many double bookings each day has."""

    needs: dict[int, Need]
    days: dict[date, int]


kept_needs: VersionCache[KeptNeeds] = VersionCache(size=50)  # of about 400 bytes a session


def clashing_days(event: Event, moved: dict[int, Need]) -> dict[date, int]:
    """How many double bookings begin on each day; a day without any is left out.

    `moved` are the sessions (pks) that waiting moves change, with what they will need. One query, and two more if the
    programme has changed since the last call.
    """
    count, latest = Session.objects.filter(event=event).aggregate(n=Count("pk"), latest=Max("updated")).values()
    version = Version(event.pk, latest or EPOCH)
    variant = (count, event.time_zone)
    kept = kept_needs.get([version], variant, lambda _: {event.pk: _kept(event)})[event.pk]
    return _by_day(event, (kept.needs | moved).values()) if moved else kept.days


def _kept(event: Event) -> KeptNeeds:
    there = Session.objects.filter(event=event, is_published=True).timed().going_ahead()
    speakers: dict[int, list[str]] = defaultdict(list)
    for pk, name in Appearance.objects.filter(session__in=there).order_by().values_list("session", "speaker__name"):
        speakers[pk].append(name)
    needs = {}
    for pk, title, start, end, room in there.order_by().values_list("pk", "title", "start", "end", "room__name"):
        values: dict[str, Any] = {"title": title, "when": when(start, end), "room": room, "speakers": speakers[pk]}
        needs[pk] = Need.of(values, is_changed=True)
    return KeptNeeds(needs, _by_day(event, needs.values()))


def _by_day(event: Event, needs: Iterable[Need]) -> dict[date, int]:
    """Counts them day by day: the most that clashes() finds on one day leave nothing out on another."""
    days: dict[date, list[Need]] = defaultdict(list)
    for need in needs:
        if need.needed:
            first, last = (event.day_of(datetime.fromisoformat(text)) for text in (need.start, need.end))
            for day in {first, last}:
                days[day].append(need)
    found = {day: len(clashes(each)) for day, each in sorted(days.items())}
    return {day: count for day, count in found.items() if count}
