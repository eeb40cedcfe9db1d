"""A calendar client's requests, and its view of the answers."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml import etree

from accounts.models import CalendarKey, User

NAMESPACES = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())
ETAG = "<D:getetag/>"
ALL_EVENTS = '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter>'


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


class Dav:
    """A device that is signed in with a calendar's key."""

    def __init__(self, user: User, *, name: str = "Phone", collections: list[str] | None = None) -> None:
        self.key, self.password = CalendarKey.objects.issue(user, name=name, once=name, kind="caldav")
        self.user = user
        self.change_key(collections=collections or [])
        self.principal = f"/dav/principals/{user.pk}/"
        self.home = f"/dav/calendars/{user.pk}/"
        self.agenda = f"{self.home}agenda/"
        self.browser = Client(enforce_csrf_checks=True)
        self.sign_in(user.email, self.password)

    def sign_in(self, name: str, password: str) -> None:
        self.browser.defaults["HTTP_AUTHORIZATION"] = basic(name, password)

    def change_key(self, **fields: Any) -> None:
        CalendarKey.objects.filter(pk=self.key.pk).update(**fields)

    def __call__(self, method: str, path: str, body: str = "", **more: Any) -> HttpResponse:
        headers = {name.replace("_", "-"): value for name, value in more.pop("headers", {}).items()}
        content_type = more.pop("content_type", "application/xml; charset=utf-8")
        return self.browser.generic(method, path, body, content_type=content_type, headers=headers, **more)

    def propfind(self, path: str, inside: str = "", *, depth: str = "0", **headers: str) -> HttpResponse:
        """`inside` is what a D:prop holds; without it, the request has no body."""
        body = f"<D:propfind {DECLARED}><D:prop>{inside}</D:prop></D:propfind>" if inside else ""
        return self("PROPFIND", path, body, headers={"Depth": depth, **headers})

    def query(self, inside: str, *, prop: str = ETAG) -> HttpResponse:
        """A calendar-query of the agenda; `inside` is what its C:filter holds."""
        body = f"<C:calendar-query {DECLARED}><D:prop>{prop}</D:prop><C:filter>{inside}</C:filter></C:calendar-query>"
        return self("REPORT", self.agenda, body, headers={"Depth": "1"})

    def multiget(self, *hrefs: str, prop: str = ETAG) -> HttpResponse:
        listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        body = f"<C:calendar-multiget {DECLARED}><D:prop>{prop}</D:prop>{listed}</C:calendar-multiget>"
        return self("REPORT", self.agenda, body)

    def sync(self, token: str = "", *, path: str = "", more: str = "", prop: str = ETAG) -> HttpResponse:
        body = (
            f"<D:sync-collection {DECLARED}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            f"{more}<D:prop>{prop}</D:prop></D:sync-collection>"
        )
        return self("REPORT", path or self.agenda, body)

    def proppatch(self, path: str, *, set_: str = "", remove: str = "") -> HttpResponse:
        parts = [(name, inside) for name, inside in (("set", set_), ("remove", remove)) if inside]
        body = "".join(f"<D:{name}><D:prop>{inside}</D:prop></D:{name}>" for name, inside in parts)
        return self("PROPPATCH", path, f"<D:propertyupdate {DECLARED}>{body}</D:propertyupdate>")

    def put(self, path: str, calendar: str, **headers: str) -> HttpResponse:
        return self("PUT", path, calendar, content_type="text/calendar; charset=utf-8", headers=headers)

    def address_of(self, session: Any) -> str:
        return f"{self.agenda}{session.guid}.ics"


def _short(tag: str) -> str:
    name = etree.QName(tag)
    prefixes = {namespace: prefix for prefix, namespace in NAMESPACES.items()}
    return f"{prefixes.get(name.namespace, name.namespace)}:{name.localname}"


def _inside(element: etree._Element) -> str:
    """Text, or the names and texts of what is in it, in short."""
    if len(element) == 0:
        return element.text or ""
    return " ".join(f"{_short(child.tag)}={_inside(child)}".rstrip("=") for child in element)


def answers(response: HttpResponse, status: int = 200) -> dict[str, dict[str, str]]:
    """By href, the properties that stand there with this status."""
    assert response.status_code == 207, response.content
    found: dict[str, dict[str, str]] = {}
    for each in etree.fromstring(response.content).findall("D:response", NAMESPACES):
        href = each.findtext("D:href", "", NAMESPACES)
        assert href not in found
        found[href] = {
            _short(prop.tag): _inside(prop)
            for stat in each.findall("D:propstat", NAMESPACES)
            if f" {status} " in stat.findtext("D:status", "", NAMESPACES)
            for prop in stat.find("D:prop", NAMESPACES)
        }
    return found


def statuses(response: HttpResponse) -> dict[str, int]:
    """By href, the status of each response as a whole: 200 where it has properties instead."""
    assert response.status_code == 207, response.content
    found = {}
    for each in etree.fromstring(response.content).findall("D:response", NAMESPACES):
        status = each.findtext("D:status", "HTTP/1.1 200 OK", NAMESPACES)
        found[each.findtext("D:href", "", NAMESPACES)] = int(status.split()[1])
    return found


def token_in(response: HttpResponse) -> str:
    return etree.fromstring(response.content).findtext("D:sync-token", "", NAMESPACES)


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status, and the names of the preconditions that a D:error holds."""
    root = etree.fromstring(response.content)
    assert root.tag == "{DAV:}error"
    return response.status_code, " ".join(_short(child.tag) for child in root)


def vevents(calendar: str) -> int:
    return len(re.findall("^BEGIN:VEVENT\r?$", calendar, re.MULTILINE))
