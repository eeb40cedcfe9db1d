"""What clients may change: the star of a session, and how a calendar looks to the client itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from lxml import etree

from accounts.models import CalendarKey
from agenda.caldav import syncing
from agenda.caldav.collections import Collection
from agenda.caldav.home import Member, Resource, Signpost
from agenda.caldav.own import OwnAgenda
from agenda.caldav.properties import KEPT, MAX_RESOURCE_SIZE, Kept, kept_with, table_of
from agenda.caldav.refusals import Refused, needs
from agenda.caldav.syncing import Reply
from agenda.caldav.xml import DAV, element, multistatus, propstat, response
from agenda.formats.contentlines import Component, Zones, parse
from agenda.formats.zones import zones_of

# How a PROPPATCH ends for a property: status and precondition. 409: it cannot have this value (RFC 4918 section 9.2.1).
DONE, FAILED_WITH_OTHERS, WRONG = (200, ""), (424, ""), (409, "")
PROTECTED = (403, "<D:cannot-modify-protected-property/>")
INVALID_DATA = "<C:valid-calendar-data/>"


def delete(member: Member) -> Reply:
    """Unstars the session; 403 for a session of a programme, which no client may change."""
    if not isinstance(member.collection, OwnAgenda):
        raise needs("unbind", member.collection.address)
    member.collection.remove(member.entry)
    return Reply(HttpResponse(status=204), _served_without(member))


def _served_without(member: Member) -> str:
    """What a client has been served if it deleted this member and knew everything else; "" if it did not.

    Some clients ask for changes only hours later. Until then, the site would say that they still show the session.
    """
    caller = member.collection.caller
    now = OwnAgenda(caller)
    return syncing.served_with(now) if syncing.knows(now, caller.opened.served, without=member.entry.pk) else ""


def put(request: HttpRequest, member: Member) -> Reply:
    """Accepts a client's own copy of a starred session, with another alarm or colour, say, but does not store it.

    The answer has no ETag, so the client fetches our version (RFC 4791 section 5.3.4). Any other difference would
    change the programme and is refused.
    """
    if not member.collection.is_own:
        raise needs("write-content", member.address)
    if request.content_type != "text/calendar":
        raise Refused(403, "", "<C:supported-calendar-data/>")
    if len(request.body) > MAX_RESOURCE_SIZE:
        raise Refused(403, "", "<C:max-resource-size/>")
    ours = member.collection.bodies([member.entry]).get(member.entry.pk, b"")
    try:
        theirs = _meaning(parse(request.body))
    except (ValueError, OverflowError):  # OverflowError: a duration that reaches beyond the last year
        raise Refused(403, "", INVALID_DATA) from None
    if not ours or theirs != _meaning(parse(ours)):
        raise needs("write-content", member.address)
    return Reply(HttpResponse(status=204))


def _meaning(calendar: Component) -> tuple[object, ...]:
    """The properties that only the programme decides; alarms, colour, categories, zones and folding are left out.

    Raises ValueError if it is not one event that takes place once.
    """
    vevents = [child for child in calendar.children if child.name not in ("VTIMEZONE", "VALARM")]
    if [vevent.name for vevent in vevents] != ["VEVENT"]:
        raise ValueError("not one VEVENT")
    (vevent,), zones = vevents, zones_of(calendar)
    start, end = _moment(vevent, "DTSTART", zones), _moment(vevent, "DTEND", zones)
    if start and not end:  # a duration says the same as an end
        end = next((start + each.duration for each in vevent.named("DURATION")), None)
    return (
        *(start, end),
        *(_text(vevent, name) for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION")),
        _text(vevent, "STATUS").upper() or "CONFIRMED",
        sorted({each.name for each in vevent.properties} & {"RRULE", "RDATE", "RECURRENCE-ID", "ATTENDEE"}),
        bool(calendar.named("METHOD")),
    )


def _moment(vevent: Component, name: str, zones: Zones) -> datetime | None:
    return next((each.moment(zones) for each in vevent.named(name)), None)


def _text(vevent: Component, name: str) -> str:
    """The text with each run of white space as one blank, which is all that some programs keep."""
    return " ".join(" ".join(each.text for each in vevent.named(name)).split())


class PropertyChange(NamedTuple):
    """A property that a client sets, or removes if it has no value; or why that is refused: status and precondition."""

    name: str
    value: str | None = None
    refused: tuple[int, str] | None = None


def proppatch(resource: Resource, root: etree._Element | None) -> Reply:
    """Keeps what a client may set there, all that it asks for or nothing (RFC 4918 section 9.2)."""
    if root is None or root.tag != f"{DAV}propertyupdate":
        raise Refused(400, "A PROPPATCH says in its body what to change.")
    changes = list(_changes(root, resource))
    refused = {each.name: each.refused for each in changes if each.refused}
    to_keep = [each for each in changes if each.name in kept_with(resource)]
    if to_keep and not refused and not isinstance(resource, Member):
        _keep(resource, to_keep)
    stats: dict[tuple[int, str], list[str]] = {} if changes else {DONE: []}
    for name in dict.fromkeys(each.name for each in changes):
        stats.setdefault(refused.get(name, FAILED_WITH_OTHERS if refused else DONE), []).append(element(name))
    written = (propstat(status, "".join(names), condition) for (status, condition), names in sorted(stats.items()))
    return Reply(multistatus([response(resource.address, *written)]))


def _changes(root: etree._Element, resource: Resource) -> Iterator[PropertyChange]:
    """The changes in the request's order. What does not exist may be removed (RFC 4918 section 14.23)."""
    kept, there = kept_with(resource), table_of(resource)
    for instruction in root:
        is_set = instruction.tag == f"{DAV}set"
        for child in instruction.iterfind(f"{DAV}prop/*"):
            name = str(child.tag)
            if name not in kept and (is_set or name in there):
                yield PropertyChange(name, refused=PROTECTED)
            else:
                yield _set(name, child, kept[name]) if is_set else PropertyChange(name)


def _set(name: str, sent: etree._Element, kept: Kept) -> PropertyChange:
    try:
        return PropertyChange(name, kept.read(sent) or None)
    except (ValueError, OverflowError):
        return PropertyChange(name, refused=(403, kept.precondition) if kept.precondition else WRONG)


def _keep(place: Collection | Signpost, changes: list[PropertyChange]) -> None:
    with transaction.atomic():
        key = CalendarKey.objects.select_for_update().get(pk=place.caller.opened.pk)
        kept = key.properties.get(place.name, {})
        for change in changes:
            local = KEPT[change.name].name
            kept.pop(local, None)
            if change.value is not None:
                kept[local] = change.value
        key.properties[place.name] = kept
        key.save(update_fields=["properties"])
