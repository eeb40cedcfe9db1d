"""What `make bench` sets up and asks for, in small: every case gets the answer that it measures."""

from __future__ import annotations

import pytest
from django.test import Client

from agenda.models import Event, Star
from tests.bench import cases, crowd, event
from tests.bench.first_visit import needed
from tests.bench.load import Request


@pytest.fixture
def large(db: None) -> Event:
    return event.make(sessions=6, rooms=2, days=2, speakers=4)


@pytest.fixture(autouse=True)
def addresses(settings) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"


def send(request: Request):
    return Client(enforce_csrf_checks=True).generic(
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

    answers = [
        (case.name, case.status, send(request).status_code)
        for case in cases.cases(large, people, etags)
        for request in case.requests
    ]

    assert [name for name, wanted, got in answers if got != wanted] == []
    assert Star.objects.count() == 6


def test_yardstick_is_10_kb(client, db):
    assert len(client.get("/bench/yardstick").content) == 10 * 1024


def test_first_visit_needs_styles_scripts_icons_and_pictures():
    html = """<link rel="canonical" href="/a"><link rel="stylesheet" href="/b.css"><link rel="icon" href="/c.svg">
    <script src="/d.js" defer></script><img src="https://example.org/e.png"><script src="/d.js"></script>"""

    assert needed(html) == ["/b.css", "/c.svg", "/d.js", "https://example.org/e.png"]
