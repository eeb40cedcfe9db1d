"""Walking times between two rooms, where they differ from their event's usual one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agenda.admin.programme import ProgrammeAdmin, ProgrammeForm, event_for_new, remember_event
from agenda.admin.session_form import not_of
from agenda.models import Walk


class WalkForm(ProgrammeForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        event, room, other = (cleaned.get(name) for name in ("event", "room", "other"))
        for name, chosen in (("room", room), ("other", other)):
            if event and chosen and chosen.event_id != event.pk:
                self.add_error(name, not_of(event, chosen, "room"))
        if room and room == other:
            self.add_error("other", "That is the same room.")
        return cleaned


@admin.register(Walk)
class WalkAdmin(ProgrammeAdmin):
    form = WalkForm
    list_display = ["room", "other", "minutes", "event"]
    list_select_related = ["event", "room", "other"]
    list_filter = ["event"]
    search_fields = ["room__name", "other__name"]
    ordering = ["-event__starts_on", "room__position", "other__position", "pk"]
    autocomplete_fields = ["event", "room", "other"]
    fields = ["event", "room", "other", "minutes"]

    def get_form(self, request: HttpRequest, obj: Walk | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, in which only rooms of its event are offered."""
        remember_event(request, obj.event if obj else event_for_new(request))
        return super().get_form(request, obj, change, **kwargs)

    def kept_because(self, request: HttpRequest, obj: Walk) -> str:
        return ""  # nothing else needs one
