"""Sessions as VEVENTs, each written once per change; a calendar file is a concatenation of them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import chain

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects

from agenda.formats import ical
from agenda.models import Appearance, Session
from agenda.programme.records import vevent_record
from agenda.version_cache import Version, VersionCache

vevent_cache: VersionCache[bytes] = VersionCache(size=20_000)  # of about 2 KB


def written_as() -> str:
    """What the bytes of every calendar depend on besides rows, options and address: FORMAT, and the site's name."""
    return f"{ical.FORMAT} {settings.SITE_NAME}"


def etag(versions: Iterable[Version], *about: str) -> str:
    """A strong ETag of a calendar with these sessions in this order; `about` is all else that its bytes depend on."""
    parts = chain((written_as(), *about), (f"{pk}@{updated.timestamp()}" for pk, updated in versions))
    return '"' + sha256("\n".join(parts).encode()).hexdigest()[:32] + '"'


def vevents_of(versions: Iterable[Version], site: str, style: ical.Style = ical.PLAIN) -> dict[int, bytes]:
    """The VEVENT of each session by pk, in order. Makes queries only for sessions that changed since the last call.

    `site` is the scheme and host that page addresses begin with, without a slash at the end.
    """

    def make(pks: list[int]) -> dict[int, bytes]:
        sessions = list(Session.objects.filter(pk__in=pks).select_related("event", "room", "track"))
        speakers = Prefetch("appearances", Appearance.objects.select_related("speaker"))
        prefetch_related_objects([each for each in sessions if not each.byline], speakers)
        return {session.pk: ical.vevent(vevent_record(session, site), style) for session in sessions}

    return vevent_cache.get(versions, (site, style), make)
