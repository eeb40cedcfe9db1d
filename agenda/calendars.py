"""Sessions as calendar files: the bytes of each VEVENT made once per change, a calendar their concatenation."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import chain

from agenda.formats import ical
from agenda.kept import Kept, Version
from agenda.models import Session

# Part of every ETag: raise it when agenda/formats/ical.py writes the same rows in another way.
FORMAT = 3

vevents_kept: Kept[bytes] = Kept(size=20_000)  # of about 2 KB


def etag(versions: Iterable[Version], *about: str) -> str:
    """A strong ETag of a calendar with these sessions in this order; `about` is what else its bytes depend on."""
    parts = chain((str(FORMAT), *about), (f"{pk}@{updated.timestamp()}" for pk, updated in versions))
    return '"' + sha256("\n".join(parts).encode()).hexdigest()[:32] + '"'


def vevents(versions: Iterable[Version], site: str, style: ical.Style = ical.PLAIN) -> dict[int, bytes]:
    """Each session's VEVENT by pk, in order; one batch of queries for those that changed since they were last asked.

    `site` is the scheme and host that page addresses begin with, without a slash at the end.
    """

    def make(pks: list[int]) -> dict[int, bytes]:
        sessions = Session.objects.filter(pk__in=pks).select_related("event", "room", "track")
        return {session.pk: ical.vevent(record(session, site), style) for session in sessions}

    return vevents_kept.get(versions, (site, style), make)


def record(session: Session, site: str) -> ical.SessionRecord:
    return ical.SessionRecord(
        guid=session.guid,
        sequence=session.sequence,
        created=session.created,
        updated=session.updated,
        start=session.start,
        end=session.end,
        title=session.title,
        byline=session.byline,
        abstract=session.abstract,
        location=session.place,
        track=session.track.name if session.track else "",
        url=site + session.get_absolute_url(),
        status=session.status,
        zone=session.event.time_zone,
    )
