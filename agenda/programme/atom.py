"""What changed in a programme as an Atom feed (RFC 4287), for feed readers without an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.html import escape

from agenda.formats.xml_text import in_xml
from agenda.models import Announcement, Event, Session
from agenda.models.session import has_time
from agenda.programme.history import marks
from agenda.programme.prose import in_isolates
from agenda.programme.what_changed import what_changed
from agenda.programme.words import zone_name
from agenda.version_cache import EPOCH, microseconds

# Part of the feed's ETag: raise it when the same rows are written in another way.
FORMAT = 1


class ChangesFeed(Atom1Feed):
    """An Atom feed that never reads the clock: the same rows make the same bytes."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=EPOCH)


def atom(event: Event, site: str, announced: Iterable[Announcement]) -> bytes:
    """The feed; times are in the event's zone. Two queries, and one for sessions that changed since the last call."""
    page = site + reverse("agenda:changes", args=[event.slug])
    feed = ChangesFeed(
        title=_plain(f"{event.name}: what changed"),
        link=page,
        description="",
        language="en-GB",
        author_name=_plain(event.name),
        feed_url=site + reverse("agenda:changes-atom", args=[event.slug]),
    )
    for entry in [*_announcements(event, page, announced), *_changes(event, site)]:
        feed.add_item(**entry)
    return feed.writeString("utf-8").encode()


def _announcements(event: Event, page: str, announced: Iterable[Announcement]) -> Iterator[dict[str, Any]]:
    for each in announced:
        until = date_format(each.end.astimezone(event.zone), "l j F, H:i")
        about = f"{in_isolates(each.room)}: " if each.room else ""
        yield {
            "title": _plain(f"Announcement: {about}{each.text}"),
            "link": page,
            "description": escape(_plain(f"{each.text} (until {until} {zone_name(each.end, event.zone)})")),
            "unique_id": f"{page}#announcement-{each.pk}",
            "pubdate": each.start,
            "updateddate": each.start,
        }


def _changes(event: Event, site: str) -> Iterator[dict[str, Any]]:
    """The telling changes: those of texts alone would bury them."""
    told = [(step, slot) for step, slot in what_changed(event).changes if step.is_telling]
    rows = Session.objects.filter(pk__in={slot.pk for _, slot in told}).select_related("event", "room", "replaced_by")
    sessions = {session.pk: session for session in rows}
    for step, slot in told:
        if session := sessions.get(slot.pk):
            said = ", ".join(words for _, words in marks(step.changes, session, event.zone))
            yield {
                "title": _plain(f"{in_isolates(session.title)}: {said}"),
                "link": site + session.get_absolute_url(),
                "description": escape(_plain(_now(session, event))),
                "unique_id": f"urn:uuid:{session.guid}#{microseconds(step.at)}",
                "pubdate": step.at,
                "updateddate": step.at,
            }


def _now(session: Session, event: Event) -> str:
    """When and where it is now, its note, and its replacement: "Saturday 16 September, 11:30 CEST, UTC+2. Rain."."""
    start = "No time yet"
    if has_time(session):
        local = session.start.astimezone(event.zone)
        start = f"{date_format(local, 'l j F, H:i')} {zone_name(local, event.zone)}"
    where = f"{start}, {in_isolates(session.room)}" if session.room else start
    instead = f"Instead: {in_isolates(session.instead.title)}." if session.instead else ""
    return " ".join(part for part in (f"{where}.", session.note, instead) if part)


def _plain(text: str) -> str:
    return in_xml(" ".join(text.split()))
