"""Rows of the programme as the plain records that agenda/formats/ writes."""

from __future__ import annotations

from agenda.formats.ical import VeventRecord
from agenda.models import Session


def vevent_record(session: Session, site: str) -> VeventRecord:
    """The fields of the session that a calendar shows; `site` is the scheme and host of the address of its page."""
    return VeventRecord(
        guid=session.guid,
        sequence=session.sequence,
        created=session.created,
        updated=session.updated,
        start=session.start,
        end=session.end,
        title=session.title,
        note=session.note,
        subtitle=session.subtitle,
        byline=session.credited,
        abstract=session.abstract,
        location=session.place,
        track=session.track.name if session.track else "",
        url=site + session.get_absolute_url(),
        status=session.status,
        zone=session.event.time_zone,
    )
