"""The sessions unstarred in my agenda, which keep their row until the page is left; the page itself lists them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

UNSTARRED = "unstarred"  # in the page's address and in its hidden fields: a session's guid, any number of times
MOST_KEPT = 100  # rows; nobody takes back more at once


def unstarred_in(request: HttpRequest) -> set[UUID]:
    """The guids of the sessions whose rows the page keeps. What is no guid is left out."""
    texts = [*request.GET.getlist(UNSTARRED), *request.POST.getlist(UNSTARRED)][-MOST_KEPT:]
    return {guid for text in texts if (guid := guid_in(text))}


def guid_in(text: str) -> UUID | None:
    """The guid that a form or an address sends; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
