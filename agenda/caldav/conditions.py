"""WebDAV's own condition on a request: the If header (RFC 4918 section 10.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpRequest

from agenda.caldav import addresses, syncing
from agenda.caldav.authentication import Caller
from agenda.caldav.collections import Collection
from agenda.caldav.home import Member, Resource, find
from agenda.caldav.refusals import Refused

MOST = 20  # lists in a header; no program writes more than two
_LIST = re.compile(r"\s*(?:<(?P<place>[^<>]*)>\s*)?\((?P<inside>(?:<[^<>]*>|\[[^\[\]]*\]|[^()<>\[\]])*)\)")
_CONDITION = re.compile(
    r'\s*(?P<not>not\b\s*)?(?:<(?P<token>[^<>]+)>|\[\s*(?P<etag>(?:W/)?"[^"]*")\s*\])', re.IGNORECASE
)


class Condition(NamedTuple):
    """An entity tag or a state token that the resource must have or, if negated, must not."""

    negated: bool
    etag: str | None
    token: str | None

    def holds(self, resource: Resource | None) -> bool:
        return self._is_there(resource) is not self.negated

    def _is_there(self, resource: Resource | None) -> bool:
        """No lock token exists, as nothing is ever locked; a calendar's sync token is a state token (RFC 6578, 5)."""
        if self.etag:
            return isinstance(resource, Member) and resource.collection.etag(resource.entry) == self.etag
        return isinstance(resource, Collection) and syncing.token(resource) == self.token


def hold(request: HttpRequest, known: Caller, here: Resource | None) -> bool:
    """True if the request has no If, or one of its lists holds: for the resource at the list's address, or `here`."""
    header = request.headers.get("If")
    if header is None:
        return True
    lists = list(_lists(header))
    if not 0 < len(lists) <= MOST:
        raise _unreadable()
    places = {place: find(known, addresses.read_href(place, known.site)) for place, _ in lists if place is not None}
    return any(
        all(condition.holds(here if place is None else places[place]) for condition in conditions)
        for place, conditions in lists
    )


def _lists(header: str) -> Iterator[tuple[str | None, list[Condition]]]:
    """Each list with its address: the last one written before it, or None if the list is about the request's own."""
    place = None
    for found in _every(_LIST, header):
        place = place if found["place"] is None else found["place"]
        conditions = [
            Condition(bool(each["not"]), each["etag"], each["token"]) for each in _every(_CONDITION, found["inside"])
        ]
        if not conditions:
            raise _unreadable()
        yield place, conditions


def _every(pattern: re.Pattern[str], written: str) -> Iterator[re.Match[str]]:
    """The matches of which the text is made up. Refuses a text with anything else in it."""
    text, at = written.rstrip(), 0
    while at < len(text):
        found = pattern.match(text, at)
        if found is None:
            raise _unreadable()
        yield found
        at = found.end()


def _unreadable() -> Refused:
    return Refused(400, "This If header is not one of RFC 4918 section 10.4.\n")
