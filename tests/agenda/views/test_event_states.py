"""What everybody, and what only editors see of an event, by its state, at every public address."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import CalendarKey
from agenda.models import Appearance, Event, Session, Speaker, Star, Track
from agenda.programme import exports
from tests.agenda.caldav.dav import Dav
from tests.agenda.kvm_forum import AFTER, BEFORE, KVM, add_event, add_session
from tests.pages import page

pytestmark = pytest.mark.any_database

STATES = ("hidden", "announced", "published", "archived")
# Each address, and what it answers in each of the four states: to a visitor, and to an editor.
ANSWERS = {
    "/conf/": ((404, 200, 200, 200), (200, 200, 200, 200)),
    "/conf/now/": ((404, 200, 200, 200), (200, 200, 200, 200)),
    "/conf/speakers/": ((404, 200, 200, 200), (200, 200, 200, 200)),
    "/conf/speakers/ada/": ((404, 404, 200, 200), (200, 200, 200, 200)),
    "/conf/sessions/talk/": ((404, 404, 200, 200), (200, 200, 200, 200)),
    "/conf/sessions/talk.ics": ((404, 404, 200, 200), (200, 200, 200, 200)),
    "/conf/schedule.ics": ((404, 200, 200, 200), (200, 200, 200, 200)),
    **{f"/conf/schedule.{kind}": ((404, 200, 200, 200), (200, 200, 200, 200)) for kind in exports.KINDS},
    "/conf/apps/": ((404, 200, 200, 200), (200, 200, 200, 200)),
    "POST /conf/sessions/talk/star": ((404, 404, 302, 302), (302, 302, 302, 302)),
    "POST /conf/sessions/talk/unstar": ((404, 404, 302, 302), (302, 302, 302, 302)),
    "/": ((200, 302, 302, 302), (200, 302, 302, 302)),
    "/events/": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "/sitemap.xml": ((200, 200, 200, 200), (200, 200, 200, 200)),
}
# The pages that name the event, and those that name its talk, to a visitor; an editor's name them in every state.
NAMES_EVENT = ("/conf/", "/events/", "/agenda/", "/sitemap.xml")
NAMES_TALK = (
    "/conf/",
    "/conf/schedule.ics",
    "/conf/schedule.xml",
    "/conf/schedule.csv",
    "/conf/speakers/",
    "/agenda/",
    "/conf/?q=grace",
    "/sitemap.xml",
)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def talk(db) -> Session:
    event = add_event("conf", "Europe/Paris", "2019-10-31", "2019-11-01", "hidden")
    made = add_session(event, "Talk by Grace", "2019-10-31 11:00", slug="talk")
    Appearance.objects.create(session=made, speaker=Speaker.objects.create(event=event, name="Ada", slug="ada"))
    return made


def put(state: str) -> None:
    Event.objects.filter(slug="conf").update(state=state)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("entry", ANSWERS)
def test_address_answers_by_the_events_state(client, talk, editor, entry, state):
    put(state)
    method, _, path = entry.rpartition(" ")
    browsers = [client, Client()]
    browsers[1].force_login(editor)

    answered = [getattr(browser, method.lower() or "get")(path).status_code for browser in browsers]

    assert answered == [answers[STATES.index(state)] for answers in ANSWERS[entry]]


@pytest.mark.parametrize("state", STATES)
def test_visitor_reads_of_an_event_what_its_state_allows(client, talk, state):
    put("published")
    client.post("/conf/sessions/talk/star")  # and so it is in the visitor's agenda
    put(state)

    told = {path: client.get(path).content.decode() for path in {*NAMES_EVENT, *NAMES_TALK}}

    names_event = {"Conf" in told[path] or "/conf/" in told[path] for path in NAMES_EVENT}
    names_talk = {"Talk by Grace" in told[path] or "sessions/talk/" in told[path] for path in NAMES_TALK}
    assert (names_event, names_talk) == ({state != "hidden"}, {state in ("published", "archived")})


@pytest.mark.parametrize("hide", ["the event", "the talk", "delete it"])
def test_visitors_header_counts_the_stars_that_they_see(client, talk, hide):
    put("published")
    other = add_session(add_event("fest", "Europe/Paris", "2019-10-31", "2019-11-01"), "Keynote", "2019-10-31 11:00")
    for session in (talk, other):
        client.post(f"{session.get_absolute_url()}star")
    before = page(client.get("/fest/")).one("span.star-count").text
    if hide == "the event":
        put("hidden")
    elif hide == "the talk":
        Session.objects.filter(pk=talk.pk).update(is_published=False)
    else:
        talk.delete()

    counts = [
        page(client.get(at)).one("span.star-count").text for at in ("/fest/", "/events/", "/agenda/", "/nowhere/")
    ]

    assert (before, counts) == ("2", ["1"] * 4)


@pytest.mark.parametrize("state", STATES)
def test_editor_reads_the_languages_of_an_event_in_every_state_and_nobody_else_before_it_is_public(
    client, talk, editor, state
):
    add_session(talk.event, "Discours", "2019-10-31 12:00", language="tlh")
    add_session(talk.event, "Another talk", "2019-10-31 13:00")
    put(state)
    visitor = Client()
    client.force_login(editor)

    preview = page(client.get("/conf/"))

    assert preview.texts("span.language") == ["in tlh"]
    assert [box["value"] for box in preview.all("input", name="language")] == ["en", "tlh"]
    assert [title["lang"] for title in preview.all(".title") if "lang" in title.attributes] == ["tlh"]
    tells = state in ("published", "archived")
    assert (visitor.get("/conf/schedule.ics?language=tlh").status_code == 200) is tells


def test_new_event_begins_hidden(db):
    made = Event(slug="x", name="X", starts_on="2030-05-01", ends_on="2030-05-02", time_zone="Europe/Paris")

    assert made.state == "hidden"


def test_announced_event_shows_name_dates_and_place_alone(client, talk):
    Event.objects.update(state="announced", venue="Town hall", city="Lyon")

    root = page(client.get("/conf/"))

    assert root.texts("h1") + root.texts("h2") == ["Conf", "The programme is not public yet"]
    assert root.texts("p.sub") == ["31 October – 1 November 2019 · Town hall, Lyon"]


@pytest.mark.parametrize(
    ("day", "heading", "badge"),
    [
        (None, "The programme is not public yet", "programme to come"),
        ("2019-10-29", "The programme is not public yet", "programme to come"),
        ("2019-10-30", "The programme comes on Wednesday, 30 October 2019", "programme comes on 30 October 2019"),
        ("2019-10-31", "The programme comes on Thursday, 31 October 2019", "programme comes on 31 October 2019"),
    ],
)
def test_announced_event_says_when_its_programme_comes_unless_that_has_passed(client, talk, day, heading, badge):
    Event.objects.update(state="announced", programme_on=day)

    assert [page(client.get(f"/conf/{at}")).one("h2").text for at in ("", "now/", "speakers/")] == [heading] * 3
    assert page(client.get("/events/")).texts("p.badge") == [badge]


@pytest.mark.parametrize("part", ["track", "room"])
def test_announced_event_does_not_tell_which_parts_its_programme_has(client, talk, part):
    talk.event.tracks.create(name="Secret", slug="fr")
    talk.event.rooms.create(name="Secret", slug="fr")
    put("published")
    is_there = client.get(f"/conf/schedule.ics?{part}=fr").status_code

    put("announced")

    statuses = [client.get(f"/conf/schedule.ics?{part}={word}").status_code for word in ("fr", "other")]
    assert (is_there, statuses) == (200, [404, 404])


def test_published_event_promises_no_programme(client, talk):
    Event.objects.update(state="published", programme_on="2019-10-31")

    assert page(client.get("/events/")).texts("p.badge") == []
    assert "comes on" not in page(client.get("/conf/")).text


@pytest.mark.parametrize(
    ("state", "badges"),
    [
        ("hidden", ["hidden: only editors see it"]),
        ("announced", ["announced: only editors see its programme"]),
        ("published", []),
        ("archived", ["archive"]),
    ],
)
def test_programme_says_its_state(client, talk, editor, state, badges):
    put(state)
    client.force_login(editor)

    assert page(client.get("/conf/")).texts("p.badge") == badges


def test_event_without_sessions_promises_none_once_it_has_ended(client, talk, time_machine):
    put("published")
    talk.delete()
    before = page(client.get("/conf/")).one("div.empty").one("h2").text
    time_machine.move_to(AFTER, tick=False)

    assert (before, page(client.get("/conf/")).one("div.empty").one("h2").text) == (
        "The programme is not out yet",
        "There is no programme",
    )


@pytest.mark.parametrize("state", ["hidden", "archived"])
def test_home_prefers_another_event_to_a_hidden_or_archived_one(client, kvm_forum, editor, state):
    add_event("sooner", "Europe/Paris", "2019-10-30", "2019-10-30", state)
    client.force_login(editor)

    assert client.get("/")["Location"] == KVM


def test_file_of_a_hidden_event_is_kept_by_no_shared_cache(client, talk, editor):
    client.force_login(editor)

    kept = {
        path: client.get(path)["Cache-Control"]
        for path in ("/conf/schedule.ics", "/conf/schedule.xml", "/conf/sessions/talk.ics")
    }

    assert set(kept.values()) == {"private, no-cache"}


@pytest.mark.parametrize(("state", "inside"), list(zip(STATES, (0, 0, 1, 1), strict=True)))
def test_starred_talk_leaves_feed_and_caldav_with_its_event(client, alice, talk, state, inside):
    put(state)
    Star.objects.create(user=alice, session=talk)
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="form")
    phone = Dav(alice)

    feed = client.get(f"/calendar/{key}.ics").content
    listed = phone.propfind(phone.agenda, "<D:getetag/>", depth="1").content

    assert (feed.count(b"BEGIN:VEVENT"), listed.count(b".ics</")) == (inside, inside)


@pytest.mark.parametrize(("state", "offered"), list(zip(STATES, (False, True, True, True), strict=True)))
def test_calendar_offers_only_events_that_are_not_hidden(client, alice, talk, state, offered):
    put(state)
    Star.objects.create(user=alice, session=talk)
    CalendarKey.objects.issue(alice, name="Phone", once="form")
    client.force_login(alice)

    assert (b"Conf" in client.get("/agenda/calendars/").content) is offered


@pytest.mark.parametrize(("state", "there"), list(zip(STATES, (False, True, True, True), strict=True)))
def test_programme_over_caldav_is_there_unless_the_event_is_hidden(alice, talk, state, there):
    put(state)
    Track.objects.create(event=talk.event, name="Kernel", slug="kernel")
    phone = Dav(alice, collections=["conf", "conf--kernel"])

    found = [phone.propfind(f"{phone.home}{name}/").status_code for name in ("conf", "conf--kernel")]

    assert found == ([207, 207] if there else [404, 404])
