"""Speakers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.db.models.query import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from agenda.admin.programme import ProgrammeForm, ShownAdmin, in_use
from agenda.admin.words import span
from agenda.editing.photos import kept_photo, note_photo
from agenda.models import Speaker


class SpeakerForm(ProgrammeForm):
    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        return kept_photo(photo) if "photo" in self.changed_data and photo else photo


@admin.register(Speaker)
class SpeakerAdmin(ShownAdmin):
    form = SpeakerForm
    in_no_calendar = ("photo",)
    list_display = ["name", "job_title", "organisation", "event", "session_count", "biography_is_cut"]
    list_select_related = ["event"]
    list_filter = ["event", "biography_is_cut"]
    search_fields = ["name", "organisation"]
    ordering = ["-event__starts_on", "name"]
    autocomplete_fields = ["event"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["speaks_in", "guid"]
    fieldsets = [
        (None, {"fields": ["event", "name", "slug", "job_title", "organisation", "speaks_in"]}),
        ("Biography", {"fields": ["biography", "biography_is_cut", "photo"]}),
        ("Identity", {"classes": ["collapse"], "fields": ["guid"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Speaker, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "photo" in form.changed_data:
            note_photo(obj.event)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Speaker]:
        speakers: QuerySet[Speaker] = super().get_queryset(request)
        return speakers.annotate(session_count=Count("appearances"))

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, speaker: Any) -> int:
        return int(speaker.session_count)

    @admin.display(description="speaks in")
    def speaks_in(self, speaker: Speaker) -> SafeString | str:
        sessions = speaker.sessions.select_related("event").in_order() if speaker.pk else ()
        links = ((reverse("admin:agenda_session_change", args=[each.pk]), each, span(each)) for each in sessions)
        return format_html_join("\n", '<p><a href="{}">{}</a>, {}</p>', links) or "no session yet"

    def kept_because(self, request: HttpRequest, obj: Speaker) -> str:
        return in_use(obj, "a speaker", obj.sessions.all())
