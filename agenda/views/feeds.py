"""Files for other programs: a personal feed behind its key, the public programme in many formats, what changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from accounts import limits
from accounts.models import CalendarKey
from agenda.calendars.fetches import note_fetch
from agenda.calendars.opened_key import opened_by
from agenda.calendars.personal import personal_calendar, personal_record
from agenda.formats.ical import CalendarRecord, vcalendar
from agenda.models import Event, Room, Session, Track
from agenda.models.session import has_time
from agenda.programme import exports
from agenda.programme import filters as filtering
from agenda.programme.access import event_or_404, session_or_404, shows_programme
from agenda.programme.announcements import running
from agenda.programme.atom import FORMAT, atom
from agenda.programme.filters import Filters
from agenda.programme.languages import languages_asked
from agenda.programme.rows import public_slots
from agenda.programme.state import changed as programme_changed
from agenda.programme.vevents import changed_by, etag, last_modified, product, vevents_of
from agenda.version_cache import EPOCH, Version
from database.outages import going_on

NO_CALENDAR = "There is no calendar at this address. It may be mistyped, or it was revoked under “My calendars”.\n"
# The whole programme would be worse: a calendar of five talks would fill up with all that there are.
NO_SUCH_PART = (
    "The programme of {event} has no such day, track or room any more. Choose again on its page, and take the address "
    "of the calendar file there.\n"
)

RARELY = timedelta(days=7)  # how often a calendar asks again about an archived event; its answer stays


@require_safe
def personal(request: HttpRequest, key: str) -> HttpResponse:
    """The sessions that the key's owner starred, in all events. Wrong, revoked and malformed keys get the same 404."""
    opened = opened_by(key, CalendarKey.Kind.FEED)
    if opened is None:
        return _no_calendar(request)
    site = settings.SITE_URL
    holding = personal_calendar(opened, site)

    def make() -> bytes:
        calendar = personal_record()
        return vcalendar(calendar, holding.vevents(holding.members), holding.zones)

    response = _answer(
        request,
        holding.etag,
        max(holding.version.logged_at, holding.version.updated),
        make,
        # A date has only whole seconds. It proves that nothing changed only if this version was the last one served.
        date_alone_proves=opened.served == holding.etag,
    )
    response["Cache-Control"] = "private, no-cache"
    if request.method == "GET":
        note_fetch(opened, holding.etag, request.META.get("HTTP_USER_AGENT", ""))
    return response


@require_safe
def personal_guids(request: HttpRequest, key: str) -> HttpResponse:
    """The guids of the sessions in that calendar, in order of time, for other programs; the ETag is the calendar's.

    It is not noted: a program that reads this shows nobody the calendar, which may be behind.
    """
    opened = opened_by(key, CalendarKey.Kind.FEED)
    if opened is None:
        return _no_calendar(request)
    holding = personal_calendar(opened, settings.SITE_URL)
    response = _answer(
        request,
        holding.etag,
        max(holding.version.logged_at, holding.version.updated),
        lambda: json.dumps({"etag": holding.etag, "guids": [str(each.guid) for each in holding.members]}).encode(),
        date_alone_proves=False,
        content_type="application/json",
    )
    response["Cache-Control"] = "private, no-cache"
    return response


def _no_calendar(request: HttpRequest) -> HttpResponse:
    # Counted only here, so that a right key still opens after many wrong ones from the same address.
    with going_on(without="counting a wrong key"):
        limits.count(request, "wrong calendar key")
    # Not the site's 404 page: calendars ask for years, and that page's log-in link would repeat the secret address.
    return HttpResponse(NO_CALENDAR, status=404, content_type="text/plain; charset=utf-8")


@require_safe
@limits.limited("search in a file", asked_by="q")
def schedule(request: HttpRequest, event_slug: str) -> HttpResponse:
    """The public programme, with the page's filters except the one by stars, because stars are private.

    Of an event that is only announced, it is a calendar without entries: who subscribes to it early has the programme
    on the day that it is published. A hidden event has no file but for editors.
    """
    event = event_or_404(request, event_slug)
    filters = _filters(request, event)
    if isinstance(filters, HttpResponse):
        return filters
    sessions = filters.apply(Session.objects.published().filter(event=event).timed(), event, starred=None).in_order()
    versions = [Version(*values) for values in sessions.values_list("pk", "updated")]
    if filters.q:
        found = filtering.matching(versions, filters.q)
        versions = [version for version in versions if version.pk in found]
    changed = programme_changed(event)
    site = settings.SITE_URL
    calendar = CalendarRecord(name=event.name, source=site + request.get_full_path(), product=product())
    if event.is_archived:
        calendar = replace(calendar, refresh=RARELY)
    response = _answer(
        request,
        etag(versions, site, event.name, request.get_full_path(), str(calendar.refresh)),
        changed,
        lambda: vcalendar(calendar, vevents_of(versions, site).values()),
        date_alone_proves=False,  # deleting a session moves no date
    )
    return _shared(response, is_public=not event.is_hidden)


@require_safe
@limits.limited("search in a file", asked_by="q")
def exported(request: HttpRequest, event_slug: str, kind: str) -> HttpResponse:
    """The public programme as a file for other programs, with the same filters.

    As with the calendar, an event that is only announced gives its name, days and zone, without a session, a room or a
    speaker: an app that was pointed to the address fills up once the programme is published.
    """
    event = event_or_404(request, event_slug)
    filters = _filters(request, event)
    if isinstance(filters, HttpResponse):
        return filters
    changed = programme_changed(event)
    file = exports.exported(event, filters, kind, request.path, changed)
    is_zipped = bool(file.zipped) and "gzip" in request.headers.get("Accept-Encoding", "")
    content_type, _, is_saved = exports.KINDS[kind]
    response = _answer(
        request,
        f'"{file.tag}-gzip"' if is_zipped else f'"{file.tag}"',
        changed,
        lambda: file.zipped if is_zipped else file.plain,
        date_alone_proves=False,
        content_type=content_type,
    )
    if is_zipped and response.status_code == 200:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Content-Disposition"] = f'{"attachment" if is_saved else "inline"}; filename="{event.slug}.{kind}"'
    return _shared(response, is_public=not event.is_hidden)


def _shared(response: HttpResponse, *, is_public: bool) -> HttpResponse:
    """The answer. What is public, everybody may keep for a while, and pages of other sites may read."""
    response["Cache-Control"] = "public, max-age=300" if is_public else "private, no-cache"
    if is_public:
        response["Access-Control-Allow-Origin"] = "*"
    return response


def _filters(request: HttpRequest, event: Event) -> Filters | HttpResponse:
    """The filters that the address asks for; a refusal if they name a part that the programme does not have."""
    query = request.GET.copy()
    query.pop("view", None)  # how a page shows it
    if not query:
        return Filters()
    languages = languages_asked(event, query.getlist("language"))
    filters, problems = filtering.read(query, event, *_parts(event, request.user), languages)
    if problems:
        return HttpResponse(NO_SUCH_PART.format(event=event), status=404, content_type="text/plain; charset=utf-8")
    return filters


def _parts(event: Event, user: object) -> tuple[list[Track], list[Room]]:
    """The parts of the programme; none while this person may not see it, as each name would tell of it."""
    return (filtering.tracks_of(event), filtering.rooms_of(event)) if shows_programme(event, user) else ([], [])


@require_safe
def changes(request: HttpRequest, event_slug: str) -> HttpResponse:
    """What changed in the public programme, as an Atom feed; and the announcements that are shown at this moment."""
    event = event_or_404(request, event_slug)
    site = settings.SITE_URL
    slots = public_slots(event, None)
    announced = running([event], timezone.now()) if shows_programme(event, request.user) else []
    about = (f"{each.pk} {each.start} {each.end} {each.room} {each.text}" for each in announced)
    dates = [slot.updated for slot in slots] + [each.start for each in announced]
    response = _answer(
        request,
        etag([slot.version for slot in slots], str(FORMAT), site, event.name, event.time_zone, *about),
        max(dates, default=EPOCH),
        lambda: atom(event, site, announced),
        date_alone_proves=False,  # an announcement that ends moves the date back
        content_type="application/atom+xml; charset=utf-8",
    )
    response["Cache-Control"] = "private, no-cache" if event.is_hidden else "public, max-age=60"
    return response


@require_safe
def session(request: HttpRequest, event_slug: str, slug: str) -> HttpResponse:
    """One session, to be added to a calendar by hand; 404 as long as it has no time."""
    found = session_or_404(request, event_slug, slug)
    if not has_time(found):
        raise Http404
    versions = [Version(found.pk, found.updated)]
    site = settings.SITE_URL
    calendar = CalendarRecord(name=found.event.name, source=site + request.get_full_path(), product=product())
    response = _answer(
        request, etag(versions, site), found.updated, lambda: vcalendar(calendar, vevents_of(versions, site).values())
    )
    response["Content-Disposition"] = f'inline; filename="{found.slug}.ics"'
    return _shared(response, is_public=found.is_public)


def _answer(
    request: HttpRequest,
    tag: str,
    changed: datetime,
    make: Callable[[], bytes],
    *,
    date_alone_proves: bool = True,
    content_type: str = "text/calendar; charset=utf-8",
) -> HttpResponse:
    """304 if the client has this version (RFC 9110 section 13), else the file, which is made only then."""
    is_dated = date_alone_proves or "If-Unmodified-Since" in request.headers  # a date can only refuse that request
    unchanged = get_conditional_response(request, etag=tag, last_modified=changed_by(changed) if is_dated else None)
    response: HttpResponse = unchanged or HttpResponse(make(), content_type=content_type)
    response["ETag"] = tag
    response["Last-Modified"] = last_modified(changed)
    # Calendar robots may fetch it, search engines need not list it.
    response["X-Robots-Tag"] = "noindex"
    return response
