"""The whole programme in one page, for phones without network, terminals and archives; made once per change."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

import brotli
from django.conf import settings
from django.db.models.functions import Length
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.safestring import mark_safe

from agenda.models import Event, Session, Speaker
from agenda.programme.exports import File, digest, fields_of
from agenda.programme.languages import note_languages
from agenda.programme.rows import ListedSession, Slot, heading_of, public_slots, with_time
from agenda.programme.state import ProgrammeState, changed, public_state
from agenda.version_cache import EPOCH, Version, VersionCache

# A row is about 1.5 KB, a document 1.5 MB and compressed a fifth of that.
row_cache: VersionCache[str] = VersionCache(size=8_000)
document_cache: VersionCache[File] = VersionCache(size=8)
LARGEST = 300 * 1024  # bytes of a document, compressed
CUTS = (100_000, 2_000, 1_500, 1_200, 1_000, 800, 700, 600, 500, 400, 350, 300, 250, 200)  # characters of one text
SHRINKS = 0.95  # of the texts: by a little more than the page must, as the rest of it does not shrink
QUALITY = 9  # of 11: a second for a page of 1,000 sessions, a sixth smaller than gzip
LOOKS = ("site.css", "kept.js", "offline.js")  # with them, the page is another one


def document(event: Event) -> File:
    """The page with all public sessions of the event, in its own zone. Two queries, unless it must be made."""
    count, latest, _ = public_state(event.slug) or ProgrammeState(0, EPOCH)
    about = (
        *fields_of(event),
        event.website,
        event.is_archived,
        count,
        settings.SITE_NAME,
        settings.OFFLINE,
        *(settings.IMPRINT_URL, settings.PRIVACY_URL, settings.CONTACT),
        *(static(f"forum/{name}") for name in LOOKS),
    )

    def make(pks: list[int]) -> dict[int, File]:
        with timezone.override(event.zone):
            return {event.pk: _largest(event)}

    return document_cache.get([Version(event.pk, latest)], about, make)[event.pk]


def compressed(page: str) -> File:
    plain = page.encode()
    return File(plain, brotli.compress(plain, quality=QUALITY), digest(plain))


def cut_at(lengths: list[int], most: int) -> int:
    """Where texts of these lengths are cut so that all together are not longer than `most`, if that can be."""
    return next((cut for cut in CUTS if sum(min(length, cut) for length in lengths) <= most), CUTS[-1])


def _largest(event: Event) -> File:
    """The page with its texts as long as LARGEST allows: whole, or cut in two or three tries."""
    note_languages([event])
    public = Session.objects.published().filter(event=event).order_by()
    speakers = list(Speaker.objects.filter(sessions__in=public).exclude(biography="").distinct().order_by("name", "pk"))
    abstracts = public.annotate(length=Length("abstract")).values_list("length", flat=True)
    lengths = [*abstracts, *(len(speaker.biography) for speaker in speakers)]
    most = sum(lengths)
    while True:
        cut = cut_at(lengths, most)
        file = compressed(_page(event, speakers, cut, is_cut=cut < max(lengths, default=0)))
        if len(file.zipped) <= LARGEST or cut == CUTS[-1]:
            return file
        most = int(most * SHRINKS * LARGEST / len(file.zipped))


def _rows(event: Event, slots: list[ListedSession], cut: int) -> dict[int, str]:
    """The row of each session, by pk, with its abstract up to `cut` characters."""
    template = get_template("agenda/_offline_session.html")

    def make(pks: list[int]) -> dict[int, str]:
        made = {}
        for session in Session.objects.filter(pk__in=pks).with_details().with_replaced():
            session.usual_language = event.usual_language
            dated = _heading(event, session.start) != (session.start and session.start.astimezone(event.zone).date())
            made[session.pk] = template.render({"session": session, "dated": dated, "cut": cut})
        return made

    return row_cache.get([slot.version for slot in slots], (event.time_zone, event.usual_language, cut), make)


def _heading(event: Event, start: datetime | None) -> date | None:
    """The day that a session is listed under; None for one without a time."""
    return start and heading_of(event, start, event.zone)


def _page(event: Event, speakers: list[Speaker], cut: int, *, is_cut: bool) -> str:
    slots = public_slots(event, None)
    rows, days = _rows(event, slots, cut), defaultdict[date | None, list[str]](list)
    for slot in slots:
        days[_heading(event, slot.start if isinstance(slot, Slot) else None)].append(rows.get(slot.pk, ""))
    context = {
        "event": event,
        "days": [(day, mark_safe("".join(html))) for day, html in days.items()],  # noqa: S308 (rendered by templates)
        "moments": [slot.start for slot in with_time(slots)] or [event.day_bounds(event.starts_on)[0]],
        "count": len(slots),
        "changed": changed(event),
        "speakers": speakers,
        "cut": cut,
        "is_cut": is_cut,
        "worker": settings.OFFLINE,
    }
    return get_template("agenda/offline.html").render(context)
