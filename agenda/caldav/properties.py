"""All WebDAV and CalDAV properties with their values, and the answers to requests for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from lxml import etree

from agenda.caldav import addresses
from agenda.caldav.addresses import ResourceKind
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection
from agenda.caldav.home import Member, Resource, Signpost
from agenda.caldav.parts import Part, part_of, whole
from agenda.caldav.refusals import Refused
from agenda.caldav.syncing import token
from agenda.caldav.xml import APPLE, CALDAV, CALENDARSERVER, DAV, element, href, propstat, response, text
from agenda.formats.ical import zone_alone
from agenda.formats.zones import zone_in
from agenda.programme.vevents import last_modified, product

MAX_RESOURCE_SIZE = 100_000  # bytes: ours are of 2 to 10 KB, and a client's copy hardly longer
LONGEST_ZONE = 20_000  # characters; the longest that any program writes has every change since 1900
MOST_NAMES, LONGEST_NAME = 100, 100  # macOS, which asks for most, names 40
CONTENT_TYPE = "text/calendar; charset=utf-8; component=VEVENT"
CALENDAR_DATA = f"{CALDAV}calendar-data"
CONTENT_LENGTH = f"{DAV}getcontentlength"
MEMBER_REPORTS = ("C:calendar-query", "C:calendar-multiget")
REPORTS = (*MEMBER_REPORTS, "C:free-busy-query", "D:sync-collection")
# write-content and unbind, or DAVx5 takes the calendar for read-only and never sends a deletion.
PRIVILEGES_ON_OWN = ("read", "read-current-user-privilege-set", "write-properties", "write-content", "unbind")
PRIVILEGES = ("read", "read-current-user-privilege-set", "write-properties")
# macOS sets these when the account is added, on the home and its calendars, and gives up if one is refused.
DEFAULT_ALARMS = ("default-alarm-vevent-datetime", "default-alarm-vevent-date")


class Kept(NamedTuple):
    """A property that a client may set: its name in CalendarKey.properties, and how its value is read from the request.

    `read` raises ValueError for a value that the property cannot have; the answer then names the `precondition`.
    """

    name: str
    read: Callable[[etree._Element], str]
    precondition: str = ""


def _cut(length: int) -> Callable[[etree._Element], str]:
    return lambda sent: "".join(map(str, sent.itertext())).strip()[:length]


def _zone_sent(sent: etree._Element) -> str:
    """Reads a calendar-timezone: a calendar with one VTIMEZONE (RFC 4791 section 5.2.2), which is never cut."""
    written = "".join(map(str, sent.itertext())).strip()
    if len(written) > LONGEST_ZONE:
        raise ValueError("too long")
    zone_in(written)
    return written


def _transparency_sent(sent: etree._Element) -> str:
    """Reads a schedule-calendar-transp: the name of its one element (RFC 6638 section 9.1)."""
    name = etree.QName(sent[0]).localname if len(sent) == 1 else ""
    if name not in ("opaque", "transparent"):
        raise ValueError("neither of the two")
    return name


# What a client may set, per key, with a calendar or the home.
KEPT_ON_HOME = {f"{CALDAV}{name}": Kept(name, _cut(2000)) for name in DEFAULT_ALARMS}
SHOWN = {
    f"{DAV}displayname": Kept("displayname", _cut(120)),
    f"{APPLE}calendar-color": Kept("calendar-color", _cut(40)),
    f"{APPLE}calendar-order": Kept("calendar-order", _cut(20)),
    **KEPT_ON_HOME,
}
KEPT = {
    **SHOWN,
    f"{CALDAV}calendar-description": Kept("calendar-description", _cut(2000)),
    f"{CALDAV}calendar-timezone": Kept("calendar-timezone", _zone_sent, "<C:valid-calendar-data/>"),
    f"{CALDAV}schedule-calendar-transp": Kept("schedule-calendar-transp", _transparency_sent),
}
# RFC 4791, 5397, 4331, 6578 and 6638 ask to leave theirs out of "allprop".
ALLPROP = frozenset(
    (
        *(f"{DAV}{name}" for name in ("resourcetype", "displayname", "getetag", "getcontenttype", "getlastmodified")),
        *(CONTENT_LENGTH, *SHOWN),
    )
)

Table = dict[str, Callable[[Any], str | None]]


def _caller(resource: Resource) -> Caller:
    if isinstance(resource, Member):
        return resource.collection.caller
    return resource.caller


def _principal(resource: Resource) -> str:
    return href(addresses.principal(_caller(resource).user_id))


def _addresses(place: Signpost) -> str:
    return href(f"mailto:{quote(place.caller.email, safe='@+')}") + _principal(place)


def _privileges(names: Iterable[str]) -> str:
    return "".join(f"<D:privilege><D:{name}/></D:privilege>" for name in names)


def _collection_privileges(collection: Collection) -> str:
    return _privileges(PRIVILEGES_ON_OWN if collection.is_own else PRIVILEGES)


def _kept(place: Collection | Signpost, name: str, otherwise: str | None) -> str | None:
    value = place.caller.kept(place.name).get(name, otherwise)
    return None if value is None else text(value)


def _kept_alone(name: str) -> Callable[[Collection | Signpost], str | None]:
    """A function that reads a property which exists only if the client has set it."""
    return lambda resource: _kept(resource, name, None)


def _time_zone(collection: Collection) -> str | None:
    return _kept(collection, "calendar-timezone", zone_alone(collection.zone, product()).decode())


def _transparency(collection: Collection) -> str | None:
    kept = collection.caller.kept(collection.name).get("schedule-calendar-transp")
    return f"<C:{kept}/>" if kept else None


def _reports(names: Iterable[str]) -> str:
    return "".join(f"<D:supported-report><D:report><{name}/></D:report></D:supported-report>" for name in names)


EVERYWHERE: Table = {
    f"{DAV}current-user-principal": _principal,
    f"{DAV}current-user-privilege-set": lambda _: _privileges(PRIVILEGES[:2]),
    f"{DAV}supported-report-set": lambda _: "",
}
OWNED: Table = {**EVERYWHERE, f"{DAV}owner": _principal}
ROOT: Table = {
    **EVERYWHERE,
    f"{DAV}resourcetype": lambda _: "<D:collection/>",
    f"{DAV}displayname": lambda _: text(settings.SITE_NAME),
}
PRINCIPAL: Table = {
    **OWNED,
    f"{DAV}resourcetype": lambda _: "<D:principal/>",
    f"{DAV}displayname": lambda resource: text(resource.caller.email),
    f"{DAV}principal-URL": _principal,
    f"{CALDAV}calendar-home-set": lambda resource: href(addresses.home(resource.caller.user_id)),
    f"{CALDAV}calendar-user-address-set": lambda resource: _addresses(resource),
}
HOME: Table = {
    **OWNED,
    f"{DAV}resourcetype": lambda _: "<D:collection/>",
    f"{DAV}displayname": lambda _: "Calendars",
    f"{DAV}current-user-privilege-set": lambda _: _privileges(PRIVILEGES),
    **{f"{CALDAV}{name}": _kept_alone(name) for name in DEFAULT_ALARMS},
}
COLLECTION: Table = {
    **OWNED,
    f"{DAV}resourcetype": lambda _: "<D:collection/><C:calendar/>",
    f"{DAV}displayname": lambda collection: _kept(collection, "displayname", collection.title),
    f"{DAV}current-user-privilege-set": _collection_privileges,
    f"{DAV}supported-report-set": lambda _: _reports(REPORTS),
    f"{DAV}sync-token": lambda collection: text(token(collection)),
    # Nothing that a client sends is stored, so it has no quota (RFC 4331).
    f"{DAV}quota-used-bytes": lambda _: "0",
    f"{DAV}quota-available-bytes": lambda _: str(MAX_RESOURCE_SIZE),
    f"{CALENDARSERVER}getctag": lambda collection: text(token(collection)),
    f"{CALDAV}calendar-description": lambda collection: _kept(
        collection, "calendar-description", collection.description
    ),
    f"{CALDAV}calendar-timezone": _time_zone,
    f"{CALDAV}schedule-calendar-transp": _transparency,
    f"{CALDAV}supported-calendar-component-set": lambda _: '<C:comp name="VEVENT"/>',
    f"{CALDAV}supported-calendar-data": lambda _: '<C:calendar-data content-type="text/calendar" version="2.0"/>',
    f"{CALDAV}supported-collation-set": lambda _: "".join(
        f"<C:supported-collation>{name}</C:supported-collation>"
        for name in ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
    ),
    f"{CALDAV}max-resource-size": lambda _: str(MAX_RESOURCE_SIZE),
    f"{APPLE}calendar-color": lambda collection: _kept(collection, "calendar-color", f"{collection.colour}ff"),
    f"{APPLE}calendar-order": _kept_alone("calendar-order"),
    **{f"{CALDAV}{name}": _kept_alone(name) for name in DEFAULT_ALARMS},
}
MEMBER: Table = {
    **OWNED,
    f"{DAV}resourcetype": lambda _: "",
    f"{DAV}getetag": lambda member: text(member.collection.etag(member.entry)),
    f"{DAV}getcontenttype": lambda _: CONTENT_TYPE,
    CONTENT_LENGTH: lambda member: None if member.body is None else str(len(member.body)),
    CALENDAR_DATA: lambda member: None if member.shown is None else text(member.shown.decode()),
    f"{DAV}getlastmodified": lambda member: last_modified(member.entry.updated),
    f"{DAV}current-user-privilege-set": lambda member: _collection_privileges(member.collection),
    f"{DAV}supported-report-set": lambda _: _reports(MEMBER_REPORTS),
}
SIGNPOSTS = {ResourceKind.ROOT: ROOT, ResourceKind.PRINCIPAL: PRINCIPAL, ResourceKind.HOME: HOME}


def table_of(resource: Resource) -> Table:
    if isinstance(resource, Signpost):
        return SIGNPOSTS[resource.kind]
    return MEMBER if isinstance(resource, Member) else COLLECTION


def kept_with(resource: Resource) -> dict[str, Kept]:
    """The properties in KEPT that a client may set on this resource."""
    if isinstance(resource, Signpost):
        return KEPT_ON_HOME if resource.kind is ResourceKind.HOME else {}
    return KEPT if isinstance(resource, Collection) else {}


@dataclass(frozen=True, slots=True)
class Asked:
    """The property names that a PROPFIND or REPORT asks for.

    `names` is None if all properties are asked for; with `only_names`, their names without values.
    """

    names: tuple[str, ...] | None
    included: tuple[str, ...] = ()
    only_names: bool = False
    is_minimal: bool = False  # Prefer: return=minimal (RFC 8144): leaves out properties that do not exist
    part: Part = whole  # takes from a calendar object what calendar-data asks for

    @classmethod
    def read(cls, root: etree._Element | None, *, is_minimal: bool) -> Asked:
        """Reads a request's root element. Without one, all properties are asked for (RFC 4918 section 9.1)."""
        if root is None:
            return cls(None)
        if (prop := root.find(f"{DAV}prop")) is not None:
            return cls(_names(prop), is_minimal=is_minimal, part=part_of(prop.find(CALENDAR_DATA)))
        include = root.find(f"{DAV}include")
        included = () if include is None else _names(include)
        return cls(None, included, only_names=root.find(f"{DAV}propname") is not None)

    @property
    def needs_bodies(self) -> bool:
        return self.names is None or CALENDAR_DATA in self.names or CONTENT_LENGTH in self.names

    def names_for(self, resource: Resource) -> Iterable[str]:
        if self.names is not None:
            return self.names
        table = table_of(resource)
        there = (name for name in table if name in ALLPROP or (self.only_names and name != CALENDAR_DATA))
        return [*(name for name in there if table[name](resource) is not None), *self.included]


def _names(prop: etree._Element) -> tuple[str, ...]:
    """The names of the properties in a request. Refuses so many or so long ones that the answer would be too large."""
    names = tuple(dict.fromkeys(str(child.tag) for child in prop))
    if len(names) > MOST_NAMES or sum(map(len, names)) > MOST_NAMES * LONGEST_NAME:
        raise Refused(400, f"At most {MOST_NAMES} properties at once.\n")
    return names


def answer(resource: Resource, asked: Asked) -> str:
    """A DAV:response."""
    table = table_of(resource)
    found, missing = [], []
    for name in asked.names_for(resource):
        value = table[name](resource) if name in table else None
        if value is None:
            missing.append(element(name))
        else:
            found.append(element(name, "" if asked.only_names else value))
    stats = [propstat(200, "".join(found))] if found or asked.is_minimal or not missing else []
    if missing and not asked.is_minimal:
        stats.append(propstat(404, "".join(missing)))
    return response(resource.address, *stats)


def answers(members: Iterable[Member], asked: Asked) -> list[str]:
    """One DAV:response for each member of a collection. The number of queries does not grow with the members."""
    listed = list(members)
    if asked.needs_bodies and listed:
        bodies = listed[0].collection.bodies(member.entry for member in listed)
        there = (member for member in listed if member.entry.pk in bodies)
        listed = [_with(member, bodies[member.entry.pk], asked.part) for member in there]
    return [answer(member, asked) for member in listed]


def _with(member: Member, body: bytes, part: Part) -> Member:
    return replace(member, body=body, shown=part(body))
