"""Calendar files: a personal feed behind its key, and the public programme and sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from accounts import keys, limits
from accounts.models import CalendarKey
from accounts.prepared import Prepared
from agenda import filters as filtering
from agenda.access import event_or_404, session_or_404
from agenda.calendars import etag, vevents
from agenda.formats.ical import CalendarRecord, vcalendar
from agenda.kept import Version
from agenda.models import Session

PERSONAL_NAME = "My conference agenda"
USED_EVERY = timedelta(minutes=10)  # how often at most a fetch that got nothing new is written down
NO_CALENDAR = "There is no calendar at this address. It may be mistyped, or it was revoked under “My calendars”.\n"
# Compared with when there is no such key, so that a wrong address costs the same work as a right one.
NO_DIGEST = "0" * 64


class Opened(NamedTuple):
    """A calendar's key, and when its owner last starred or unstarred anything."""

    pk: UUID | str
    user_id: int
    digest: str
    created: datetime
    last_used_at: datetime | None
    last_client: str
    served: str
    starred_at: datetime | None


_keys = Prepared(
    lambda lookup: (
        CalendarKey.objects.active()
        .feeds()
        .filter(lookup=lookup, user__is_active=True)
        .order_by("-user__star_log__id")
        .values_list(*Opened._fields[:-1], "user__star_log__at")[:1]
    )
)
_starred = Prepared(
    lambda user: (
        Session.objects.filter(stars__user=user).order_by("start", "pk").values_list("pk", "updated", "is_published")
    )
)


@require_safe
def personal(request: HttpRequest, key: str) -> HttpResponse:
    """What the key's owner starred, over all events. Any wrong, revoked or malformed key is the same 404."""
    try:
        opened = _open(key)
    except Http404:
        # Only now: behind one address, a right key opens however many wrong ones were tried there.
        limits.count(request, "wrong calendar key")
        # Not the site's page: calendars ask on for years, and its link to log in would repeat the address.
        return HttpResponse(NO_CALENDAR, status=404, content_type="text/plain; charset=utf-8")
    starred = _starred.rows(opened.user_id)
    versions = [Version(pk, updated) for pk, updated, is_published in starred if is_published]
    site = request.build_absolute_uri("/")[:-1]
    tag = etag(versions, site)
    changed = max([opened.starred_at or opened.created, *(updated for _, updated, _ in starred)])
    calendar = CalendarRecord(name=PERSONAL_NAME, source=site + reverse("agenda:agenda"))
    response = _answer(
        request,
        tag,
        changed,
        lambda: vcalendar(calendar, vevents(versions, site)),
        # A date has only seconds: alone it proves nothing, unless this very version is what the key was given last.
        date_alone_proves=opened.served == tag,
    )
    response["Cache-Control"] = "private, no-cache"
    if request.method == "GET":
        _note_fetch(opened, tag, request.headers.get("User-Agent", ""))
    return response


def _open(key: str) -> Opened:
    """The key's row, and when its owner last starred or unstarred anything; raises Http404."""
    lookup, secret = keys.split(key)
    found = next((Opened(*row) for row in _keys.rows(lookup)), None)
    if not keys.matches(secret, found.digest if found else NO_DIGEST, settings.CALENDAR_SECRETS) or found is None:
        raise Http404
    return found


def _note_fetch(opened: Opened, tag: str, user_agent: str) -> None:
    """Remembers who fetched what and when; no write where it would say nothing new. No IP address."""
    moment, client = timezone.now(), user_agent[:120]
    seen = opened.last_used_at
    if opened.served == tag and opened.last_client == client and seen and moment - seen < USED_EVERY:
        return
    CalendarKey.objects.filter(pk=opened.pk).update(last_used_at=moment, last_client=client, served=tag)


@require_safe
@limits.limited("search in a file", asked_by="q")
def schedule(request: HttpRequest, event_slug: str) -> HttpResponse:
    """The public programme, with the page's filters except the stars, which are nobody else's."""
    event = event_or_404(event_slug)
    filters, _ = filtering.read(request.GET, event, list(event.tracks.all()), list(event.rooms.all()))
    everything = Session.objects.filter(event=event)
    sessions = filters.apply(everything.published(), event, starred=None).order_by("start", "pk")
    versions = [Version(*values) for values in sessions.values_list("pk", "updated")]
    if filters.q:
        found = filtering.matching(versions, filters.q)
        versions = [version for version in versions if version.pk in found]
    changed = everything.aggregate(latest=Max("updated"))["latest"] or datetime(1970, 1, 1, tzinfo=UTC)
    site = request.build_absolute_uri("/")[:-1]
    calendar = CalendarRecord(name=event.name, source=request.build_absolute_uri())
    response = _answer(
        request,
        etag(versions, site, event.name, request.get_full_path()),
        changed,
        lambda: vcalendar(calendar, vevents(versions, site)),
        date_alone_proves=False,  # a session's deletion moves no date
    )
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def session(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    """One session, to be added to a calendar by hand."""
    found = session_or_404(request, event_slug, slug)
    versions = [Version(found.pk, found.updated)]
    site = request.build_absolute_uri("/")[:-1]
    calendar = CalendarRecord(name=found.event.name, source=request.build_absolute_uri())
    response = _answer(
        request, etag(versions, site), found.updated, lambda: vcalendar(calendar, vevents(versions, site))
    )
    response["Cache-Control"] = "public, max-age=300" if found.is_published else "private, no-cache"
    response["Content-Disposition"] = f'inline; filename="{found.slug}.ics"'
    return response


def _answer(
    request: HttpRequest, tag: str, changed: datetime, make: Callable[[], bytes], *, date_alone_proves: bool = True
) -> HttpResponse:
    """304 where the client has this version (RFC 9110 section 13), else the calendar, made only then."""
    seconds = int(changed.timestamp())
    unchanged = get_conditional_response(request, etag=tag, last_modified=seconds if date_alone_proves else None)
    response: HttpResponse = unchanged or HttpResponse(make(), content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    response["Last-Modified"] = http_date(seconds)
    # Calendar robots may fetch it, search engines need not list it.
    response["X-Robots-Tag"] = "noindex"
    return response
