"""Events: the texts above the programme, and the days that its sessions must be within."""

from __future__ import annotations

from contextlib import nullcontext
from copy import copy
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.db.models.query import QuerySet
from django.http import HttpRequest

from accounts.models import User, validate_time_zone
from agenda.admin.programme import ProgrammeForm, ShownAdmin
from agenda.admin.words import counted, quoted
from agenda.editing.shifting import concerned, outside, shift_sessions
from agenda.editing.states import changing_state, publish
from agenda.models import Event

YEARS = range(1970, 2200)
DAYS = ("starts_on", "ends_on", "programme_on")
WHEN = frozenset({"starts_on", "ends_on", "time_zone"})
LONGEST = timedelta(days=100)  # a mistyped year would make a programme of tens of thousands of days


class EventForm(ProgrammeForm):
    class Meta:
        help_texts = {
            "slug": "Its address: /kvm-forum-2019/. Printed on badges, kept by calendars: all those links break if it "
            "changes.",
            "state": "Publish it when its programme may be read. Calendars follow: they give up its talks while it is "
            "hidden or announced, and show them while it is published or archived.",
        }

    its_sessions = forms.ChoiceField(
        label="If the days or the zone change, its sessions",
        required=False,
        choices=[
            ("", "choose, where it matters"),
            ("keep", "keep their moments in time"),
            ("shift", "shift along: same day of the event, same hours"),
        ],
        help_text="Kept, a session may come to be outside the days: move or cancel it then. Shifted along, what would "
        "come after the last day moves to that day.",
    )

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        validate_time_zone(zone)  # now, as clean() reads the days in it
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        days: dict[str, date] = {name: cleaned[name] for name in DAYS if cleaned.get(name)}
        for name, day in days.items():
            if day.year not in YEARS:
                self.add_error(name, f"The year {day.year} cannot be right. Write the date like 31/10/2019.")
        if {"starts_on", "ends_on"} <= days.keys() and not self.errors.keys() & days.keys():
            length = days["ends_on"] - days["starts_on"]
            if length < timedelta(0):
                self.add_error("ends_on", "The last day is before the first.")
            elif length > LONGEST:
                self.add_error("ends_on", f"That is {length.days} days after the first. Check both dates.")
            if days.get("programme_on", date.min) > days["ends_on"]:
                self.add_error("programme_on", "That is after the event’s last day.")
        if self.instance.pk and not cleaned.get("its_sessions") and not self.errors.keys() & WHEN:
            self._ask_about_sessions({name: cleaned[name] for name in WHEN})
        return cleaned

    def _ask_about_sessions(self, when: dict[str, Any]) -> None:
        """Refuses other days or another zone that concern sessions, until it is said what becomes of those."""
        now = copy(self.instance)
        for name, value in when.items():
            setattr(now, name, value)
        if count := concerned(self.instance, now).count():
            left = list(outside(now).values_list("title", flat=True))
            kept = (
                f" If kept, {counted(len(left), 'session')} would be outside its days: {quoted(left)}." if left else ""
            )
            self.add_error("its_sessions", f"Choose what becomes of {counted(count, 'session')}.{kept}")


@admin.register(Event)
class EventAdmin(ShownAdmin):
    form = EventForm
    list_display = ["name", "state", "starts_on", "ends_on", "time_zone", "venue", "city", "session_count"]
    list_filter = ["state"]
    actions = ["publish"]
    in_no_calendar = ("acronym", "state", "programme_on", "its_sessions")
    ordering = ["-starts_on", "name"]
    search_fields = ["name", "venue", "city", "country"]
    prepopulated_fields = {"slug": ["name"]}
    deleted_along = ("tracks", "rooms", "speakers", "announcements")

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        fieldsets = [
            (None, {"fields": ["name", "slug", "state", "programme_on"]}),
            ("When", {"fields": ["starts_on", "ends_on", "time_zone", *(["its_sessions"] if obj else [])]}),
            ("Where", {"fields": ["venue", "city", "country"]}),
            ("More", {"fields": ["website", "acronym"]}),
        ]
        return [*fieldsets, ("New sessions", {"fields": ["default_track"]})] if obj else fieldsets

    def get_form(self, request: HttpRequest, obj: Event | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj and "default_track" in form.base_fields:
            form.base_fields["default_track"].queryset = obj.tracks.all()
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        events: QuerySet[Event] = super().get_queryset(request)
        return events.annotate(session_count=Count("sessions"))

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, event: Any) -> int:
        return int(event.session_count)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        events = list(queryset.exclude(state=Event.State.PUBLISHED))
        for event in events:
            publish(event, by=cast(User, request.user))
        self.message_user(request, f"Published {counted(len(events), 'event')}.")

    def kept_because(self, request: HttpRequest, obj: Event) -> str:
        count = obj.sessions.count()
        return (
            f"“{obj}” has {counted(count, 'session')}. Delete those first; "
            "those that were starred stay, and can be cancelled or unpublished."
            if count
            else ""
        )

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        with (
            changing_state(obj, by=cast(User, request.user))
            if "state" in form.changed_data and change
            else nullcontext()
        ):
            super().save_model(request, obj, form, change)
        if not change:
            if obj.is_hidden:
                self.message_user(request, "Only editors see it until you publish it.", messages.WARNING)
            return
        self._follow(request, obj, form)
        if left := list(outside(obj).values_list("title", flat=True)):
            text = f"Outside its days now: {counted(len(left), 'session')}, {quoted(left)}. "
            self.message_user(request, f"{text}Move or cancel what no longer fits.", messages.WARNING)

    def _follow(self, request: HttpRequest, event: Event, form: Any) -> None:
        """Shifts the sessions along with other days or another zone, if that was chosen."""
        if not WHEN & set(form.changed_data):
            return
        if form.cleaned_data["its_sessions"] == "shift":
            was, by = form.initial, cast(User, request.user)
            count = shift_sessions(event, first_day=was["starts_on"], zone=ZoneInfo(was["time_zone"]), by=by)
            self.message_user(request, f"Shifted {counted(count, 'session')} along.")
        elif "time_zone" in form.changed_data and event.sessions.exists():
            text = f"Sessions keep their moment in time and now show it in {event.time_zone}. Check their hours."
            self.message_user(request, text, messages.WARNING)
