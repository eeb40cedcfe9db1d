"""Announcements, with times in their event's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from agenda.admin.programme import ProgrammeAdmin, ProgrammeForm, event_for_new, event_in_form, remember_event
from agenda.admin.session_form import EventTimeField, not_of
from agenda.models import Announcement, Event


class AnnouncementForm(ProgrammeForm):
    def clean_text(self) -> str:
        """The text without blanks around it; one of blanks alone is refused as empty."""
        return str(self.cleaned_data["text"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        event, room, day = (cleaned.get(name) for name in ("event", "room", "day"))
        if event and room and room.event_id != event.pk:
            self.add_error("room", not_of(event, room, "room"))
        if event and day and day not in event.days:
            self.add_error("day", f"“{event}” has no such day.")
        if (start := cleaned.get("start")) and (end := cleaned.get("end")) and end <= start:
            self.add_error("end", "That is before it is shown from.")
        return cleaned


@admin.register(Announcement)
class AnnouncementAdmin(ProgrammeAdmin):
    form = AnnouncementForm
    list_display = ["text", "event", "room", "day", "start", "end"]
    list_select_related = ["event", "room"]
    list_filter = ["event"]
    search_fields = ["text"]
    ordering = ["-start", "-pk"]
    autocomplete_fields = ["event", "room"]
    formfield_overrides = ProgrammeAdmin.formfield_overrides | {models.DateTimeField: {"form_class": EventTimeField}}

    def get_fieldsets(self, request: HttpRequest, obj: Announcement | None = None) -> Any:
        event = event_in_form(request)
        text = "Times are in {}, the zone of <bdi>{}</bdi>."
        text += "" if obj else " Check them if you choose another event."
        times = format_html(text, event.time_zone, event) if event else ""  # Django takes it for HTML
        return [
            (None, {"fields": ["event", "text", "room", "day"]}),
            ("Shown", {"description": times, "fields": ["start", "end"]}),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The event, and from now until the end of today's programme."""
        event, moment = event_in_form(request), timezone.now().replace(second=0, microsecond=0)
        return {"event": event, "start": moment, "end": event and _end_of_day(event, moment)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Uses the event's time zone for the times that the page shows and for those that the form sends."""
        announcement = self.get_object(request, unquote(object_id)) if object_id else None
        event = announcement.event if announcement else event_for_new(request)
        remember_event(request, event)
        with timezone.override(event.zone if event else UTC):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    def save_model(self, request: HttpRequest, obj: Announcement, form: Any, change: bool) -> None:
        if not change:
            obj.made_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def kept_because(self, request: HttpRequest, obj: Announcement) -> str:
        return ""  # nothing else needs one


def _end_of_day(event: Event, moment: datetime) -> datetime:
    return event.day_bounds(event.day_of(moment))[1]
