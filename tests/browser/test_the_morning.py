"""A room floods at 08:40, and more: an editor's whole morning, by keys on a laptop and by fingers on a phone.

After each step, what it did is read where people read it: programme, my agenda, two calendar programs that are not
ours, mail, the page of what changed, and the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from agenda.models import Event, Room, Star
from tests.agenda.kvm_forum import add_event, add_session
from tests.browser.attendees import Attendee, Entry, feed_of, fetched, mails
from tests.browser.conftest import OpenPage
from tests.browser.test_targets import PHONE
from tests.conftest import signed_up

pytestmark = pytest.mark.browser

TODAY = "/spring/edit/morning/"
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
WET, ILL = "Water in the red room.", "The speaker is ill."


@pytest.fixture
def event(programme: None) -> Iterator[Event]:
    """Of six talks in the red room, a talk that is kept back, and a green room."""
    with time_machine.travel(datetime(2026, 3, 1, 7, 40, tzinfo=UTC)):  # 08:40 in Berlin
        event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
        red, _ = (Room.objects.create(event=event, name=name, slug=name.lower()) for name in ("Red", "Green"))
        for number, title in enumerate(("Ants", "Bees", "Cows", "Dogs", "Eels", "Fish")):
            add_session(event, title, f"2026-03-01 1{number}:00", room=red)
        add_session(event, "Geese", "2026-03-02 10:00", is_published=False)
        yield event


@pytest.fixture
def alice_reads(
    open_page: OpenPage, event: Event, alice: User, bob: User, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Attendee]:
    """Alice, who starred all, with two calendars. Bob's looked before the morning alone: he is mailed. So did four."""
    monkeypatch.setenv("NO_PROXY", "*")
    people = [alice, bob, *(signed_up(f"person{number}@example.org") for number in range(4))]
    talks = event.sessions.published()
    Star.objects.bulk_create(Star(user=user, session=talk) for user in people for talk in talks)
    User.objects.filter(pk=bob.pk).update(notice_minutes=1440)
    for user in people[1:]:
        fetched(feed_of(user, live_server.url))
    alice_reads = Attendee(open_page(alice, **PHONE), alice, live_server.url, event.zone)
    yield alice_reads
    alice_reads.client.close()


class Person:
    """An editor who works by keys or by fingers; each press and each field that is filled in is an action."""

    def __init__(self, page: Page, *, has_keys: bool) -> None:
        self.page, self.has_keys, self.count = page, has_keys, 0

    def press(self, role: Any, name: str) -> None:
        self._press(self.page.get_by_role("main").get_by_role(role, name=name).first)

    def unfold(self, words: str) -> None:
        self._press(self.page.locator("summary", has_text=words))

    def write(self, text: str, *, field: Locator) -> None:
        if self.has_keys:
            field.focus()
            self.page.keyboard.type(text)
        else:
            field.fill(text)
        self.count += 1

    def publish(self) -> None:
        self.press("button", "Publish")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Published")

    def _press(self, target: Locator) -> None:
        if self.has_keys:
            target.focus()
            assert target.evaluate("element => element.tabIndex") == 0  # Tab comes by
            self.page.keyboard.press("Enter")
        else:
            target.tap()
        self.count += 1


def flood(person: Person) -> None:
    person.page.goto(TODAY)
    person.press("link", "Move all… of Red")
    person.write(WET, field=person.page.get_by_label("Note to attendees, if you like"))
    person.press("button", "Green")


def be_late(person: Person) -> None:
    person.page.goto(TODAY)
    person.press("link", "Ants")
    person.press("button", "15 min all 6")
    expect(person.page.locator(".outcome")).to_contain_text("10:15–10:45, Green · was 10:00, not published")
    person.press("link", "Review")


def swap(person: Person) -> None:
    person.page.goto(TODAY)
    person.press("link", "Bees")
    person.unfold("Swap with…")
    person.press("button", "Cows")


def replace(person: Person) -> None:
    person.page.goto(TODAY)
    person.press("link", "Dogs")
    person.unfold("Replace by…")
    person.write(ILL, field=person.page.locator("#replace-note"))
    person.press("button", "Geese")


def put_back(person: Person) -> None:
    person.press("button", "Put back")


class Step(NamedTuple):
    """What is done in how many actions at most, and what is then said of a talk: its hours, row, note, mail, change."""

    do: Callable[[Person], None]
    most: int
    title: str
    hours: str
    row: str
    note: str
    mail: str
    change: str
    counts: str


STEPS = [
    Step(
        *(flood, 10, "Dogs", "13:00 to 13:30", f"Dogs Green was in Red {WET}", WET),
        "“Dogs” is now on Sunday 1 March, 13:00–13:30 CET, UTC+1, in Green; it was in Red.",
        *(f"Dogs Sun 1 Mar, 13:00, Green was in Red {WET}", "6 changed"),
    ),
    Step(
        *(be_late, 4, "Dogs", "13:15 to 13:45", f"Dogs Green moved from 13:00 was in Red {WET}", WET),
        "“Dogs” is now on Sunday 1 March, 13:15–13:45 CET, UTC+1, in Green; it was at 13:00–13:30.",
        *(f"Dogs Sun 1 Mar, 13:15, Green moved from 13:00 {WET}", "6 changed"),
    ),
    Step(
        *(swap, 5, "Cows", "11:15 to 11:45", f"Cows Green moved from 12:00 was in Red {WET}", WET),
        "“Cows” is now on Sunday 1 March, 11:15–11:45 CET, UTC+1, in Green; it was at 12:15–12:45.",
        *(f"Cows Sun 1 Mar, 11:15, Green moved from 12:15 {WET}", "2 changed"),
    ),
    Step(
        *(replace, 6, "Dogs", "13:15 to 13:45", f"Dogs Green cancelled {ILL} Instead: Geese", ILL),
        "Cancelled: “Dogs”, which was to be on Sunday 1 March, 13:15–13:45 CET, UTC+1, in Green. Instead: “Geese”.",
        *(f"Dogs Sun 1 Mar, 13:15, Green cancelled {ILL} Instead: Geese", "2 changed"),
    ),
    Step(
        *(put_back, 2, "Dogs", "13:15 to 13:45", f"Dogs Green moved from 13:00 was in Red {WET}", WET),
        "“Dogs” takes place after all: on Sunday 1 March, 13:15–13:45 CET, UTC+1, in Green.",
        *("Dogs Sun 1 Mar, 13:15, Green moved from 13:00", "2 changed"),
    ),
]


@pytest.mark.parametrize("has_keys", [True, False], ids=["by keys", "by touch"])
def test_morning_arrives_everywhere(
    open_page: OpenPage, editor: User, alice_reads: Attendee, bob: User, has_keys: bool
) -> None:
    page = open_page(editor, **(LAPTOP if has_keys else PHONE))
    for step in STEPS:
        person = Person(page, has_keys=has_keys)
        step.do(person)
        person.publish()
        assert person.count <= step.most, step.do

        arrived(step, alice_reads, mails()[bob.email])
        page.reload()
        receipt = page.get_by_role("main")
        expect(receipt).to_contain_text(f"{step.counts}: all of it at once.")
        expect(receipt).to_contain_text("6 people starred this. A few of 7 calendars have it.")
        expect(receipt).to_contain_text("People who were mailed: a few.")
    changes = alice_reads.text_of("/spring/changes/")
    assert [words for words in ("Geese", "cancelled", "new note") if words in changes] == []


def arrived(step: Step, reader: Attendee, mail: str) -> None:
    """Fails unless the step is said on the pages and in the calendars of a person, and in that mail."""
    assert reader.row("/spring/", step.title) == step.row
    assert reader.row("/agenda/", step.title) == f"{step.hours} {step.row}"
    assert step.change in reader.text_of("/spring/changes/")
    title = f"CANCELLED: {step.title}" if "cancelled" in step.row else step.title
    assert reader.entries(step.title) == {Entry(title, step.hours[:5], "Green", step.note)}
    assert f"{step.mail}\nThe organisers say: {step.note}\n" in mail
