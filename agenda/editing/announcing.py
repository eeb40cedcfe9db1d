"""Announcements as editors write them: the form, in the event's zone, and the end of one before its time."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.utils.formats import date_format

from accounts.models import User
from agenda.editing.noting import noting
from agenda.models import Announcement, Event

FIELDS = ("text", "room", "day", "start", "end")
MOMENT = "%Y-%m-%dT%H:%M"  # of <input type="datetime-local">


def _moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT)


class AnnouncementTextForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic while running
    """An announcement of one event. Times are in the current zone, which the page sets to the event's."""

    class Meta:
        model = Announcement
        fields = FIELDS
        widgets = {
            "text": forms.Textarea({"rows": 3}),
            "start": _moment_input(),
            "end": _moment_input(),
        }

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.instance.event = event
        cast(forms.ModelChoiceField, self.fields["room"]).queryset = event.rooms.all()  # type: ignore[type-arg]
        days = ((day.isoformat(), date_format(day, "l j F")) for day in event.days)
        self.fields["day"].widget = forms.Select(choices=[("", "every day"), *days])
        cast(forms.ModelChoiceField, self.fields["room"]).empty_label = "the whole event"  # type: ignore[type-arg]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, start, end = (cleaned.get(name) for name in ("day", "start", "end"))
        if day and day not in self.instance.event.days:
            self.add_error("day", "The event has no such day.")
        if start and end and end <= start:
            self.add_error("end", "That is before it is shown from.")
        return cleaned


def first_values(event: Event, now: datetime) -> dict[str, Any]:
    """What a new announcement begins with: it is shown from now to the end of today's programme."""
    begin = now.replace(second=0, microsecond=0)
    return {"start": begin, "end": event.day_bounds(event.day_of(begin))[1]}


def version_of(announcement: Announcement) -> str:
    """The same text for the same announcement: a form that was made from another is out of date."""
    told = json.dumps([str(getattr(announcement, name)) for name in ("text", "room_id", "day", "start", "end")])
    return sha256(told.encode()).hexdigest()[:16]


def save(form: AnnouncementTextForm, *, by: User) -> None:
    """Saves what the valid form says. A new announcement that is there already, word for word, is not made twice."""
    made = form.instance
    with noting(made.event, Announcement, by=by):
        if made.pk is None:
            same = {name: form.cleaned_data[name] for name in FIELDS}
            if Announcement.objects.filter(event=made.event, **same).exists():
                return
            made.made_by = by
        form.save()


def end_now(announcement: Announcement, now: datetime, *, by: User) -> None:
    """Ends an announcement that is shown; takes one back that was to be shown later. What has ended stays as it is."""
    with noting(announcement.event, Announcement, by=by):
        running = Announcement.objects.filter(pk=announcement.pk, end__gt=now)
        running.filter(start__gte=now).delete()
        running.update(end=now)
