"""What `make bench` sets up and asks for, in small: every case gets the answer that it measures."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import CalendarKey
from agenda.models import Event, Star, StarLog
from tests.bench import cases, crowd, dav, editing, event, million, polling, polls
from tests.bench.first_visit import needed
from tests.bench.load import HOST, Request

pytestmark = pytest.mark.any_database


@pytest.fixture
def large(db: None) -> Event:
    return event.make(sessions=6, rooms=2, days=2, speakers=4)


@pytest.fixture(autouse=True)
def addresses(settings) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"


def send(request: Request):
    return Client(enforce_csrf_checks=True, headers={"Host": f"{HOST}:8000"}).generic(
        request.method,
        request.path,
        request.body,
        content_type=request.headers.get("Content-Type", ""),
        headers=request.headers,
    )


def test_large_event_is_always_the_same(large):
    sessions = list(large.sessions.order_by("start", "room__position"))

    assert [f"{session.start:%d %H:%M} {session.room}" for session in sessions] == [
        "07 07:00 Hall 0",
        "07 07:00 Hall 1",
        "07 07:25 Hall 0",
        "08 07:00 Hall 0",
        "08 07:00 Hall 1",
        "08 07:25 Hall 0",
    ]
    assert sessions[0].title == "Measure behind delay edge schedule"
    assert all(800 <= len(session.abstract) <= 1600 for session in sessions)


def test_every_case_gets_its_answer(large):
    people = crowd.gather(users=2, stars=3)
    etags = [send(cases.feed(person))["ETag"] for person in people]
    next_syncs = [dav.next_sync(person.first_sync, 8000) for person in people[1:]]
    chosen = [*cases.cases(large, people, etags, next_syncs), cases.first_syncs(people, stars=3)]
    chosen.append(cases.day_board(large, crowd.editor()))
    chosen.append(cases.replays(large, crowd.gather(users=1, stars=0, name="phone")))

    answers = [(case.name, case.status, send(request).status_code) for case in chosen for request in case.requests]

    assert [name for name, wanted, got in answers if got != wanted] == []
    assert Star.objects.count() == 6


def test_each_of_very_many_has_a_calendar_and_stars(db):
    crowded = event.make(sessions=20).sessions.earliest("pk")

    million.gather(3, crowded)

    assert [
        (key.user.email, key.user.stars.count(), key.user.star_log.count(), crowded.stars.filter(user=key.user).count())
        for key in CalendarKey.objects.order_by("user")
    ] == [(f"person-{number}@example.org", 15, 15, 1) for number in range(3)]
    assert set(StarLog.objects.values_list("user", "session")) == set(Star.objects.values_list("user", "session"))


@pytest.mark.on_postgresql
def test_polls_get_the_answers_that_are_measured(live_server, settings):
    settings.SITE_URL = f"http://127.0.0.1:{live_server.thread.port}"  # as polls are sent
    million.gather(2, event.make(sessions=20).sessions.earliest("pk"))
    port = live_server.thread.port

    (first, _), (second, plain) = polls.requests_of(port, range(2))
    sent = polling.eagerly(port, 2, [first, second, plain])

    assert sent.statuses == {304: 2, 200: 1}
    assert len(sent.seconds) == 3


def test_edit_is_four_writes_however_many_have_starred_the_session(db):
    session = event.make(sessions=20).sessions.earliest("pk")
    million.gather(3, session)

    _, written = editing.edited(session)

    tables = [statement.split('"')[1] for statement in written]
    assert tables == ["agenda_session", "agenda_session", "agenda_sessionrevision", "django_admin_log"]


def test_yardstick_is_10_kb(client, db):
    assert len(client.get("/bench/yardstick").content) == 10 * 1024


def test_first_visit_needs_styles_scripts_icons_and_pictures():
    html = """<link rel="canonical" href="/a"><link rel="stylesheet" href="/b.css"><link rel="icon" href="/c.svg">
    <script src="/d.js" defer></script><img src="https://example.org/e.png"><script src="/d.js"></script>"""

    assert needed(html) == ["/b.css", "/c.svg", "/d.js", "https://example.org/e.png"]
