"""The sessions of an event as a list for editors: filtered, and moved many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agenda.editing.desk import Talk, TimedTalk, desk
from agenda.editing.morning import NO_TIME, Words, matching
from agenda.models import Event
from agenda.notices.reach import reach
from agenda.programme.access import event_to_edit_or_404

A_PAGE = 200  # sessions: what can be ticked at once
NONE = "none"
STATES = (
    ("", "All"),
    ("on", "Take place"),
    ("cancelled", "Cancelled"),
    ("hidden", "Hidden"),
    ("waiting", "Changed, not published"),
)


class Select(NamedTuple):
    """A filter: the values that may be chosen with their words, and the one that is."""

    name: str
    label: str
    choices: list[tuple[str, str]]
    chosen: str


@require_safe
@never_cache
def sessions(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    found, now = desk(event), timezone.now()
    rooms, tracks = list(event.rooms.all()), list(event.tracks.all())
    days = [(day.isoformat(), date_format(day, "D j M")) for day in event.days]
    selects = [
        _select(request, "day", "Day", [*days, (NONE, NO_TIME)]),
        _select(request, "room", "Room", [*((each.name, each.name) for each in rooms), (NONE, "No room yet")]),
        _select(request, "track", "Track", ((each.name, each.name) for each in tracks)),
        Select("state", "State", list(STATES), request.GET.get("state", "")),
    ]
    q = request.GET.get("q", "")
    chosen = {select.name: select.chosen for select in selects}
    talks = [talk for talk in matching(found.talks.values(), q) if _passes(talk, event, chosen)]
    page = Paginator(talks, A_PAGE).get_page(request.GET.get("page"))
    reaching = reach(found.proposal, now)
    words = Words(event, reaching.stars, now)
    context = {
        **{"event": event, "desk": found, "reach": reaching, "rooms": rooms, "tracks": tracks},
        **{"selects": selects, "q": q, "page": page, "total": len(found.talks), "query": _query(request)},
        "rows": [words.row(talk) for talk in page],
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/sessions.html", context)


def _select(request: HttpRequest, name: str, label: str, choices: Iterable[tuple[str, str]]) -> Select:
    return Select(name, label, [("", "All"), *choices], request.GET.get(name, ""))


def _passes(talk: Talk, event: Event, chosen: dict[str, str]) -> bool:
    day, room, track, state = (chosen[name] for name in ("day", "room", "track", "state"))
    has_state = {
        "on": talk.takes_place,
        "cancelled": talk.is_cancelled,
        "hidden": not talk.values["is_published"],
        "waiting": bool(talk.changed),
    }
    return (
        (not day or day == (event.day_of(talk.start).isoformat() if isinstance(talk, TimedTalk) else NONE))
        and (not room or talk.room == ("" if room == NONE else room))
        and (not track or talk.values["track"] == track)
        and has_state.get(state, True)
    )


def _query(request: HttpRequest) -> str:
    """The filters of this page, as the beginning of the query of another one."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
