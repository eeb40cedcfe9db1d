"""Sync tokens, and what changed since one (RFC 6578)."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse

from agenda.caldav.collections import Collection, CollectionEntry
from agenda.caldav.refusals import Refused

PREFIX = "data:,"  # a token must be a URI, and this scheme needs no registration
BEGINNING = "."  # the point before the first session


class Reply(NamedTuple):
    """The answer to a request, and all that the client has been served once it has this answer.

    `served` is written as in CalendarKey.served. It is "" if the client knows no more of the agenda than before.
    """

    response: HttpResponse
    served: str = ""


class Progress(NamedTuple):
    """How far a client has synchronised: it knows all sessions as they were at the point `base`.

    Between two pages of changes, it knows those with a pk up to `after` as they were at the point `head`.
    """

    base: str
    head: str = ""
    after: int = 0


class Page(NamedTuple):
    """The changed members (None for a removed one), the next token, and whether more changes wait now."""

    changed: list[tuple[UUID, CollectionEntry | None]]
    token: str
    is_cut: bool


def token(collection: Collection) -> str:
    """The sync token for the collection's present state."""
    return _token(collection, Progress(collection.point))


def served_with(collection: Collection) -> str:
    """What CalendarKey.served holds for a client that knows all of this collection: its token; "" for a programme.

    An agenda's token begins with a CalendarVersion. For programmes, nothing asks how far a client has come.
    """
    return token(collection).removeprefix(PREFIX) if collection.is_own else ""


def page(collection: Collection, after_token: str, limit: int | None) -> Page:
    """The changes since the token ("" for all), at most `limit`. Refuses tokens of other collections.

    Pages are in order of pk. Sessions that change between two pages are sent again later.
    """
    progress = _read(collection, after_token) if after_token else Progress(BEGINNING, collection.point)
    changed = _since(collection, progress.base)
    again = _since(collection, progress.head) if progress.after else {}
    first = sorted(pk for pk in changed if pk > progress.after)
    rest = sorted(pk for pk in again if pk <= progress.after)
    guids, shown = again | changed, (first + rest)[:limit]
    members = {entry.pk: entry for entry in collection.entries} if shown else {}
    listed = [(guids[pk], members.get(pk)) for pk in shown]
    if len(shown) == len(first) + len(rest):
        return Page(listed, token(collection), is_cut=False)
    if len(shown) < len(first):
        head = progress.head if progress.after else collection.point
        return Page(listed, _token(collection, Progress(progress.base, head, shown[-1])), is_cut=True)
    # All sessions are now sent up to `head`, and those shown on this page up to the present.
    through = shown[-1] if len(shown) > len(first) else 0
    return Page(listed, _token(collection, Progress(progress.head, collection.point, through)), is_cut=True)


def knows(collection: Collection, served: str, *, without: int) -> bool:
    """True if a client that was last served `served`, and has deleted the session `without` since, is up to date."""
    try:
        changed = _since(collection, _read(collection, PREFIX + served).base)
    except Refused:
        return False
    return changed.keys() <= {without} and without not in {entry.pk for entry in collection.entries}


def _since(collection: Collection, point: str) -> dict[int, UUID]:
    if point == BEGINNING:
        return {entry.pk: entry.guid for entry in collection.entries}
    changed = collection.changed_since(point)
    if changed is None:
        raise _invalid()
    return changed


def _token(collection: Collection, progress: Progress) -> str:
    turning = f".{progress.head}.{progress.after}" if progress.head else ""
    return f"{PREFIX}{progress.base}.{collection.about}{turning}"


def _read(collection: Collection, text: str) -> Progress:
    parts = text.removeprefix(PREFIX).split(".")
    if not text.startswith(PREFIX) or len(parts) not in (3, 6) or parts[2] != collection.about:
        raise _invalid()
    base = ".".join(parts[:2])
    if len(parts) == 3:
        return Progress(base)
    if not (parts[5].isascii() and parts[5].isdecimal() and len(parts[5]) < 18):
        raise _invalid()
    return Progress(base, ".".join(parts[3:5]), int(parts[5]))


def _invalid() -> Refused:
    return Refused(403, "", "<D:valid-sync-token/>")
