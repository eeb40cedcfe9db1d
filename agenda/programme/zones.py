"""The time zone in which a reader sees times: the event's, unless they asked for their own."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

from accounts.models import User
from agenda.models import Event
from agenda.programme.words import zone_names

CHOSEN = "time_zone"  # in request.session: a visitor's IANA name


def own_zone(request: HttpRequest) -> ZoneInfo | None:
    """The zone that the reader asked for; None if they asked for none."""
    name = request.user.time_zone if isinstance(request.user, User) else request.session.get(CHOSEN, "")
    return ZoneInfo(name) if name else None


def zone_for(request: HttpRequest, event: Event) -> ZoneInfo:
    return own_zone(request) or event.zone


def event_zone(event: Event) -> str:
    """The event's own zone as pages say it: "CET, UTC+1"; with the next one where the clocks change during it."""
    return zone_names((event.day_bounds(day)[0] for day in event.days), event.zone)


def choose(request: HttpRequest, name: str) -> None:
    """Remembers the zone (an IANA name) for this reader; an empty name means each event's own zone.

    Raises ValueError for a name that is no zone.
    """
    if name and name not in available_timezones():
        raise ValueError(name)
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(time_zone=name)
    else:
        request.session[CHOSEN] = name


def take_over_visitor_zone(request: HttpRequest, user: User) -> None:
    """Keeps the zone from before the login in the account, unless the account has one."""
    name = request.session.pop(CHOSEN, "")
    if name and not user.time_zone:
        User.objects.filter(pk=user.pk).update(time_zone=name)
