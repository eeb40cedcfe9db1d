"""Rooms."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from agenda.admin.programme import ShownAdmin, in_use
from agenda.models import Room


@admin.register(Room)
class RoomAdmin(ShownAdmin):
    list_display = ["name", "event", "position", "capacity"]
    list_select_related = ["event"]
    list_filter = ["event"]
    search_fields = ["name"]
    ordering = ["-event__starts_on", "position", "name"]
    autocomplete_fields = ["event"]
    prepopulated_fields = {"slug": ["name"]}
    deleted_along = ("announcements", "walks")
    fields = ["event", "name", "slug", "position", "capacity"]

    def view_on_site(self, obj: Room) -> str:
        return f"{obj.event.get_absolute_url()}?room={obj.slug}"

    def kept_because(self, request: HttpRequest, obj: Room) -> str:
        return in_use(obj, "the room", obj.sessions.all())
