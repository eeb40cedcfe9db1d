"""Sessions as VEVENTs, each written once per change; a calendar file is a concatenation of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import chain
from math import ceil

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.http import http_date

from agenda.formats import ical
from agenda.models import Appearance, Session
from agenda.models.session import timed
from agenda.programme.records import vevent_record
from agenda.version_cache import Version, VersionCache

vevent_cache: VersionCache[bytes] = VersionCache(size=20_000)  # of about 2 KB


def product() -> str:
    """What writes the calendars, for PRODID: the site's name, and the version of the product."""
    return f"{settings.SITE_NAME} {settings.VERSION}"


def written_as() -> str:
    """What the bytes of every calendar depend on besides rows, options and address: FORMAT, and what PRODID says."""
    return f"{ical.FORMAT} {product()}"


def etag(versions: Iterable[Version], *about: str) -> str:
    """A strong ETag of a calendar with these sessions in this order; `about` is all else that its bytes depend on."""
    parts = chain((written_as(), *about), (f"{pk}@{updated.timestamp()}" for pk, updated in versions))
    return '"' + sha256("\n".join(parts).encode()).hexdigest()[:32] + '"'


def changed_by(changed: datetime) -> int:
    """The first whole second, since 1970, at which the change was over: to compare with a date that a client sends.

    Dates have only whole seconds. The second of a change proves nothing, as another may have followed within it.
    """
    return ceil(changed.timestamp())


def last_modified(changed: datetime) -> str:
    """Last-Modified, as HTTP writes dates; never later than now (RFC 9110 section 8.8.2.1).

    A client that reads within the second of a change thus gets a date that is too early to match later.
    """
    return http_date(min(changed_by(changed), time.time()))


def vevents_of(versions: Iterable[Version], site: str, style: ical.Style = ical.PLAIN) -> dict[int, bytes]:
    """The VEVENT of each session by pk, in order. Makes queries only for sessions that changed since the last call.

    One that has no time is left out, like one that was deleted a moment ago.
    `site` is the scheme and host that page addresses begin with, without a slash at the end.
    """

    def make(pks: list[int]) -> dict[int, bytes]:
        rows = Session.objects.filter(pk__in=pks).select_related("event", "room", "track", "replaced_by")
        sessions = timed(rows)
        speakers = Prefetch("appearances", Appearance.objects.select_related("speaker"))
        prefetch_related_objects([each for each in sessions if not each.byline], speakers)
        return {session.pk: ical.vevent(vevent_record(session, site), style) for session in sessions}

    return vevent_cache.get(versions, (site, style), make)
