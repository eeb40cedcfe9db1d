"""Walking times in the editing area: the usual one and those of two rooms; kept in the history."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from agenda.editing import timeline
from agenda.models import Event, Room, RowRevision, Walk
from tests.agenda.kvm_forum import add_event
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

PAGE = "/spring/edit/walking/"


@pytest.fixture
def event(db: None) -> Event:
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    for name in ("Attic", "Bay", "Cellar"):
        Room.objects.create(event=event, name=name, slug=name.lower())
    return event


@pytest.fixture
def client(client: Client, editor: User, event: Event) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def pair() -> dict[str, int]:
    return {"room": Room.objects.get(name="Attic").pk, "other": Room.objects.get(name="Bay").pk}


def kept() -> list[str]:
    return [str(walk) for walk in Walk.objects.all()]


def test_usual_time_is_given_once_and_is_in_the_history(client, event, editor):
    assert page(client.get(PAGE)).all("input", name="was")[0]["value"] == "0"

    answers = [client.post(PAGE, {"minutes": "4", "was": "0"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Event.objects.get(slug="spring").walking_minutes == 4
    assert [each.changes for each in RowRevision.objects.all()] == [{"walking_minutes": [0, 4]}]
    assert "Event: Spring walking minutes: 0 → 4" in text_of(client.get("/spring/edit/history/"))


@pytest.mark.on_postgresql
def test_two_rooms_get_their_own_time_and_lose_it_again(client, event, pair):
    back = {"room": pair["other"], "other": pair["room"]}
    said = []
    for values in (
        *({**pair, "minutes": "9"}, {**pair, "minutes": "9"}, {**back, "minutes": "7", "was": "9"}),
        *({**pair, "minutes": "", "was": "7"}, {**pair, "minutes": "", "was": "7"}),
    ):
        assert client.post(PAGE, values).status_code == 302
        said.append(kept())

    assert said == [["Attic – Bay: 9 min"], ["Attic – Bay: 9 min"], ["Attic – Bay: 7 min"], [], []]
    assert [str(each) for each in RowRevision.objects.all()] == [
        "walk Attic – Bay: room, other, minutes",
        "walk Attic – Bay: minutes",
        "walk Attic – Bay: room, other, minutes",
    ]
    for address in ("/spring/edit/", "/spring/edit/history/?kind=walking"):
        assert "Walking time: Attic – Bay minutes: 9 → 7" in text_of(client.get(address))


def test_history_has_words_for_every_kind_of_row():
    assert {kind for kind, _, _ in timeline.ROWS.values()} == set(RowRevision.Kind)


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"minutes": "121"}, "Ensure this value is less than or equal to 120."),
        ({"minutes": ""}, "This field is required."),
        ({"room": "Attic", "other": "Attic", "minutes": "3"}, "That is the same room."),
        ({"room": "Attic", "other": "Elsewhere", "minutes": "3"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(client, event, values, problem):
    Room.objects.create(event=add_event("autumn", "UTC", "2026-10-01", "2026-10-01"), name="Elsewhere", slug="else")
    rooms = {name: Room.objects.get(name=values[name]).pk for name in values.keys() & {"room", "other"}}

    answer = client.post(PAGE, values | rooms)

    assert answer.status_code == 422
    assert any(problem in each.text for each in page(answer).all("p.errors"))
    assert (kept(), RowRevision.objects.count()) == ([], 0)


@pytest.mark.on_postgresql
def test_what_another_editor_gave_meanwhile_is_asked_about(client, event, pair):
    client.post(PAGE, {**pair, "minutes": "9"})

    answer = client.post(PAGE, {**pair, "minutes": "5", "was": ""})

    assert answer.status_code == 422
    assert "Another editor changed it meanwhile; it is 9 min now." in text_of(answer)
    again = page(answer).all("input", name="was")[-1]["value"]
    assert client.post(PAGE, {**pair, "minutes": "5", "was": again}).status_code == 302
    assert client.post(PAGE, {"minutes": "3", "was": "2"}).status_code == 422
    assert kept() == ["Attic – Bay: 5 min"]


def test_no_field_or_button_is_called_like_another(client, event, pair):
    attic, bay, cellar = event.rooms.all()
    for room, other in ((attic, bay), (attic, cellar)):
        Walk.objects.create(event=event, room=room, other=other, minutes=9)
    shown = page(client.get(PAGE)).one("main")

    names = [" ".join(each.text.split()) for each in (*shown.all("label"), *shown.all("button"))]

    assert len(names) == 10
    assert [(one, other) for one in names for other in names if one is not other and other.startswith(one)] == []


def test_queries_do_not_grow_with_walks_and_few_rooms_are_said(client, event, pair, django_assert_num_queries):
    rooms = list(event.rooms.all())
    for count, other in enumerate(rooms[1:], 1):
        Walk.objects.create(event=event, room=rooms[0], other=other, minutes=count)
        with django_assert_num_queries(11):
            assert len(page(client.get(PAGE)).one("ul.walks").all("li")) == count

    event.rooms.all().delete()
    assert "This event has no two rooms yet." in text_of(client.get(PAGE))
