"""What is measured: the requests of each case, and the target that its cost is held against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from agenda.models import Event
from agenda.programme.offline import document
from agenda.programme.selection import LONG_PROGRAMME
from agenda.programme.timetable import version_of
from tests.bench.crowd import Attendee
from tests.bench.load import Request

A_HUNDRED = 100  # sessions a day of a large conference; the largest have several hundred
REPLAYED = 50  # stars of a phone that comes back from the cellar
POPULAR = 50  # sessions whose pages are visited: at a large event few are, by most
COMPRESSED = {"Accept-Encoding": "gzip, deflate, br"}


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    requests: list[Request]  # each of another user, in turn
    status: int = 200
    target: float | None = None  # multiple of the yardstick's CPU
    largest: float | None = None  # KB, as it is sent


def cases(event: Event, people: list[Attendee], etags: list[str], next_syncs: list[Request]) -> list[Case]:
    """All cases of an event, the yardstick first; `etags` are the people's calendars', in their order.

    One half of the people stars, the other half's calendars stay as they are: their next synchronisations are
    `next_syncs`.
    """
    half = len(people) // 2
    programme, yardstick = reverse("agenda:programme", args=[event.slug]), reverse("yardstick")
    sessions = [session.get_absolute_url() for session in event.sessions.select_related("event")]
    poll = Request(
        "GET", reverse("agenda:version", args=[event.slug]), {"If-None-Match": f'"{version_of(event.slug)}"'}
    )
    visited = [sessions[number % len(sessions) % POPULAR] for number in range(len(people))]
    return [
        Case("yardstick: 10 KB of HTML", [_page(person, yardstick) for person in people]),
        Case("the same, not compressed", [Request("GET", yardstick, {"Cookie": person.cookie}) for person in people]),
        *_programmes(event, people, programme, len(sessions)),
        Case("session page", [_page(person, path) for person, path in zip(people, visited, strict=True)], target=5),
        Case("my agenda", [_page(person, reverse("agenda:agenda")) for person in people], target=10),
        Case("now & next", [_page(person, reverse("agenda:now", args=[event.slug])) for person in people], target=8),
        Case("version, unchanged (304)", [poll] * len(people), status=304, target=1.5),
        Case("own stars, for a phone", [_page(person, reverse("agenda:own-stars")) for person in people], target=3),
        *_document(event, people),
        Case("star, unstar", [tap for person in people[:half] for tap in taps(person, programme)], target=8),
        Case("calendar feed", [feed(person) for person in people], target=5),
        Case(
            "calendar feed, unchanged (304)",
            [feed(person, {"If-None-Match": etag}) for person, etag in zip(people[half:], etags[half:], strict=True)],
            status=304,
            target=1.8,
        ),
        *(
            Case(f"schedule.{kind}, kept", [_file(event, kind)] * len(people), target=2)
            for kind in ("xml", "json", "csv")
        ),
        Case("CalDAV: nothing new", next_syncs, status=207, target=4),
    ]


def agendas(many: list[Attendee], stars: int) -> Case:
    """Of people with that many stars, most of which overlap others if the event is large."""
    return Case(f"my agenda of {stars} stars", [_page(person, reverse("agenda:agenda")) for person in many], target=14)


def _document(event: Event, people: list[Attendee]) -> list[Case]:
    """The programme as a phone keeps it, for the first time and when it is asked for again."""
    path, tag = reverse("agenda:offline", args=[event.slug]), f'"{document(event).tag}-br"'
    again = Request("GET", path, {**COMPRESSED, "If-None-Match": tag})
    return [
        Case("offline page (at most 300 KB)", [Request("GET", path, COMPRESSED)] * len(people)),
        Case("offline page, unchanged (304)", [again] * len(people), status=304, target=1.8),
    ]


def replays(event: Event, phones: list[Attendee]) -> Case:
    """Of people who gave 50 stars without network and, with the next request, took them."""
    guids = [str(guid) for guid in event.sessions.order_by("pk").values_list("guid", flat=True)[:REPLAYED]]
    requests = [_replay(person, guids, want=want) for person in phones for want in (True, False)]
    return Case(f"{len(guids)} stars of a phone, replayed", requests, target=20)


def _replay(person: Attendee, guids: list[str], *, want: bool) -> Request:
    headers = {**COMPRESSED, "Cookie": person.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    taps = json.dumps([{"guid": guid, "want": want, "base": 0, "ago": 0} for guid in guids])
    form = urlencode({"csrfmiddlewaretoken": person.csrf_token, "taps": taps}).encode()
    return Request("POST", reverse("agenda:own-stars"), headers, form)


def first_syncs(many: list[Attendee], stars: int) -> Case:
    """Of people with that many stars."""
    return Case(f"CalDAV: first sync of {stars} stars", [person.first_sync for person in many], status=207, target=20)


def day_board(event: Event, editor: Attendee) -> Case:
    """Of the first day, for an editor."""
    return Case("day board", [_page(editor, reverse("agenda:board", args=[event.slug]))] * 100, target=60, largest=80)


def _programmes(event: Event, people: list[Attendee], programme: str, sessions: int) -> list[Case]:
    if sessions <= LONG_PROGRAMME:
        return [
            Case("programme", [_page(person, programme) for person in people], target=8),
            Case("programme as a grid", [_page(person, f"{programme}?view=grid") for person in people]),
        ]
    days = [f"{programme}?day={day.isoformat()}" for day in event.days]
    a_day = round(sessions / len(days), -2)  # to the hundred
    pages = [_page(person, days[number % len(days)]) for number, person in enumerate(people)]
    grids = [_page(person, f"{days[number % len(days)]}&view=grid") for number, person in enumerate(people)]
    return [
        Case(f"programme, a day of {a_day}", pages, target=20 if a_day <= A_HUNDRED else 60),
        Case(f"grid, a day of {a_day}", grids, target=25 if a_day <= A_HUNDRED else None),
        Case("programme, whole", [_page(person, f"{programme}?day=all") for person in people]),
    ]


def feed(person: Attendee, headers: dict[str, str] | None = None) -> Request:
    return Request("GET", person.feed, {**COMPRESSED, "User-Agent": "iOS/18.0 dataaccessd/1.0", **(headers or {})})


def _file(event: Event, kind: str) -> Request:
    return Request("GET", reverse(f"agenda:schedule-{kind}", args=[event.slug]), COMPRESSED)


def _page(person: Attendee, path: str) -> Request:
    return Request("GET", path, {**COMPRESSED, "Cookie": person.cookie})


def taps(person: Attendee, programme: str) -> list[Request]:
    """Starred and, with the next tap, not: as htmx sends them."""
    headers = {
        **COMPRESSED,
        "Cookie": person.cookie,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"csrfmiddlewaretoken": person.csrf_token, "next": programme}).encode()
    return [Request("POST", person.not_starred + tap, headers, form) for tap in ("star", "unstar")]
