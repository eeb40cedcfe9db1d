"""free-busy-query (RFC 4791 section 7.10): the times at which the owner of a calendar is busy, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpResponse
from django.utils import timezone
from lxml import etree

from agenda.caldav.collections import Collection
from agenda.caldav.filters import EARLIEST, LATEST, time_range
from agenda.caldav.refusals import Refused
from agenda.caldav.xml import CALDAV
from agenda.formats.contentlines import Component, parse
from agenda.formats.ical import FreeBusyRecord, free_busy
from agenda.programme.vevents import product
from agenda.stars.overlaps import Span, shared

CONTENT_TYPE = "text/calendar; charset=utf-8; component=VFREEBUSY"


def answer(collection: Collection, root: etree._Element) -> HttpResponse:
    """The answer to the report. A request without a time range in UTC is refused with 400, having no precondition."""
    ranges = root.findall(f"{CALDAV}time-range")
    try:
        start, end = time_range(ranges[0])
    except (IndexError, Refused):
        raise Refused(400, "A free-busy-query has a time-range, in UTC.\n") from None
    busy = _busy(collection, Span(start, end))
    record = FreeBusyRecord(
        uid=uuid5(NAMESPACE_URL, f"{collection.caller.site}{collection.address}"),
        written=timezone.now(),
        start=start if start > EARLIEST else None,
        end=end if end < LATEST else None,
        busy={kind: [(span.start, span.end) for span in _joined(spans)] for kind, spans in busy.items()},
    )
    return HttpResponse(free_busy(record, product()), content_type=CONTENT_TYPE)


def _busy(collection: Collection, asked: Span) -> dict[str, list[Span]]:
    """When the person is busy within that range, by the kind of busy time (FBTYPE)."""
    spans = collection.spans()
    there = [entry for entry in collection.entries if entry.pk in spans and shared(spans[entry.pk], asked)]
    found: dict[str, list[Span]] = {"BUSY": [], "BUSY-TENTATIVE": []}
    for pk, body in collection.bodies(there).items():
        if kind := _kind(parse(body)):
            span = spans[pk]
            found[kind].append(Span(max(span.start, asked.start), min(span.end, asked.end)))
    return found


def _kind(calendar: Component) -> str:
    """The FBTYPE of the calendar's one VEVENT; "" if nobody is busy because of it."""
    said = {each.name: each.value for vevent in calendar.children_named("VEVENT") for each in vevent.properties}
    if said.get("TRANSP") == "TRANSPARENT" or said.get("STATUS") == "CANCELLED":
        return ""
    return "BUSY-TENTATIVE" if said.get("STATUS") == "TENTATIVE" else "BUSY"


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order of start; spans that overlap or meet become one."""
    last: Span | None = None
    for span in sorted(spans, key=lambda each: each.start):
        if last and span.start <= last.end:
            last = Span(last.start, max(last.end, span.end))
            continue
        if last:
            yield last
        last = span
    if last:
        yield last
