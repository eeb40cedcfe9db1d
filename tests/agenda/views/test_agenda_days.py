"""My agenda by days: the reader's in their own zone, talks over midnight, what is next, and the time that is free."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest

from accounts.models import User
from agenda.models import Session, Star
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

AGENDA = "/agenda/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def agenda(client, alice):
    """What Alice reads there."""
    client.force_login(alice)
    return lambda: page(client.get(AGENDA))


def star(user: User, *sessions: Session | str) -> None:
    for session in sessions:
        Star.objects.create(user=user, session=session_of(session) if isinstance(session, str) else session)


def days(root: Element) -> dict[str, list[str]]:
    """The times under each heading."""
    return dict(zip(root.texts("h2.day"), ([*each.texts("p.when")] for each in root.all("ol.programme")), strict=False))


def next_up(root: Element) -> str:
    """What the summary or, while an event runs, the card says."""
    said = [line.one("h2").text for card in root.all("section", id="mine-now") for line in card.all("div")]
    return said[-1] if said else root.one("div.page-head").one("p.sub").text.partition("next: ")[2]


def free(root: Element) -> list[str]:
    return root.texts("li.break")


def test_days_and_next_are_the_readers_own(agenda, alice, kvm_forum):
    User.objects.filter(pk=alice.pk).update(time_zone="Pacific/Auckland")
    star(alice, "Moving", "KubeVirt")

    root = agenda()

    assert days(root) == {
        "Friday, 1 November": ["00:00 to 00:30"],
        "Saturday, 2 November": ["01:45 to 02:15"],
    }
    assert next_up(root) == "Moving s390 Kvm-unit-tests up the Stack, Friday 00:00, Forum 3"
    assert root.one("form.zone").text == "times in NZDT, UTC+13 (Pacific/Auckland) show CET, UTC+1"


def test_late_talk_says_its_date_and_so_does_next(agenda, alice, db):
    event = add_event("night-talks", "Europe/Berlin", "2019-11-01", "2019-11-02")
    night = add_session(event, "Night", "2019-11-02 00:30")
    star(alice, night, add_session(event, "Overlapping", "2019-11-02 00:45"))

    root = agenda()

    assert list(days(root)) == ["Friday, 1 November"]
    assert [pick.one("p.sub").text for pick in root.all("li.choice")] == ["Sat 00:30–01:00", "Sat 00:45–01:15"]
    assert next_up(root) == "Night, Saturday 00:30"


def test_talk_that_ends_on_another_day_says_so_and_nothing_in_it_is_free(agenda, alice, db):
    event = add_event("hack-days", "Europe/Berlin", "2019-11-01", "2019-11-02")
    star(
        alice,
        add_session(event, "Hackathon", "2019-11-01 10:00", minutes=32 * 60),
        add_session(event, "Inside", "2019-11-02 09:00"),
        add_session(event, "Party", "2019-11-02 20:00"),
    )

    root = agenda()

    assert days(root) == {
        "Friday, 1 November": [],
        "Saturday, 2 November": ["20:00 to 20:30"],
    }
    assert [pick.one("p.sub").text for pick in root.all("li.choice")] == ["Fri 10:00 – Sat 18:00", "Sat 09:00–09:30"]
    assert free(root) == ["Free 18:00–20:00"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2019, 10, 31, 9, 59, tzinfo=UTC), "Managing Matryoshkas"),
        (datetime(2019, 10, 31, 10, 0, tzinfo=UTC), "Nesting&testing"),
        (datetime(2019, 10, 31, 11, 0, tzinfo=UTC), "none"),
    ],
)
def test_next_is_what_comes_not_what_runs(agenda, alice, kvm_forum, time_machine, moment, expected):
    star(alice, "Managing", "Nesting")
    time_machine.move_to(moment, tick=False)

    assert next_up(agenda()).startswith(expected)


@pytest.mark.parametrize(("minutes", "said"), [(19, []), (20, ["Free 09:30–09:50"])])
def test_gap_under_20_minutes_is_not_announced(agenda, alice, db, minutes, said):
    event = add_event("short-gaps", "Europe/Berlin", "2019-11-01", "2019-11-01")
    star(
        alice, add_session(event, "One", "2019-11-01 09:00"), add_session(event, "Two", f"2019-11-01 09:{30 + minutes}")
    )

    assert free(agenda()) == said


def test_cancelled_talks_free_their_time_and_are_not_on_then(agenda, alice, kvm_forum):
    star(alice, "Managing", "Nesting", "Moving", "virtio-fs")
    Session.objects.filter(title__startswith="Moving").update(status="cancelled")
    Session.objects.filter(title__startswith="Nesting").update(status="cancelled")
    add_session(kvm_forum, "Elsewhere", "2019-10-31 12:00")

    assert free(agenda()) == ["Free 11:30–13:45 · 1 talk In the programme"]


@pytest.mark.parametrize("who", ["alice", "editor"])
@pytest.mark.parametrize("own_zone", ["", "Pacific/Auckland"])
def test_free_time_leads_to_exactly_the_talks_that_are_on_in_it(client, request, kvm_forum, who, own_zone):
    user = request.getfixturevalue(who)
    User.objects.filter(pk=user.pk).update(time_zone=own_zone)
    client.force_login(user)
    star(user, "Managing", "virtio-fs")
    add_session(kvm_forum, "Since before", "2019-10-31 08:00", minutes=240)
    add_session(kvm_forum, "Ends as it begins", "2019-10-31 11:00")
    add_session(kvm_forum, "Begins as it ends", "2019-10-31 13:45")
    add_session(kvm_forum, "Cancelled", "2019-10-31 12:00", status="cancelled")
    add_session(kvm_forum, "Hidden", "2019-10-31 12:00", is_published=False)
    count = {"alice": 3, "editor": 4}[who]

    link = page(client.get(AGENDA)).link("In the programme")
    titles = page(client.get(link)).texts(".title")
    feed = icalendar.Calendar.from_ical(client.get(f"{KVM}schedule.ics?{urlsplit(link).query}").content)

    assert parse_qs(urlsplit(link).query) == {"from": ["2019-10-31T11:30"], "to": ["2019-10-31T13:45"]}
    assert len(titles) == count
    assert sorted(str(each["SUMMARY"]) for each in feed.walk("VEVENT")) == sorted(set(titles) - {"Hidden"})


def test_zones_of_several_events_are_said_with_their_days(agenda, alice, opening):
    other = add_event("tokyo-forum", "Asia/Tokyo", "2019-11-05", "2019-11-05")
    star(alice, opening, add_session(other, "In Tokyo", "2019-11-05 09:00"))

    root = agenda()

    assert list(days(root)) == [
        "Thursday, 31 October · KVM Forum 2019 · CET, UTC+1",
        "Tuesday, 5 November · Tokyo Forum · JST, UTC+9",
    ]
    assert root.one("form.zone").text == "times in each event’s zone use mine"
