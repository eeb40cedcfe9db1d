"""What is asked of the cluster: polls, pages and stars, one by one and all at once while a server is killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection

from django.conf import settings
from django.urls import reverse

from accounts.limits import LIMITS, MINUTE
from agenda.models import Event, Session
from tests.bench import cases, crowd, load, million, polls
from tests.bench.cluster.machines import Cluster
from tests.bench.load import Request
from tests.chaos import people, traffic
from tests.chaos.people import Attendee, Reply, Tally, Visitor
from tests.chaos.site import HOST, Site

STARRING = 40  # people who star all the time
POLLS_A_PAGE = 3
AT_ONCE = 8  # requests that are counted
TOO_MANY = 30  # requests beyond a limit
FILES = ("schedule-ics", "schedule-json", "schedule-xml", "schedule-csv", "changes-atom", "offline", "version")


class Starrer(Attendee):
    """A person who stars and unstars by the pages' forms alone: those are what nginx may send twice."""

    _set = Visitor._set


def etags(executor: Executor, port: int, numbers: Sequence[int]) -> list[str]:
    """The ETag of each person's calendar."""
    parts = [numbers[start : start + 500] for start in range(0, len(numbers), 500)]
    return [etag for part in executor.map(partial(polls.etags_of, port), parts) for etag in part]


def unchanged(numbers: Sequence[int], etags: Sequence[str]) -> list[Request]:
    """A poll of each person's calendar that brings its ETag."""
    return [poll(number, {"If-None-Match": etag}) for number, etag in zip(numbers, etags, strict=True)]


def poll(number: int, headers: dict[str, str] | None = None) -> Request:
    return Request("GET", million.feed_of(number), {"User-Agent": million.AGENT, **(headers or {})})


def pages(event: Event, attendees: Sequence[crowd.Attendee]) -> list[Request]:
    """A day of the programme, a session and my agenda, of each person."""
    days = [f"{event.get_absolute_url()}?day={day.isoformat()}" for day in event.days]
    sessions = [session.get_absolute_url() for session in event.sessions.select_related("event")[: cases.POPULAR]]
    return [
        Request("GET", path, {**cases.COMPRESSED, "Cookie": person.cookie})
        for number, person in enumerate(attendees)
        for path in (days[number % len(days)], sessions[number % len(sessions)], reverse("agenda:agenda"))
    ]


def stars(event: Event, attendees: Sequence[crowd.Attendee]) -> list[Request]:
    """Of each person, a star and its unstar."""
    return [tap for person in attendees for tap in cases.taps(person, event.get_absolute_url())]


def mixed(asked: Sequence[Request], shown: Sequence[Request]) -> list[Request]:
    """Three polls and a page in turn, of whichever there are fewer again and again."""
    longest = max(len(asked), len(shown) * POLLS_A_PAGE) // POLLS_A_PAGE
    return [
        each
        for number in range(longest)
        for each in (
            *(asked[(number * POLLS_A_PAGE + place) % len(asked)] for place in range(POLLS_A_PAGE)),
            shown[number % len(shown)],
        )
    ]


def killed(
    cluster: Cluster, send: Callable[[], load.Sent], sessions: Sequence[Session], *, third: float
) -> tuple[load.Sent, Counter[str]]:
    """Requests and stars while the first server is killed after a third of the time, and started after the second.

    Returns what came of the requests, and what came of the stars: acknowledged, lost, resurrected, unanswered or 5xx.
    """
    tally = Tally()
    starring = [Starrer(cluster.port, tally, *pair) for pair in people.gathered(STARRING)]
    steps = [traffic.tapping(starring[part::2], sessions) for part in range(2)]
    with ThreadPoolExecutor(1) as thread, traffic.Traffic(steps):
        sent = thread.submit(send)
        time.sleep(third)
        cluster.kill(cluster.sites[0])
        time.sleep(third)
        cluster.sites[0].start()
        came = sent.result()
    for person in starring:
        person.check()
    return came, tally.counts


def limited(port: int, person: crowd.Attendee, event: Event) -> Iterator[tuple[str, int, Counter[int]]]:
    """Yields each limit: its name, the requests a minute that it allows, the statuses of more requests than that."""
    wrong = Request("GET", f"/calendar/{'a' * 20}.ics", {})
    search = Request("GET", f"{event.get_absolute_url()}?q=wait", {"Cookie": person.cookie})
    for title, request, most in (
        ("wrong calendar key", wrong, LIMITS["wrong calendar key"].per_address),
        ("search", search, LIMITS["search"].per_account),
    ):
        yield title, most, in_one_minute(partial(statuses_of, port, request, most + TOO_MANY))


def statuses_of(port: int, request: Request, number: int) -> Counter[int]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(reply.status_code for reply in threads.map(lambda _: ask(port, request), range(number)))


def in_one_minute(asked: Callable[[], Counter[int]]) -> Counter[int]:
    """What came of requests that were all counted in the same minute; they are sent again if they were not."""
    if time.time() % MINUTE > MINUTE / 2:
        wait_for_the_next_minute()
    while True:
        minute = time.time() // MINUTE
        statuses = asked()
        if time.time() // MINUTE == minute:
            return statuses
        wait_for_the_next_minute()  # this one has some of them already


def wait_for_the_next_minute() -> None:
    time.sleep(MINUTE - time.time() % MINUTE)


def differing(cluster: Cluster, event: Event, attendees: Sequence[crowd.Attendee]) -> tuple[int, list[str]]:
    """How many addresses were asked of both servers, and those whose bytes or ETags are not the same."""
    paths = [person.feed for person in attendees]
    paths += [reverse(f"agenda:{name}", args=[event.slug]) for name in FILES]
    found = []
    for path in paths:
        first, second = (
            ask(site.port, Request("GET", path, {"Host": f"{HOST}:{cluster.port}"})) for site in cluster.sites
        )
        again = ask(
            cluster.sites[1].port, Request("GET", path, {"Host": f"{HOST}:{cluster.port}", "If-None-Match": first.etag})
        )
        if first != second or not first.etag or again.status_code != 304:
            found.append(path)
    return len(paths), found


def answers(site: Site) -> int:
    """How many requests the server has answered, by its own count at /metrics."""
    token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    lines = ask(site.port, Request("GET", "/metrics", token)).content.decode().splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith("agenda_answers_total{")))


def ask(port: int, request: Request) -> Reply:
    with closing(HTTPConnection(HOST, port, timeout=60)) as connection:
        connection.request(request.method, request.path, headers=request.headers)
        response = connection.getresponse()
        return Reply(response.status, response.read(), response.headers.get("ETag", ""))
