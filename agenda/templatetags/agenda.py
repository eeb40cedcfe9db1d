"""How times, lengths of time and plain text are said on a page."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from agenda import text
from agenda.models import Session

register = template.Library()


@register.filter
def prose(plain: str) -> SafeString:
    return text.to_html(plain)


@register.filter
def credited(byline: str) -> SafeString:
    return text.credited(byline)


@register.filter
def length_of_time(span: timedelta) -> str:
    """Hours and minutes: "1 h 15 min", "30 min", "2 h"."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)


@register.filter
def zone_name(moment: datetime, zone: ZoneInfo) -> str:
    """The zone's name at that moment: "CET"; "UTC+05" where it has only numbers."""
    name = moment.astimezone(zone).tzname() or zone.key
    return f"UTC{name}" if name[0] in "+-" else name


@register.filter
def before_move(before: datetime, session: Session) -> str:
    """ "14:15", or with its day where that was another one: "Thu 14:15". In the zone of the page."""
    before, now = localtime(before), localtime(session.start)
    return date_format(before, "H:i" if before.date() == now.date() else "D H:i")
