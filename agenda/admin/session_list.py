"""Filters of the list of sessions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpRequest

from accounts.admin import is_row_number
from agenda.admin.words import day as in_words
from agenda.models import Event, Session


def chosen_event(request: HttpRequest) -> dict[str, str]:
    """The event that the list is filtered by, as a lookup: {"event": "3"}; empty if it is not filtered by event."""
    event = request.GET.get("event__id__exact", "")
    return {"event": event} if is_row_number(event) else {}


class DayFilter(admin.SimpleListFilter):
    """Filters by programme day, which ends at 04:00 the next morning in the event's zone."""

    title = "day"
    parameter_name = "day"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        asked = self.value()
        if asked and asked not in dict(self.lookup_choices):
            messages.warning(request, f"“{asked[:80]}” is not a day of a programme; showing all.")
            self.used_parameters.clear()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = chosen_event(request)
        self.events = list(Event.objects.filter(pk=chosen["event"]) if chosen else Event.objects.all())
        days = sorted({day for event in self.events for day in event.days})
        return [(day.isoformat(), in_words(day)) for day in days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        asked = self.value()
        if not asked:
            return queryset
        on_day = Q(pk__in=[])
        for event in self.events:
            start, end = event.day_bounds(date.fromisoformat(asked))
            on_day |= Q(event=event, start__gte=start, start__lt=end)
        return queryset.filter(on_day)


class EventsOwnFilter(admin.RelatedFieldListFilter):
    """Filters by room or track. If the list is filtered by event, only that event's rooms or tracks are offered."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=chosen_event(request))
