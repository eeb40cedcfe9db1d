"""A note to attendees, a room's change and the speakers: shown wherever the session is, until they are changed."""

from __future__ import annotations

import re

import pytest

from accounts.models import CalendarKey
from agenda.editing.changes import recording
from agenda.models import Room, Session, StarLog
from agenda.stars.starring import star
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.pages import page

pytestmark = pytest.mark.any_database

NOTE = "Bring a laptop; <b>two</b>, better."


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def feed(client, alice, opening) -> str:
    """The address of Alice's calendar with the opening in it; she is signed in."""
    star(alice, [opening.pk], through=StarLog.Through.PAGE)
    client.force_login(alice)
    return f"/calendar/{CalendarKey.objects.issue(alice, name='Work', once='work')[1]}.ics"


def edit(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def shown(client, session: Session, words: str) -> list[list[str]]:
    """The texts of these elements of the session on the programme, in my agenda and on its own page."""
    places = (KVM, "/agenda/", session.get_absolute_url())
    rows = (page(client.get(place)).one("", id=f"s-{session.slug}") for place in places)
    return [row.texts(words) for row in rows]


def descriptions(client, session: Session, feed: str) -> list[str]:
    """The DESCRIPTION of the session in a personal calendar, in the public one, and alone; unfolded."""
    addresses = (feed, f"{KVM}schedule.ics", f"{session.get_absolute_url()[:-1]}.ics")
    found = []
    for address in addresses:
        text = re.sub(r"\r\n ", "", client.get(address).content.decode())
        vevent = next(each for each in text.split("BEGIN:VEVENT") if str(session.guid) in each)
        found += re.findall(r"DESCRIPTION:(.*)", vevent)
    return found


def test_note_is_everywhere_until_it_is_withdrawn(client, opening, feed):
    for fields in ({"note": NOTE}, {"abstract": "Another."}, {"status": "cancelled"}, {"status": "confirmed"}):
        edit(opening, **fields)

        assert shown(client, opening, "p.note") == [[NOTE]] * 3
        assert all(text.startswith(r"Bring a laptop\; <b>") for text in descriptions(client, opening, feed))

    edit(opening, note="")

    assert shown(client, opening, "p.note") == [[]] * 3
    assert not any("laptop" in text for text in descriptions(client, opening, feed))


def test_note_alone_reaches_calendars_and_is_no_new_sequence(client, opening, feed):
    tag, sequence = client.get(feed)["ETag"], opening.sequence

    edit(opening, note=NOTE)

    opening.refresh_from_db()
    assert (client.get(feed)["ETag"] != tag, opening.sequence) == (True, sequence)
    assert [revision.changes for revision in opening.revisions.all()] == [{"note": ["", NOTE]}]


def test_changed_room_is_said_until_the_session_is_back(client, opening, feed):
    room, badges = opening.room, []
    hall, attic = (Room.objects.create(event=opening.event, name=name, slug=name) for name in ("Hall", "Attic"))
    for place in (hall, attic, room):
        edit(opening, room=place)
        badges.append(shown(client, opening, "span.badge"))

    assert badges == [[["was in Forum 3"]] * 3, [["was in Forum 3"]] * 3, [[]] * 3]


def test_room_and_time_are_said_beside_each_other(client, opening, feed):
    hall = Room.objects.create(event=opening.event, name="Hall", slug="hall")
    edit(opening, room=hall, start=opening.start.replace(minute=15))
    said = shown(client, opening, "span.badge")
    edit(opening, status="cancelled")

    assert said == [["moved from 11:00", "was in Forum 3"]] * 3
    assert shown(client, opening, "span.badge") == [["cancelled"]] * 3


@pytest.mark.parametrize(
    ("speakers", "byline"),
    [
        ([("Jing Liu", "Intel"), ("Chao Peng", "Intel")], "Jing Liu & Chao Peng, Intel"),
        ([("Tianyu Lan", "Microsoft"), ("Chao Peng", "Intel")], "Tianyu Lan, Microsoft & Chao Peng, Intel"),
        ([("Ada", ""), ("Bob", "IBM"), ("Cy", "")], "Bob, IBM & Ada & Cy"),
        ([("Ada", "Tern & Tide"), ("Bob & Cy", "")], "Ada, Tern & Tide & Bob & Cy"),
        ([], ""),
    ],
)
def test_speakers_are_credited_without_a_byline(client, opening, feed, speakers, byline):
    opening.appearances.all().delete()
    for position, (name, organisation) in enumerate(speakers):
        fields = {"name": name, "organisation": organisation, "slug": f"speaker-{position}"}
        opening.appearances.create(speaker=opening.event.speakers.create(**fields), position=position)
    edit(opening, byline="")

    escaped = byline.replace(",", r"\,")
    assert shown(client, opening, "p.byline") == [[byline] if byline else []] * 3
    set_off = [sorted(names) for names in shown(client, opening, "b")]
    assert set_off == [[], *[sorted(name for name, _ in speakers)] * 2]  # the lines of the list put no name in bold
    assert all(text.startswith(escaped) for text in descriptions(client, opening, feed))


def test_search_finds_a_session_by_its_credits(client, opening, feed):
    edit(opening, byline="")

    root = page(client.get(KVM, {"q": "hartmayer ibm"}))

    assert [row["id"] for row in root.all("li.session")] == [f"s-{opening.slug}"]


@pytest.mark.parametrize("sessions", [1, 3])
def test_feed_takes_as_many_queries_for_1_and_3_without_a_byline(
    client, alice, opening, feed, sessions, django_assert_num_queries
):
    chosen = [opening, *opening.event.sessions.exclude(pk=opening.pk)[: sessions - 1]]
    star(alice, [session.pk for session in chosen[1:]], through=StarLog.Through.PAGE)
    for session in chosen:
        edit(session, byline="")

    with django_assert_num_queries(5):  # key, stars, sessions, their speakers, and what is noted
        client.get(feed)
