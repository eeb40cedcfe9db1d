"""Stars that somebody brings along from another program."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from agenda.formats.star_list import Chosen
from agenda.models import Session

MOST = 500  # sessions at once; nobody hears so many


class Brought(NamedTuple):
    """The sessions that were recognised, in order of time, and how those that were not call themselves."""

    sessions: list[Session]
    unknown: list[str]


def recognised(chosen: list[Chosen], user: object) -> Brought:
    """Finds the sessions that this person may see. One query."""
    guids = {each.guid for each in chosen if each.guid}
    titles = {each.id: each.title for each in chosen if each.id}
    asked = Session.objects.filter(Q(guid__in=guids) | Q(pk__in=titles))
    found = asked.visible_to(user).select_related("event", "room").in_order()
    # Another site's programme has the same small ids.
    sessions = [each for each in found if each.guid in guids or _plain(titles.get(each.pk, "")) == _plain(each.title)]
    known: set[UUID | int] = {each.guid for each in sessions} | {each.pk for each in sessions}
    unknown = [each.title or str(each.guid or each.id) for each in chosen if not {each.guid, each.id} & known]
    return Brought(sessions, unknown)


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
