"""The zone of the times in a session's form, by its names on the day that is chosen there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agenda.models import Event, Session
from agenda.models.session import has_time
from agenda.programme.words import zone_names


def chosen_day(request: HttpRequest, event: Event, session: Session | None) -> date | None:
    """The day of the start as the form shows it; None if it has none, or one that cannot be the event's."""
    typed = request.POST.get("start_0", "") or request.GET.get("day", "")
    if session and has_time(session) and not typed:
        return session.start.astimezone(event.zone).date()
    try:
        day = forms.DateField(required=False).clean(typed)
    except ValidationError:
        return None
    return day if day in _dates(event) else None


def zone_on(event: Event, day: date | None) -> SafeString:
    """The event's zone with its names on that day: "Europe/Paris (CET, UTC+1)"; without a day, those on all its days.

    session_form.js shows those of another day once it is chosen.
    """
    names = {each.isoformat(): _names(event, [each]) for each in (*_dates(event), day) if each}
    names[""] = _names(event, event.days)
    html = '{} (<span id="zone-names" data-names="{}">{}</span>)'
    return format_html(html, event.time_zone, json.dumps(names), names[day.isoformat() if day else ""])


def _dates(event: Event) -> list[date]:
    """The dates on which its sessions may begin: the night after the last day is a part of that day."""
    return [*event.days, event.ends_on + timedelta(days=1)]


def _names(event: Event, days: Iterable[date]) -> str:
    ends = (datetime.combine(day, end, event.zone) for day in days for end in (time.min, time.max))
    return zone_names(ends, event.zone)
