"""Whom the deletion of an event hits: in numbers that tell nobody's stars."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count

from accounts.models import CalendarKey
from agenda.calendars.options import options_of
from agenda.models import Event, Star
from agenda.notices.reach import FEWEST, in_words


class Loss(NamedTuple):
    """What is lost with an event; the numbers in words."""

    sessions: int
    people: str
    stars: str
    calendars: str  # that have talks of it


def loss_of(event: Event) -> Loss:
    """Three queries."""
    stars = Star.objects.filter(session__event=event)
    count = stars.aggregate(people=Count("user", distinct=True), stars=Count("pk"))
    chosen = CalendarKey.objects.active().filter(user__in=stars.values("user")).values_list("options", flat=True)
    calendars = sum(options_of(options).shows(event.pk) for options in chosen)
    few = 0 < count["people"] < FEWEST
    starred = "a few" if few else in_words(count["stars"])
    return Loss(event.sessions.count(), in_words(count["people"]), starred, in_words(calendars))
