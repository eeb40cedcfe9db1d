"""The moment for which a page is shown: the present, or one that an editor asks for with ?at=2026-11-28T10:35."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from agenda.models import Event, Session
from agenda.models.session import has_time, is_editor
from agenda.programme.access import events_for, last_visited

ASKED = "at"  # in the address
PREVIEWED = frozenset({"agenda:programme", "agenda:now", "agenda:agenda"})
YEARS = range(1971, 2971)  # beyond them, the moments around one asked for may be too early or late to be written
INTO_THE_FIRST = timedelta(minutes=10)  # of an event's sessions: some are on, and others come next


@dataclass(frozen=True, slots=True)
class Preview:
    """A page as attendees see it at a moment, which is in the zone of `event`: the page's own, or the last visited."""

    moment: datetime
    event: Event
    way_out: str  # the address of the page as it is now

    @property
    def query(self) -> str:
        """The query of the other pages at this moment; it names the zone, as my agenda belongs to no event."""
        return "?" + urlencode({ASKED: self.moment.isoformat(timespec="minutes")})


def now_of(request: HttpRequest) -> datetime:
    """The moment for which this page is shown. Everything on a page that can be previewed goes by it."""
    preview = preview_of(request)
    return preview.moment if preview else timezone.now()


def preview_of(request: HttpRequest) -> Preview | None:
    """What the address asks for, on the pages in PREVIEWED; None unless an editor asks, or anybody in DEBUG.

    A page that is previewed must be stored nowhere, and must write nothing down about its reader.
    """
    asked, match = request.GET.get(ASKED, ""), request.resolver_match
    if not asked or not match or match.view_name not in PREVIEWED:
        return None
    if not (settings.DEBUG or is_editor(getattr(request, "user", None))):
        return None
    slug = match.kwargs.get("event_slug")
    event = next((event for event in events_for(request) if event.slug == slug), None) or last_visited(request)
    moment = _moment(asked, event) if event else None
    return Preview(moment, event, _without(request)) if event and moment else None


def reader_of(request: HttpRequest, event: Event) -> Any:
    """The person through whose eyes the sessions are shown: in a preview, an attendee's.

    Of an event whose programme is not public yet, an attendee would see nothing: it is shown as the editor sees it.
    """
    return None if event.has_public_programme and preview_of(request) else request.user


def as_it_was(event: Event) -> Preview | None:
    """The event that is over as it was in its first session, for those who try the site out; None without DEBUG."""
    first = (
        Session.objects.filter(event=event).published().timed().going_ahead().in_order().first()
        if settings.DEBUG
        else None
    )
    if not first or not has_time(first):
        return None
    return Preview((first.start + INTO_THE_FIRST).astimezone(event.zone), event, "")


def _moment(asked: str, event: Event) -> datetime | None:
    """The moment asked for, in the event's zone if it names none; None if it makes no sense."""
    with suppress(ValueError):
        given = datetime.fromisoformat(asked)
        if given.year in YEARS:
            # By way of UTC, as 02:30 is no time at all on the day on which clocks go from 02:00 to 03:00.
            return (given if given.tzinfo else given.replace(tzinfo=event.zone)).astimezone(UTC).astimezone(event.zone)
    return None


def _without(request: HttpRequest) -> str:
    query = request.GET.copy()
    del query[ASKED]
    return f"{request.path}?{query.urlencode()}" if query else request.path
