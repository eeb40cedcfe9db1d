"""Sessions as calendar files: the bytes of each VEVENT made once per change, a calendar their concatenation."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import chain

from agenda.formats import ical
from agenda.models import Session
from agenda.programme.records import session_record
from agenda.version_cache import Version, VersionCache

# Part of every ETag: raise it when agenda/formats/ical.py writes the same rows in another way.
FORMAT = 4

vevent_cache: VersionCache[bytes] = VersionCache(size=20_000)  # of about 2 KB


def etag(versions: Iterable[Version], *about: str) -> str:
    """A strong ETag of a calendar with these sessions in this order; `about` is what else its bytes depend on."""
    parts = chain((str(FORMAT), *about), (f"{pk}@{updated.timestamp()}" for pk, updated in versions))
    return '"' + sha256("\n".join(parts).encode()).hexdigest()[:32] + '"'


def vevents_of(versions: Iterable[Version], site: str, style: ical.Style = ical.PLAIN) -> dict[int, bytes]:
    """Each session's VEVENT by pk, in order; one batch of queries for those that changed since they were last asked.

    `site` is the scheme and host that page addresses begin with, without a slash at the end.
    """

    def make(pks: list[int]) -> dict[int, bytes]:
        sessions = Session.objects.filter(pk__in=pks).select_related("event", "room", "track")
        return {session.pk: ical.vevent(session_record(session, site), style) for session in sessions}

    return vevent_cache.get(versions, (site, style), make)
