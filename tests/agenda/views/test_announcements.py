"""Announcements on pages: where they belong, from their start to their end by the clock, and for nobody too early."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agenda.models import Announcement, Event, Room, Session, Star
from tests.agenda.kvm_forum import DURING, KVM, add_event, add_session
from tests.pages import page

pytestmark = pytest.mark.any_database

HOUR = timedelta(hours=1)
EDGES = (timedelta(seconds=-1), timedelta(0), HOUR - timedelta(seconds=1), HOUR)  # after its start
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


def announce(event: Event, text: str = "Lunch is in hall B.", **fields: object) -> Announcement:
    return Announcement.objects.create(
        **{"event": event, "text": text, "start": DURING, "end": DURING + HOUR, **fields}
    )


def shown(client: Client, address: str) -> list[str]:
    """The announcements on the page there."""
    return [each.one("summary").text for each in page(client.get(address)).all("div.announcement")]


def addresses(session: Session) -> list[str]:
    return [KVM, f"{KVM}now/", f"{KVM}changes/", "/agenda/", session.get_absolute_url(), f"{KVM}speakers/"]


@pytest.mark.parametrize("after", EDGES)
def test_announcement_is_shown_from_its_start_to_its_end(client, opening, time_machine, after):
    announce(opening.event)
    client.post(f"{opening.get_absolute_url()}star")
    time_machine.move_to(DURING + after, tick=False)

    everywhere = [shown(client, address) for address in addresses(opening)]

    running = after in EDGES[1:3]
    assert everywhere == [["Lunch is in hall B."] if running else []] * 4 + [[], []]


def test_my_agenda_shows_what_is_announced_and_how_long_the_event_lasts_after_its_talks_were_kept(client, opening):
    client.post(f"{opening.get_absolute_url()}star")
    before = page(client.get("/agenda/"))
    announce(opening.event)
    Event.objects.update(ends_on=date(2019, 10, 30), starts_on=date(2019, 10, 30))

    assert shown(client, "/agenda/") == ["Lunch is in hall B."]
    assert len(before.all("section", id="mine-now")) == 1
    assert page(client.get("/agenda/")).all("section", id="mine-now") == []


def test_announcement_of_a_room_is_also_on_the_pages_of_its_talks(client, opening):
    other = Room.objects.create(event=opening.event, name="Hall", slug="hall")
    talk = add_session(opening.event, "Keynote", "2019-10-31 18:00", room=other)
    announce(opening.event, "No coffee inside.", room=opening.room)

    pages = [shown(client, address) for address in (KVM, opening.get_absolute_url(), talk.get_absolute_url())]

    assert pages == [["Forum 3: No coffee inside."], ["Forum 3: No coffee inside."], []]


def test_announcement_of_a_day_is_not_on_the_programme_of_another(client, opening):
    friday = add_session(opening.event, "Keynote", "2019-11-01 18:00", room=opening.room)
    announce(opening.event, room=opening.room, day=date(2019, 11, 1))

    pages = (KVM, f"{KVM}?day=2019-11-01", f"{KVM}?day=2019-10-31", *(x.get_absolute_url() for x in (friday, opening)))

    assert [len(shown(client, address)) for address in pages] == [1, 1, 0, 1, 0]


def test_announcement_says_from_when_and_until_when_in_the_readers_zone(client, kvm_forum):
    announce(kvm_forum, start=DURING - 24 * HOUR)
    said = [page(client.get(KVM)).one("div.announcement").one("p.sub").text]
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})
    said.append(page(client.get(KVM)).one("div.announcement").one("p.sub").text)

    assert said == [
        "From the organisers, Wed 11:10, until 12:10",
        "From the organisers, Wed 19:10, until 20:10",
    ]


def test_newest_announcement_is_the_first(client, kvm_forum):
    announce(kvm_forum, "First.", start=DURING - HOUR)
    announce(kvm_forum, "Second.")

    assert shown(client, KVM) == ["Second.", "First."]


def test_my_agenda_has_those_of_my_events_alone_and_names_them(client, opening, alice):
    other = add_event("other", "Asia/Tokyo", "2019-10-30", "2019-11-01")
    announce(opening.event)
    announce(other, "Rain.")
    client.force_login(alice)
    Star.objects.create(user=alice, session=opening)
    one = page(client.get("/agenda/"))
    Star.objects.create(user=alice, session=add_session(other, "Walk", "2019-10-31 18:00"))
    both = page(client.get("/agenda/"))

    assert [each.text for each in one.all("div.announcement")] == [
        "Lunch is in hall B. From the organisers, 11:10, until 12:10"
    ]
    assert [each.one("p.sub").text for each in both.all("div.announcement")] == [
        "From the organisers of Other, 19:10, until 20:10",
        "From the organisers of KVM Forum 2019, 11:10, until 12:10",
    ]


@pytest.mark.parametrize(("state", "count"), [("announced", 0), ("hidden", None), ("archived", 1), ("published", 1)])
def test_announcement_is_for_readers_of_the_programme(client, kvm_forum, state, count):
    announce(kvm_forum, room=kvm_forum.rooms.first())
    Event.objects.update(state=state)

    for address in (KVM, f"{KVM}now/", f"{KVM}changes/"):
        if count is None:
            assert client.get(address).status_code == 404
        else:
            assert len(shown(client, address)) == count


def test_text_is_escaped(client, kvm_forum):
    announce(kvm_forum, HOSTILE, room=Room.objects.create(event=kvm_forum, name=HOSTILE, slug="hostile"))

    assert shown(client, KVM) == [f"{HOSTILE}: {HOSTILE}"]


def test_announcement_ends_after_its_start(kvm_forum):
    refused = Announcement(event=kvm_forum, text="Lunch.", start=DURING, end=DURING)

    with pytest.raises(ValidationError, match="It is shown until before it is shown from"):
        refused.full_clean()


@pytest.mark.parametrize("count", [1, 3])
def test_running_announcements_take_one_query_and_past_ones_none(client, kvm_forum, django_assert_num_queries, count):
    for _ in range(count):
        announce(kvm_forum, room=kvm_forum.rooms.first())
    client.get(KVM)

    with django_assert_num_queries(6):  # event, tracks, rooms, sessions, version; announcements
        client.get(KVM)
    Announcement.objects.update(start=datetime(2019, 1, 1, tzinfo=UTC), end=DURING)
    with django_assert_num_queries(5):
        client.get(KVM)
