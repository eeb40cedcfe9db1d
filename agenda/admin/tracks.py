"""Tracks."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from agenda.admin.programme import ShownAdmin, in_use
from agenda.models import Track


@admin.register(Track)
class TrackAdmin(ShownAdmin):
    list_display = ["name", "event", "colour", "position"]
    list_select_related = ["event"]
    list_filter = ["event"]
    search_fields = ["name"]
    ordering = ["-event__starts_on", "position", "name"]
    autocomplete_fields = ["event"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["event", "name", "slug", "colour", "position"]

    def view_on_site(self, obj: Track) -> str:
        return f"{obj.event.get_absolute_url()}?track={obj.slug}"

    def kept_because(self, request: HttpRequest, obj: Track) -> str:
        return in_use(obj, "the track", obj.sessions.all())
