"""What clients may change: the star of an event, and how they themselves show a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from lxml import etree

from accounts.models import CalendarKey
from agenda.caldav import syncing
from agenda.caldav.collections import Collection
from agenda.caldav.contentlines import Component, parse
from agenda.caldav.home import Member, Resource, Waypoint
from agenda.caldav.own import OwnAgenda
from agenda.caldav.properties import KEPT, MAX_RESOURCE_SIZE, kept_with
from agenda.caldav.refusals import Refused, needs
from agenda.caldav.xml import DAV, element, multistatus, propstat, response

INVALID_DATA = "<C:valid-calendar-data/>"


def delete(member: Member) -> HttpResponse:
    """Removes the star. In a programme, which nobody can change here, the answer is 403."""
    if not isinstance(member.collection, OwnAgenda):
        raise needs("unbind", member.collection.address)
    member.collection.remove(member.entry)
    _note_deletion(member)
    return HttpResponse(status=204)


def _note_deletion(member: Member) -> None:
    """Records that the client is up to date after its own deletion, if it was before.

    Otherwise the page "My calendars" would say that it still shows the deleted talk.
    Some clients synchronise only hours later.
    """
    caller = member.collection.caller
    now = OwnAgenda(caller)
    if syncing.knows(now, caller.served, without=member.entry.pk):
        caller.served = syncing.token(now).removeprefix(syncing.PREFIX)


def put(request: HttpRequest, member: Member) -> HttpResponse:
    """Accepts a client's copy of a starred event with its own alarm or colour, but does not store it.

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
    return HttpResponse(status=204)


def _meaning(calendar: Component) -> tuple[object, ...]:
    """The properties that only the programme decides; alarms, colour, categories, zones and folding are left out.

    Raises ValueError if it is not one event that takes place once.
    """
    vevents = [child for child in calendar.children if child.name not in ("VTIMEZONE", "VALARM")]
    if [vevent.name for vevent in vevents] != ["VEVENT"]:
        raise ValueError("not one VEVENT")
    (vevent,) = vevents
    start, end = _moment(vevent, "DTSTART"), _moment(vevent, "DTEND")
    if start and not end:  # a duration says the same as an end
        end = next((start + each.duration for each in vevent.named("DURATION")), None)
    return (
        *(start, end),
        *(_text(vevent, name) for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION")),
        _text(vevent, "STATUS").upper() or "CONFIRMED",
        sorted({each.name for each in vevent.properties} & {"RRULE", "RDATE", "RECURRENCE-ID", "ATTENDEE"}),
        bool(calendar.named("METHOD")),
    )


def _moment(vevent: Component, name: str) -> datetime | None:
    return next((each.moment for each in vevent.named(name)), None)


def _text(vevent: Component, name: str) -> str:
    """The text with each run of white space as one blank, which is all that some programs keep."""
    return " ".join(" ".join(each.text for each in vevent.named(name)).split())


def proppatch(resource: Resource, root: etree._Element | None) -> HttpResponse:
    """Stores name, colour, order and alarms for this client: all that it sent, or nothing (RFC 4918 section 9.2)."""
    if root is None or root.tag != f"{DAV}propertyupdate":
        raise Refused(400, "A PROPPATCH says in its body what to change.")
    wanted = list(_wanted(root))
    kept = kept_with(resource)
    refused = [name for name, _ in wanted if name not in kept]
    names = list(dict.fromkeys(name for name, _ in wanted))
    if kept and not refused and not isinstance(resource, Member):
        _keep(resource, wanted)
        return multistatus([response(resource.address, propstat(200, "".join(map(element, names))))])
    forbidden = [element(name) for name in names if name in refused]
    failed = [element(name) for name in names if name not in refused]
    stats = [propstat(403, "".join(forbidden), "<D:cannot-modify-protected-property/>")]
    stats += [propstat(424, "".join(failed))] if failed else []
    return multistatus([response(resource.address, *stats)])


def _wanted(root: etree._Element) -> Iterator[tuple[str, str | None]]:
    """Each property with its new text (None: removed), in the request's order."""
    for instruction in root:
        for child in instruction.iterfind(f"{DAV}prop/*"):
            value = "".join(map(str, child.itertext())).strip() if instruction.tag == f"{DAV}set" else ""
            yield str(child.tag), value or None


def _keep(place: Collection | Waypoint, wanted: list[tuple[str, str | None]]) -> None:
    with transaction.atomic():
        key = CalendarKey.objects.select_for_update().get(pk=place.caller.opened.pk)
        kept = key.properties.get(place.name, {})
        for name, value in wanted:
            local, length = KEPT[name]
            kept.pop(local, None)
            if value is not None:
                kept[local] = value[:length]
        key.properties[place.name] = kept
        key.save(update_fields=["properties"])
