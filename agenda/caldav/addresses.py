"""The addresses below /dav/, made and read."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

ROOT = "/dav/"
AGENDA = "agenda"  # the collection of the owner's stars; no event may have this slug (models.event.RESERVED_SLUGS)

_PATH = re.compile(
    r"""/dav(?:
        /principals/(?P<principal>\d{1,18})
      | /calendars/(?P<home>\d{1,18}) (?: /(?P<collection>[^/]+) (?: /(?P<name>[^/]+) )? )?
    )?/?""",
    re.VERBOSE,
)


class ResourceKind(Enum):
    ROOT = auto()
    PRINCIPAL = auto()
    HOME = auto()
    COLLECTION = auto()
    RESOURCE = auto()


class Address(NamedTuple):
    kind: ResourceKind
    user_id: int = 0
    collection: str = ""
    name: str = ""  # of the resource in its collection


def principal(user_id: int) -> str:
    return f"/dav/principals/{user_id}/"


def home(user_id: int) -> str:
    return f"/dav/calendars/{user_id}/"


def collection(user_id: int, name: str) -> str:
    return f"/dav/calendars/{user_id}/{name}/"


def resource(user_id: int, name: str, guid: object) -> str:
    return f"/dav/calendars/{user_id}/{name}/{guid}.ics"


def read(path: str) -> Address | None:
    """The address that a decoded path stands for, even if nothing is there; None if no address of ours has this form.

    A slash at the end is optional.
    """
    found = _PATH.fullmatch(path)
    if not found:
        return None
    if found["principal"]:
        return Address(ResourceKind.PRINCIPAL, int(found["principal"]))
    if not found["home"]:
        return Address(ResourceKind.ROOT)
    kind = (
        ResourceKind.RESOURCE
        if found["name"]
        else ResourceKind.COLLECTION
        if found["collection"]
        else ResourceKind.HOME
    )
    return Address(kind, int(found["home"]), found["collection"] or "", found["name"] or "")


def read_href(href: str, site: str) -> Address | None:
    """The address in a DAV:href: a path or an absolute address of this site, in any percent-encoding."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    if parts.scheme and f"{parts.scheme}://{parts.netloc}".lower() != site.lower():
        return None
    return read(unquote(parts.path))
