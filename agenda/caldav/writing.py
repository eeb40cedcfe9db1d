"""What clients may change: the star of a session, and how a calendar looks to the client itself."""

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
from agenda.caldav.home import Member, Resource, Signpost
from agenda.caldav.own import OwnAgenda
from agenda.caldav.properties import KEPT, MAX_RESOURCE_SIZE, kept_with
from agenda.caldav.refusals import Refused, needs
from agenda.caldav.syncing import Reply
from agenda.caldav.xml import DAV, element, multistatus, propstat, response

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


def proppatch(resource: Resource, root: etree._Element | None) -> Reply:
    """Keeps name, colour, order and alarms for this client: all that it asks for, or nothing (RFC 4918 9.2)."""
    if root is None or root.tag != f"{DAV}propertyupdate":
        raise Refused(400, "A PROPPATCH says in its body what to change.")
    wanted = list(_wanted(root))
    kept = kept_with(resource)
    refused = [name for name, _ in wanted if name not in kept]
    names = list(dict.fromkeys(name for name, _ in wanted))
    if kept and not refused and not isinstance(resource, Member):
        _keep(resource, wanted)
        return Reply(multistatus([response(resource.address, propstat(200, "".join(map(element, names))))]))
    forbidden = [element(name) for name in names if name in refused]
    failed = [element(name) for name in names if name not in refused]
    stats = [propstat(403, "".join(forbidden), "<D:cannot-modify-protected-property/>")]
    stats += [propstat(424, "".join(failed))] if failed else []
    return Reply(multistatus([response(resource.address, *stats)]))


def _wanted(root: etree._Element) -> Iterator[tuple[str, str | None]]:
    """Each property with its new text (None: removed), in the request's order."""
    for instruction in root:
        for child in instruction.iterfind(f"{DAV}prop/*"):
            value = "".join(map(str, child.itertext())).strip() if instruction.tag == f"{DAV}set" else ""
            yield str(child.tag), value or None


def _keep(place: Collection | Signpost, wanted: list[tuple[str, str | None]]) -> None:
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
