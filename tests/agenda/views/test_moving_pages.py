"""An editor's morning: what is done to talks, in how many taps, and that the pages show what will be."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.editing.desk import gathered
from agenda.models import Batch, Event, FormerSlug, Plan, Room, Session
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

TODAY = "/spring/edit/morning/"
MOVE = "/spring/edit/move"
NOTE = "Water in the red room."


@pytest.fixture(autouse=True)
def clock():
    """08:40 in Berlin, on the event's first day."""
    with time_machine.travel("2026-03-01T07:40:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def event(db: None) -> Event:
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    red, _ = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Red", "Blue"))
    for number, title in enumerate(("Ants", "Bees", "Cows", "Dogs", "Eels", "Fish")):
        add_session(event, title, f"2026-03-01 1{number}:00", room=red)
    add_session(event, "Spare", "2026-03-02 20:00", is_published=False)
    return event


class Editor:
    """A person with a browser, who taps links and buttons; what is written meanwhile is not a tap."""

    def __init__(self, user: User) -> None:
        self.client, self.taps = Client(), 0
        self.client.force_login(user)

    def open(self, address: str) -> None:
        self.response = self.client.get(address)
        self.page: Element = page(self.response)

    def follow(self, words: str, part: int = 0) -> None:
        self.taps += 1
        links = [link for link in self.page.all("a") if link.text.startswith(words)]
        self.open(self._address(links[part]["href"]))

    def unfold(self, words: str) -> None:
        """Taps on what opens a part of the page."""
        self.taps += 1
        assert any(each.text == words for each in self.page.all("summary"))

    def press(self, words: str, **written: str) -> None:
        """Sends the form of the first button that begins so, with what was written in it."""
        self.taps += 1
        form, button = next(
            (form, button)
            for form in self.page.all("form")
            for button in form.all("button")
            if button.text.startswith(words)
        )
        sent: dict[str, list[str]] = {}
        for each in form.all("input"):
            is_box = each.attributes.get("type") == "checkbox"
            if "name" in each.attributes and (not is_box or "checked" in each.attributes):
                sent.setdefault(each["name"], []).append(each.attributes.get("value", "on"))
        sent |= {each["name"]: [each.text] for each in form.all("textarea")}
        sent |= {name: [value] for name, value in written.items()}
        if "name" in button.attributes:
            sent[button["name"]] = [button["value"]]
        action = form.attributes.get("action", self.response.request["PATH_INFO"])
        self.response = self.client.post(action, sent, follow=True)
        assert self.response.status_code == 200
        self.page = page(self.response)

    def _address(self, href: str) -> str:
        return self.response.request["PATH_INFO"] + href if href.startswith("?") else href


@pytest.fixture
def noor(editor: User, event: Event) -> Editor:
    noor = Editor(editor)
    noor.open(TODAY)
    return noor


def titled(title: str) -> Session:
    return Session.objects.get(title=title)


def starts() -> list[str]:
    """Of the talks of the first day."""
    sessions = Session.objects.filter(start__lt="2026-03-02T00:00Z").in_order()
    return [f"{each.title} {each.start:%H:%M} {each.room}" for each in sessions]


def test_pages_are_for_editors_alone(client, event, alice, editor):
    talk = f"{TODAY}talks/ants/"
    pages = [TODAY, talk, f"{TODAY}rooms/red/", "/spring/edit/sessions/", "/spring/edit/history/"]
    client.force_login(alice)
    other = Client()
    other.force_login(editor)

    assert [client.get(each).status_code for each in pages] == [404] * 5
    assert [other.get(each).status_code for each in pages] == [200] * 5
    assert (client.post(MOVE).status_code, other.get(MOVE).status_code) == (404, 405)
    assert other.get(f"{TODAY}talks/none/").status_code == other.get(f"{TODAY}rooms/none/").status_code == 404


def test_flood_moves_six_talks_with_a_note(noor):
    noor.follow("Move all")
    noor.press("Blue", note=NOTE)
    noor.press("Publish")

    assert noor.taps == 3
    assert {each.room.name for each in Session.objects.exclude(title="Spare")} == {"Blue"}
    assert set(Session.objects.exclude(title="Spare").values_list("note", flat=True)) == {NOTE}
    assert Batch.objects.get().counts == {"changed": 6}


def test_room_is_15_minutes_late_from_now_on(noor):
    noor.follow("Cows")
    noor.press("15 min all 4")
    noor.follow("Review")
    noor.press("Publish")

    assert noor.taps == 4
    assert starts() == [
        *("Ants 09:00 Red", "Bees 10:00 Red", "Cows 11:15 Red", "Dogs 12:15 Red", "Eels 13:15 Red", "Fish 14:15 Red")
    ]


def test_two_talks_swap_without_a_double_booking(noor):
    noor.follow("Ants")
    noor.unfold("Swap with…")
    noor.press("Cows")

    assert "Double booking" not in text_of(noor.response)
    noor.press("Publish")
    assert noor.taps == 4
    assert starts()[:3] == ["Cows 09:00 Red", "Bees 10:00 Red", "Ants 11:00 Red"]


def test_talk_is_cancelled_with_a_note_and_that_is_undone(noor):
    noor.follow("Ants")
    noor.unfold("Cancel…")
    noor.press("Cancel and review", note=NOTE)
    noor.press("Publish")

    assert (noor.taps, titled("Ants").status, titled("Ants").note) == (4, "cancelled", NOTE)
    noor.press("Put back")
    noor.press("Publish")
    assert (noor.taps, titled("Ants").status, titled("Ants").note) == (6, "confirmed", "")


def test_talk_is_replaced(noor):
    noor.follow("Ants")
    noor.unfold("Replace by…")
    noor.press("Spare", note=NOTE)
    noor.press("Publish")

    ants, spare = titled("Ants"), titled("Spare")
    assert noor.taps == 4
    assert (ants.status, ants.note, ants.replaced_by) == ("cancelled", NOTE, spare)
    assert (spare.start, spare.room, spare.is_published, spare.note) == (ants.start, ants.room, True, "")


def test_note_alone(noor):
    noor.follow("Ants")
    noor.press("Save note and review", note=NOTE)
    noor.press("Publish")

    assert (noor.taps, titled("Ants").note) == (3, NOTE)


def test_other_time_is_of_the_event_and_refused_if_it_is_none(noor):
    noor.follow("Ants")
    noor.press("Move and review", date="2026-03-02", time="11:30")
    noor.press("Publish")
    assert f"{titled('Ants').start:%d %H:%M}" == "02 10:30"

    noor.open(f"{TODAY}talks/ants/")
    noor.press("Move and review", date="2026-03-02", time="noon")
    assert "Choose a day, and write the time as 14:30." in text_of(noor.response)
    assert not Plan.objects.filter(state="waiting").exists()


def test_time_after_midnight_is_in_the_night_of_the_day_that_is_shown(noor, event):
    add_session(event, "Owls", "2026-03-02 00:30")
    noor.open(f"{TODAY}talks/owls/")
    assert noor.page.one("input", name="date")["value"] == "2026-03-02"
    assert "step" not in noor.page.one("input", name="time").attributes  # any minute, counted from no other
    noor.press("Move and review", time="01:45")
    noor.press("Publish")
    assert f"{titled('Owls').start:%d %H:%M}" == "02 00:45"

    noor.open("/spring/edit/board/?day=2026-03-01")
    board = noor.page.one("form", id="board")
    ticks = {each["value"].partition(":")[0]: each["value"] for each in board.all("input", name="talk")}
    sent = {**board.fields(), "talk": ticks[str(titled("Fish").pk)], "time": "00:10", "do": "time"}
    noor.client.post(MOVE, sent)
    (fish,) = gathered(event).wanted["sessions"]
    assert fish["wanted"]["when"][0] == "2026-03-01T23:10:00+00:00"


def test_page_shows_what_will_be_and_what_is_wrong_with_it(noor):
    noor.follow("Bees")
    noor.press("30 min 11:30")
    noor.press("30 min 12:00")

    assert "Double booking of Red: Cows" in text_of(noor.response)
    noor.open(TODAY)
    rows = noor.page.one("li.waiting")
    assert rows.text == "12:00 to 12:30 Bees was 11:00, not published Note… on Bees"
    assert noor.page.one("ul.day-problems").text == "!Double booking: Red, 12:00 “Bees” and “Cows”"
    assert noor.page.one("div.gathered").text == "1 talk changed, not published Review"
    assert f"{titled('Bees').start:%H:%M}" == "10:00"


def test_waiting_move_is_taken_back(noor, event):
    noor.follow("Bees")
    noor.press("15 min")
    noor.press("Take this back")

    assert gathered(event) is None
    assert "not published" not in text_of(noor.response)


@pytest.mark.parametrize("slug", ["red", "red-hall"])
def test_waiting_move_stays_as_planned_when_rooms_are_renamed(noor, event, slug):
    noor.follow("Ants")
    noor.press("Blue")
    Room.objects.filter(name="Red").update(name="Red Hall", slug=slug)
    Room.objects.filter(name="Blue").update(name="Blue Hall")
    if slug != "red":
        FormerSlug.objects.create(event=event, kind="room", slug="red", row=Room.objects.get(slug=slug).pk)

    noor.open(f"/spring/edit/plans/{gathered(event).pk}/")
    assert "for you to decide" not in text_of(noor.response)
    noor.press("Publish")

    assert (titled("Ants").room.name, Room.objects.count()) == ("Blue Hall", 2)


def test_rooms_are_offered_with_the_free_ones_first(noor, event):
    Room.objects.create(event=event, name="Attic", slug="attic", position=9)
    add_session(event, "Gnus", "2026-03-01 11:10", room=Room.objects.get(name="Blue"))
    add_session(event, "Hens", "2026-03-01 12:10", room=Room.objects.get(name="Attic"))

    noor.open(f"{TODAY}talks/bees/")

    choices = [each.text for each in noor.page.all("button", name="room")]
    assert choices == ["Attic free until 12:10", "Blue taken until 11:40", "No room yet to be told later"]


@pytest.mark.on_postgresql
def test_moves_that_others_added_are_not_discarded_unseen(noor, root):
    noor.follow("Ants")
    noor.press("Save note and review", note=NOTE)
    other = Editor(root)
    other.open(f"{TODAY}talks/bees/")
    other.press("15 min")

    noor.press("Discard")
    assert "This is what the plan does now" in text_of(noor.response)
    noor.press("Discard")
    assert Plan.objects.get().state == "discarded"


def test_note_of_a_talk_is_stronger_than_that_of_the_plan(noor):
    noor.follow("Ants")
    noor.press("Cancel and review", note=NOTE)
    noor.open(f"{TODAY}talks/bees/")
    noor.press("Blue")
    noor.follow("Review")
    noor.press("Publish", note="Rain.")

    assert (titled("Ants").note, titled("Bees").note) == (NOTE, "Rain.")


@pytest.mark.on_postgresql
def test_form_sent_twice_shifts_once(noor):
    noor.follow("Bees")
    form = next(form for form in noor.page.all("form") if form.all("button", name="minutes"))
    sent = {each["name"]: each["value"] for each in form.all("input")} | {"minutes": "15"}

    noor.client.post(MOVE, sent)
    again = noor.client.post(MOVE, sent, follow=True)

    assert "This is how it is now" in text_of(again)
    assert "11:15–11:45" in page(again).one("div.outcome").text


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"do": "later", "minutes": "15"}, "Tick the talks first."),
        ({"talk": "TICK", "do": "fly"}, "Choose what to do with them."),
        ({"talk": "TICK", "do": "later", "minutes": "soon"}, "Write by how many minutes"),
        ({"talk": "TICK", "do": "later", "minutes": "9" * 400}, "Write by how many minutes"),
        ({"talk": "TICK", "do": "room", "room": "Moon"}, "Choose one of the rooms."),
        ({"talk": "TICK", "do": "track", "track": "Moon"}, "Choose one of the tracks."),
        ({"talk": "TICK", "do": "swap", "other": "x"}, "Choose two talks."),
        ({"talk": "TICK", "do": "time", "day": "0001-01-01", "time": "00:00"}, "Choose a day"),
        ({"talk": "TICK", "do": "texts", "title": " \0 "}, "Write a title for this one talk."),
        (
            {"talk": "TICK", "do": "texts", "title": "A", "byline": "x" * 251},
            "The byline is longer than 250 characters.",
        ),
        ({"talk": "987654:x", "do": "note"}, "This is how it is now"),
    ],
)
def test_form_that_lacks_something_says_so(noor, event, sent, words):
    noor.open("/spring/edit/sessions/")
    tick = noor.page.all("input", name="talk")[0]["value"]

    answer = noor.client.post(MOVE, {name: value.replace("TICK", tick) for name, value in sent.items()}, follow=True)

    assert words in text_of(answer)
    assert gathered(event) is None


@pytest.mark.on_postgresql
def test_texts_are_changed_by_way_of_a_review(noor, event):
    noor.open("/spring/edit/morning/talks/ants/")
    noor.press("Review the texts", title="Ants  and\nbees", byline="Ann", abstract="First.\r\n\r\nThen.")

    assert "Ants and bees" in noor.page.text
    noor.press("Publish")

    ants = Session.objects.get(slug="ants")
    assert (ants.title, ants.byline, ants.abstract) == ("Ants and bees", "Ann", "First.\n\nThen.")
    assert ants.revisions.get().changes.keys() == {"title", "byline", "abstract"}


def test_ticked_sessions_move_together(noor, event):
    noor.open("/spring/edit/sessions/?room=Red&q=s")
    ticks = [each["value"] for each in noor.page.all("input", name="talk")]
    sent = {"next": "/spring/edit/sessions/", "talk": ticks}

    noor.client.post(MOVE, sent | {"do": "later", "minutes": "-10"})

    answer = noor.client.get("/spring/edit/sessions/?state=waiting")
    titles = [each.text for each in page(answer).all("span.title")]
    assert titles == ["Ants", "Bees", "Cows", "Dogs", "Eels", "Fish"]
    assert gathered(event).title == "6 talks: other time"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("day=2026-03-02", ["Spare"]),
        ("room=none", ["Spare"]),
        ("state=hidden", ["Spare"]),
        ("state=cancelled", []),
        ("state=on&q=ants", ["Ants"]),
        ("track=None", []),
        ("page=99&q=fish", ["Fish"]),
    ],
)
def test_sessions_are_filtered(noor, query, found):
    noor.open(f"/spring/edit/sessions/?{query}")

    assert [each.text for each in noor.page.all("span.title")] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=bees", ["Bees"]), ("room=blue", []), ("day=2026-03-02", ["Spare"]), ("day=x", ["Ants", "Bees"])],
)
def test_day_is_searched(noor, query, found):
    noor.open(f"{TODAY}?{query}")

    assert [each.text for each in noor.page.all("h3")][:2] == found


@pytest.mark.parametrize(
    ("path", "queries"),
    [("morning/", 16), ("morning/talks/ants/", 16), ("morning/rooms/red/", 17), ("sessions/", 17)],
)
def test_page_takes_as_many_queries_for_1_and_6_talks(noor, path, queries, django_assert_num_queries):
    autumn = add_event("autumn", "Europe/Berlin", "2026-03-01", "2026-03-02")
    room = Room.objects.create(event=autumn, name="Red", slug="red")
    add_session(autumn, "Ants", "2026-03-01 10:00", room=room)

    for slug in ("autumn", "spring"):
        with django_assert_num_queries(queries):
            noor.client.get(f"/{slug}/edit/{path}")
