"""Template filters for the domain's words. They compute nothing themselves."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.conf import settings
from django.utils.timezone import get_current_timezone

from agenda.models import Session
from agenda.models.session import TimedSession
from agenda.programme import history, languages, marks, prose, words, zones
from agenda.programme.rows import render_once
from agenda.stars.calendar_layout import calendar_layout

register = template.Library()
register.simple_tag(render_once)
register.filter("prose", prose.to_html)
register.filter("credited", prose.credited)
register.filter("people", prose.people)
register.filter("length_of_time", words.length_of_time)
register.filter("zone_name", words.zone_name)
register.filter("isolated", prose.isolated)
register.filter("in_isolates", prose.in_isolates)
register.filter("marked", marks.marked)
register.filter("mark_rows", marks.mark_rows)
register.filter("spoken", languages.spoken)
register.filter("lang", languages.lang)
register.filter("zone_names", words.zone_names)
register.filter("event_zone", zones.event_zone)
register.simple_tag(words.day_heading)
register.simple_tag(words.day_since)
register.filter("calendar_layout", calendar_layout)
register.simple_tag(words.time_until)
register.filter("moved_from", history.moved_from)
register.filter("was_in", history.was_in)


@register.simple_tag
def site_name() -> str:
    """The name of the site; a tag, as mails and the pages for errors have no context processors."""
    return str(settings.SITE_NAME)


@register.simple_tag
def version() -> str:
    """The version of the product that the site runs on."""
    return str(settings.VERSION)


@register.simple_tag
def site_url() -> str:
    """The address of the site, without a slash at the end; never what a browser wrote into its Host header."""
    return str(settings.SITE_URL)


@register.simple_tag
def works_offline() -> bool:
    """True if browsers may keep programmes for when there is no network."""
    return bool(settings.OFFLINE)


@register.simple_tag
def owner(what: str) -> str:
    """The address of the owner's "imprint" or "privacy" page, or the "contact" to write to; empty if none is set."""
    return str({"imprint": settings.IMPRINT_URL, "privacy": settings.PRIVACY_URL, "contact": settings.CONTACT}[what])


@register.simple_tag
def sign_up() -> str:
    """ "open", "closed", "elsewhere", or the domains of addresses that can sign up, as the owner of the site says."""
    return str(settings.SIGN_UP)


@register.filter
def before_move(before: datetime, session: Session) -> str:
    """ "14:15", or "Thu 14:15" if the session has moved to another day or has no time; in the zone of the page."""
    return words.time_beside(before, session.start, get_current_timezone())


@register.filter
def beside(moment: datetime, other: datetime) -> str:
    """ "14:15", or "Thu 14:15" if `other` is on another day; in the zone of the page."""
    return words.time_beside(moment, other, get_current_timezone())


@register.filter
def starts(session: TimedSession, dated: bool) -> str:
    """ "10:00", or "Fri 10:00" if `dated` or if the session ends on another day; in the zone of the page."""
    return words.start_of(session.start, session.end, get_current_timezone(), dated=dated)


@register.filter
def ends(session: TimedSession) -> str:
    """ "10:30", or "Sat 18:00" if the session began on another day; in the zone of the page."""
    return words.time_beside(session.end, session.start, get_current_timezone())
