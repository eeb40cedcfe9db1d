"""REPORT (RFC 3253 section 3.6): queries, named members, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import tzinfo

from django.http import HttpRequest
from django.utils import timezone
from lxml import etree

from agenda.caldav import addresses, filters, freebusy, syncing
from agenda.caldav.collections import Collection, CollectionEntry
from agenda.caldav.home import Member, Resource, Signpost
from agenda.caldav.properties import Asked, answers
from agenda.caldav.refusals import Refused
from agenda.caldav.syncing import Reply
from agenda.caldav.xml import CALDAV, DAV, multistatus, response, status, text
from agenda.formats.contentlines import Component, parse
from agenda.formats.zones import by_iana, zone_in
from agenda.stars.overlaps import Span


def report(request: HttpRequest, resource: Resource, root: etree._Element | None, *, is_minimal: bool) -> Reply:
    """Answers a report. Refuses, with a precondition, one that supported-report-set does not name for the resource."""
    if root is None:
        raise Refused(400, "A report says in its body what it asks for.")
    if not isinstance(resource, Signpost) and root.tag in ANYWHERE:
        return ANYWHERE[root.tag](resource, root, Asked.read(root, is_minimal=is_minimal))
    if isinstance(resource, Collection) and root.tag == f"{CALDAV}free-busy-query":
        return Reply(freebusy.answer(resource, root))
    if isinstance(resource, Collection) and root.tag == f"{DAV}sync-collection":
        return sync(request, resource, root, Asked.read(root, is_minimal=is_minimal))
    raise Refused(403, "", "<D:supported-report/>")


def _held(place: Collection | Member) -> tuple[Collection, list[CollectionEntry]]:
    """The calendar, and the entries that a report is about: all, or that of the one member asked (RFC 4791, 7)."""
    return (place.collection, [place.entry]) if isinstance(place, Member) else (place, place.entries)


def query(place: Collection | Member, root: etree._Element, asked: Asked) -> Reply:
    """calendar-query: the members that its filter lets through, whatever the Depth header says."""
    collection, entries = _held(place)
    wanted = root.find(f"{CALDAV}filter")
    if wanted is None:
        raise Refused(403, "", "<C:valid-filter/>")
    given = filters.read(wanted, _zone(root))
    pks = [entry.pk for entry in entries]
    spans = collection.spans() if given.asks_when else dict.fromkeys(pks, filters.ANY_TIME)
    calendars = _parsed(collection, entries) if given.looks_closer else dict.fromkeys(pks, filters.OUTLINE)
    there = (entry for entry in entries if entry.pk in spans and entry.pk in calendars)
    found = [Member(collection, entry) for entry in there if given.test(calendars[entry.pk], spans[entry.pk])]
    tells_all = place is collection and _tells_all(given, spans.values())
    return Reply(multistatus(answers(found, asked)), syncing.served_with(collection) if tells_all else "")


def _zone(root: etree._Element) -> tzinfo | None:
    """The zone that a query names (section 9.8, or RFC 7809 section 5.2); None if it names none."""
    written, name = root.find(f"{CALDAV}timezone"), root.findtext(f"{CALDAV}timezone-id")
    failed = "<C:valid-calendar-data/>" if written is not None else "<C:valid-timezone/>"
    try:
        if written is not None:
            return zone_in("".join(map(str, written.itertext())))
        return None if name is None else by_iana(name.strip())
    except (ValueError, OverflowError):
        raise Refused(403, "", failed) from None


def _tells_all(given: filters.Filter, spans: Iterable[Span]) -> bool:
    """True if a client with this filter now knows all sessions in the calendar, and that it shows no others.

    `spans` are the times of all sessions that the client may have shown until now. A search for a text or for tasks
    says nothing about the other sessions. Nor does a time range that leaves out one of them, as the client keeps
    showing it. A session that is over may lie before the range: most clients ask for the last weeks and everything to
    come, and remove the rest themselves.
    """
    if given.looks_closer or not given.test(filters.OUTLINE, filters.ANY_TIME):
        return False
    now = timezone.now()
    # Had it never ended, what is over would be found, unless it is the range's end that leaves it out.
    told = (replace(span, end=filters.LATEST) if span.end <= now else span for span in spans)
    return all(given.test(filters.OUTLINE, span) for span in told)


def _parsed(collection: Collection, entries: list[CollectionEntry]) -> dict[int, Component]:
    return {pk: parse(body) for pk, body in collection.bodies(entries).items()}


def multiget(place: Collection | Member, root: etree._Element, asked: Asked) -> Reply:
    """calendar-multiget: each member that is named, once; 404 for a name that is not in this place."""
    collection, entries = _held(place)
    by_name = {entry.name: entry for entry in entries}
    found: dict[int, Member] = {}
    missing: list[str] = []
    for href in dict.fromkeys((each.text or "").strip() for each in root.findall(f"{DAV}href")):
        address = addresses.read_href(href, collection.caller.site)
        is_here = address and (address.user_id, address.collection) == (collection.caller.user_id, collection.name)
        entry = by_name.get(address.name) if address and is_here else None
        if entry:
            found[entry.pk] = Member(collection, entry)
        else:
            missing.append(href)
    gone = [response(href, status(404)) for href in missing]
    return Reply(multistatus([*answers(found.values(), asked), *gone]))


# The reports of calendars and of their members.
ANYWHERE: dict[str | bytes, Callable[[Collection | Member, etree._Element, Asked], Reply]] = {
    f"{CALDAV}calendar-query": query,
    f"{CALDAV}calendar-multiget": multiget,
}


def sync(request: HttpRequest, collection: Collection, root: etree._Element, asked: Asked) -> Reply:
    """sync-collection. Clients send a Depth of 0, or 1 as in drafts of the RFC; members have none of their own."""
    level = root.findtext(f"{DAV}sync-level", "1").strip()
    if level == "infinite":
        raise Refused(403, "", "<D:sync-traversal-supported/>")
    if level != "1" or request.headers.get("Depth", "0") not in ("0", "1"):
        raise Refused(400, "A sync-collection is of level 1 here, and has no Depth but 0.")
    page = syncing.page(collection, root.findtext(f"{DAV}sync-token", "").strip(), _limit(root))
    changed = answers((Member(collection, entry) for _, entry in page.changed if entry), asked)
    removed = [response(collection.address_of(guid), status(404)) for guid, entry in page.changed if entry is None]
    cut = [response(collection.address, status(507), TOO_MANY)] if page.is_cut else []
    answered = multistatus([*changed, *removed, *cut], f"<D:sync-token>{text(page.token)}</D:sync-token>")
    return Reply(answered, "" if page.is_cut else syncing.served_with(collection))


TOO_MANY = "<D:error><D:number-of-matches-within-limits/></D:error>"


def _limit(root: etree._Element) -> int | None:
    written = root.findtext(f"{DAV}limit/{DAV}nresults")
    if written is None:
        return None
    written = written.strip()
    if not (written.isascii() and written.isdecimal() and int(written[:9])):
        raise Refused(400, "A limit is a whole number from 1 on.")
    return int(written[:9])
