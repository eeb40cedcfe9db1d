"""Sessions that are typed or pasted in, a line each: they become one plan; what cannot be read is said by its line."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from agenda.models import Event, Plan, Room, Session, Track
from tests.agenda.kvm_forum import add_event
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

PAGE = "/spring/edit/sessions/add/"
LINES = """10:00; 10:30; Red; Bugs; Ants; Ada Lovelace, Alan Turing
10:30–11:15\tblue\tBugs\tBees\tAda Lovelace

23:30 | 90 | Red | | Moths
2026-03-02 9:00; 45 min; Red; Art; Wasps, and more; Eve; Zoe
11; ; Red; Art; Flies"""


@pytest.fixture
def event(db: None) -> Event:
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    Room.objects.create(event=event, name="Blue", slug="blue")
    return event


@pytest.fixture
def client(client: Client, editor: User, event: Event) -> Client:
    client.force_login(editor)
    return client


def send(client: Client, lines: str, **more: str) -> object:
    sent = {"day": "2026-03-01", "once": str(uuid4()), "lines": lines, **more}
    return client.post(PAGE, sent)


def publish(client: Client, review: str) -> None:
    fingerprint = page(client.get(review)).one("input", name="fingerprint")["value"]
    client.post(review, {"do": "publish", "fingerprint": fingerprint})


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.on_postgresql
def test_lines_become_sessions_with_their_rooms_tracks_and_speakers(client, event):
    lines = LINES.rpartition("\n")[0].replace("45 min", "45")
    once = str(uuid4())

    answers = [send(client, lines, once=once) for _ in range(2)]
    publish(client, answers[0]["Location"])

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Plan.objects.get().title == "4 sessions added"
    made = [(each.title, each.start, each.end, str(each.room), str(each.track)) for each in Session.objects.in_order()]
    assert made == [
        ("Ants", utc(1, 9), utc(1, 9, 30), "Red", "Bugs"),
        ("Bees", utc(1, 9, 30), utc(1, 10, 15), "Blue", "Bugs"),
        ("Moths", utc(1, 22, 30), utc(2, 0), "Red", "None"),
        ("Wasps, and more", utc(2, 8), utc(2, 8, 45), "Red", "Art"),
    ]
    assert (Room.objects.count(), Track.objects.count()) == (2, 2)
    speakers = {
        each.title: [str(speaker) for speaker in each.speakers.order_by("name")] for each in Session.objects.all()
    }
    assert speakers == {
        "Ants": ["Ada Lovelace", "Alan Turing"],
        **{"Bees": ["Ada Lovelace"], "Moths": [], "Wasps, and more": ["Eve", "Zoe"]},
    }


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        ("", ["Type at least one line."]),
        ("\n10:00; 10:30; Ants", ["Line 2: it has 3 of 5 or 6 values. Part them by ; or by tabs."]),
        (
            "10:00; 30; Red; ; Ants\n25:00; 30; Red; ; Bees",
            ["Line 2: “25:00” is no time of the day."],
        ),
        ("10:00; x; Red; ; Ants", ["Line 1: “x” is no date or time."]),
        ("2026-03-01; 30; Red; ; Ants", ["Line 1: “2026-03-01” is no time of the day."]),
        (f"10:00; 30; {'Red' * 27}; ; Ants", ["Line 1: a room has more than 80 characters."]),
        ("2026-04-01 10:00; 30; Red; ; Ants", ["Line 1: “Ants” is outside the event’s days."]),
        ("10:00; 30; Red; ;", ["Line 1: it has no title."]),
    ],
)
def test_what_cannot_be_read_is_said_and_the_text_stays(client, event, lines, problems):
    answer = send(client, lines)

    assert (answer.status_code, page(answer).one("div.error").texts("p")) == (422, problems)
    assert page(answer).one("textarea").text == " ".join(lines.split())
    assert not Plan.objects.exists()


def test_time_after_midnight_is_in_the_night_of_the_day(client, event):
    lines = "22:00; 00:30; Red; ; Owls\n00:45; 01:30; Red; ; Bats\n24:00; 20; Blue; ; Moon"

    publish(client, send(client, lines, day="2026-03-02")["Location"])

    made = [(each.title, each.start, each.end) for each in Session.objects.in_order()]
    assert made == [
        ("Owls", utc(2, 21), utc(2, 23, 30)),
        ("Moon", utc(2, 23), utc(2, 23, 20)),
        ("Bats", utc(2, 23, 45), utc(3, 0, 30)),
    ]


def test_page_is_for_editors_and_a_plan_of_another_event_is_not_found(client, event, alice):
    other = Plan.objects.create(
        event=add_event("autumn", "Europe/Berlin", "2026-09-01", "2026-09-02"),
        kind=Plan.Kind.EDIT,
        wanted={"sessions": []},
    )

    assert send(client, "10:00; 30; Red; ; Ants", once=str(other.pk)).status_code == 404
    assert send(client, "10:00; 30; Red; ; Ants", once="x", day="x").status_code == 302
    assert "there are Blue" in text_of(client.get(PAGE))
    client.force_login(alice)
    assert client.get(PAGE).status_code == 404
