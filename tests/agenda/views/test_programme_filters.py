"""Filtering and searching the programme's page: by links and one form, each keeping what the others chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from agenda.models import Event, Room, Session, Star, Track
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

EVERYTHING = "?day=2019-11-01&track=kvm-forum-track-2&room=forum-3&q=intel&starred=1&slides=1&view=full"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def two_rooms(kvm_forum):
    """The event with a second room and a second track, in which its first session now is."""
    room = Room.objects.create(event=kvm_forum, name="Forum 1", slug="forum-1")
    track = Track.objects.create(event=kvm_forum, name="Track 1", slug="track-1", position=9)
    Session.objects.filter(title__startswith="Managing").update(room=room, track=track)
    return kvm_forum


def programme(client, query: str = "") -> Element:
    return page(client.get(KVM + query))


def listed(root: Element) -> list[str]:
    return root.texts(".title")


def chips(root: Element) -> dict[str, str]:
    """The address of each, by its words."""
    return {chip.text: chip["href"] for chip in root.one("div.finder").all("a.chip")}


def chosen(address: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(address.partition("?")[2]).items()}


def hidden(root: Element) -> dict[str, str]:
    """What the form sends along unseen."""
    return {field["name"]: field["value"] for field in root.one("form", id="find").all("input", type="hidden")}


def boxes(root: Element) -> dict[str, dict[str, bool]]:
    """By the words of each menu, what each of its boxes sends, and whether it is checked."""
    return {
        menu.one("summary").text: {
            f"{box['name']}={box['value']}": "checked" in box.attributes for box in menu.all("input", type="checkbox")
        }
        for menu in root.all("details.chip-menu")
        if menu.one("summary").text != "Time"
    }


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?day=2019-10-31", 9),
        ("?day=2019-11-01", 11),
        ("?day=all", 20),
        ("?track=kvm-forum-track-2", 19),
        ("?track=track-1", 1),
        ("?track=track-1&track=kvm-forum-track-2", 20),
        ("?track=track-1&room=forum-3", 0),
        ("?room=forum-1&room=forum-3&day=2019-10-31", 9),
        ("?room=forum-1", 1),
        ("?slides=1", 18),
        ("?q=bennee", 1),
        ("?q=BENN%C3%89E", 1),
        ("?room=forum-1&day=2019-11-01", 0),
        ("?day=2019-11-01&slides=1&q=intel", 5),
        ("?starred=1", 0),
    ],
)
def test_filters_leave_what_passes_them_all(client, two_rooms, query, count):
    root = programme(client, query)

    assert len(listed(root)) == count
    assert root.all("p.error") == []


@pytest.mark.on_postgresql
def test_starred_shows_my_stars_alone(client, kvm_forum, alice, bob):
    Star.objects.create(user=alice, session=session_of("KubeVirt"))
    Star.objects.create(user=bob, session=session_of("Nesting"))
    client.force_login(alice)

    assert listed(programme(client, "?starred=1")) == ["KubeVirt Community Update"]
    assert listed(programme(client, "?starred=1&day=2019-10-31")) == []


def test_starred_shows_a_visitors_stars(client, kvm_forum):
    client.post(f"{session_of('KubeVirt').get_absolute_url()}star")

    assert listed(programme(client, "?starred=1")) == ["KubeVirt Community Update"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?day=yesterday", "“yesterday” is not a day of this programme; showing all."),
        ("?day=9999-12-31", "“9999-12-31” is not a day of this programme; showing all."),
        ("?track=<b>", "There is no track “<b>” here; showing all."),
        ("?room=%00", "There is no room “\0” here; showing all."),
        ("?view=3d", "There is no view “3d”; showing the list."),
    ],
)
def test_unknown_filter_is_said_and_the_rest_shown(client, kvm_forum, query, problem):
    root = programme(client, query)

    assert root.texts("p.error", role="alert") == [problem]
    assert len(listed(root)) == 20


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=" + "x" * 10_000,
        "?q=%FF%FE",
        "?q=%22%3E%3Cscript%3E",
        "?q=%25_%27;--",
        "?unknown=1",
        "?" + "&" * 50,
    ],
)
def test_no_query_breaks_the_page(client, kvm_forum, query):
    assert programme(client, query).one("h1").text == "KVM Forum 2019"


def test_search_words_stand_in_the_field_and_in_their_chip(client, kvm_forum):
    root = programme(client, "?q=%22%3E+Benn%C3%A9e")

    assert root.one("input", id="q")["value"] == '"> Bennée'
    assert chips(root)['“"> Bennée” ✕: on, remove this filter'] == "?"


def test_days_keep_the_other_filters(client, two_rooms):
    segments = programme(client, EVERYTHING).one("nav.segments", id="days").all("a")

    others = chosen(EVERYTHING)
    assert [(link.text, chosen(link["href"])) for link in segments] == [
        ("Thu 31 Oct", others | {"day": "2019-10-31"}),
        ("Fri 1 Nov", others),
        ("All", others | {"day": "all"}),
    ]
    assert [link.text for link in segments if "aria-current" in link.attributes] == ["Fri 1 Nov"]


def test_all_days_are_current_without_a_day(client, kvm_forum):
    segments = programme(client).one("nav.segments", id="days")

    assert segments.texts("a", aria_current="true") == ["All"]


def test_each_active_filter_goes_with_one_link_that_keeps_the_rest(client, two_rooms):
    found = chips(programme(client, EVERYTHING))

    gone = {
        "“intel”": "q",
        "KVM Forum Track 2": "track",
        "Forum 3": "room",
        "Slides": "slides",
        "★ Mine": "starred",
    }
    assert {words.partition(" ✕")[0]: chosen(address) for words, address in found.items()} == {
        words: {name: value for name, value in chosen(EVERYTHING).items() if name != left_out}
        for words, left_out in gone.items()
    }
    assert all(words.endswith(" ✕: on, remove this filter") for words in found)


def test_each_inactive_filter_is_set_with_one_link_that_keeps_the_rest(client, two_rooms):
    root = programme(client, "?day=2019-11-01&q=intel")

    kept = {"day": "2019-11-01", "q": "intel"}
    set_by = {words: chosen(address) for words, address in chips(root).items() if "on, remove" not in words}
    assert set_by == {
        "Slides": kept | {"slides": "1"},
        "★ Mine": kept | {"starred": "1"},
    }
    assert hidden(root) == {"day": "2019-11-01"}
    assert boxes(root) == {
        "Track": {"track=kvm-forum-track-2": False, "track=track-1": False},
        "Room": {"room=forum-1": False, "room=forum-3": False},
    }


def test_single_track_and_room_are_no_choice(client, kvm_forum):
    root = programme(client)

    assert boxes(root) == {}
    assert list(chips(root)) == ["Slides", "★ Mine"]


def test_event_without_tracks_and_rooms_offers_neither(client, db):
    add_event("bare", "Europe/Paris", "2019-10-31", "2019-10-31")

    assert list(chips(page(client.get("/bare/")))) == ["Slides", "★ Mine"]


def test_search_form_keeps_the_other_filters(client, two_rooms):
    root = programme(client, EVERYTHING)

    assert root.one("form", role="search")["method"] == "get"
    assert hidden(root) == {"day": "2019-11-01", "starred": "1", "slides": "1", "view": "full"}
    assert root.one("input", id="q")["value"] == "intel"
    assert [box["value"] for box in root.all("input", checked="")] == ["kvm-forum-track-2", "forum-3"]


def test_every_link_of_the_filters_opens(client, two_rooms):
    links = programme(client, "?q=intel&slides=1").one("main").all("a")
    links = [link for link in links if link["href"].startswith("?")]

    assert {client.get(KVM + link["href"]).status_code for link in links} == {200}
    assert len(links) == 11


def test_breaks_are_told_only_where_nothing_is_left_out(client, kvm_forum):
    shown = {
        query: len(programme(client, query).all("li.break")) for query in ("", "?day=2019-10-31", "?slides=1", "?q=kvm")
    }

    assert shown == {"": 5, "?day=2019-10-31": 2, "?slides=1": 0, "?q=kvm": 0}


@pytest.mark.on_postgresql
def test_several_tracks_and_rooms_are_checked_and_go_one_by_one_or_all_at_once(client, two_rooms):
    root = programme(client, "?day=2019-10-31&track=kvm-forum-track-2&track=track-1&room=forum-1&q=kvm&view=full")

    assert boxes(root) == {
        "Track": {"track=kvm-forum-track-2": True, "track=track-1": True},
        "Room": {"room=forum-1": True, "room=forum-3": False},
    }
    assert hidden(root) == {"day": "2019-10-31", "view": "full"}
    without_track_1 = "?day=2019-10-31&track=kvm-forum-track-2&room=forum-1&q=kvm&view=full"
    assert chips(root)["Track 1 ✕: on, remove this filter"] == without_track_1
    assert root.one("a.clear")["href"] == "?day=2019-10-31&view=full"
    assert programme(client).all("a.clear") == []


def test_calendar_file_has_several_tracks_too(client, two_rooms):
    address = programme(client, "?track=track-1&track=kvm-forum-track-2").link("These 20 talks as a calendar file")

    assert address == f"{KVM}schedule.ics?track=kvm-forum-track-2&track=track-1"
    assert client.get(address).content.count(b"BEGIN:VEVENT") == 20


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", [""]),
        ("?view=full", [""]),
        ("?day=2019-10-31", ["9 talks of 20"]),
        ("?q=bennee", ["1 talk of 20"]),
        ("?q=xyzzy", ["0 talks of 20"]),
        ("?track=track-1&slides=1&q=kvm", ["1 talk of 20"]),
        ("?starred=1", ["0 talks of 20"]),
    ],
)
def test_number_found_is_said_where_a_filter_is_on(client, two_rooms, query, count):
    assert programme(client, query).texts("p.found", role="status") == count


def test_words_found_are_marked_in_titles_bylines_and_texts(client, two_rooms):
    Session.objects.filter(title__startswith="Managing").update(title="<b>Łódź</b> & KVM", byline="Zoë Łódź, R&D")
    everywhere = programme(client, "?q=lodz+b+r%26d&view=full")

    assert listed(everywhere) == ["<b>Łódź</b> & KVM"]
    assert everywhere.one(".title").texts("mark") == ["b", "Łódź", "b"]
    assert everywhere.one("p.byline").texts("mark") == ["Łódź", "R&D"]
    assert set(everywhere.one("div.details").texts("mark")) == {"b", "B", "R&D"}
    assert programme(client, "?slides=1").all("mark") == []


def test_marks_are_not_kept_with_the_rows(client, two_rooms):
    marks = [len(programme(client, query).all("mark")) for query in ("?q=bennee", "", "?q=linaro", "?q=bennee")]

    assert marks == [1, 0, 1, 1]


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?q=xyzzy", "No session has all of “xyzzy” in its title, text or speakers."),
        ("?q=xyzzy&slides=1", "No session has all of “xyzzy” in its title, text or speakers with these filters."),
        ("?room=forum-1&day=2019-11-01", "No session passes all of these filters."),
        ("?starred=1", "You have not starred anything yet: tap ☆ beside a talk and it stands here and in your agenda."),
    ],
)
def test_nothing_found_says_so_and_offers_a_way_out(client, two_rooms, query, sentence):
    empty = programme(client, query).one("div.empty")

    assert empty.texts("h2") == ["Nothing found"]
    assert empty.texts("p")[0] == sentence
    assert empty.link("Show the whole programme") == KVM


def test_search_in_vain_is_escaped(client, kvm_forum):
    root = programme(client, "?q=<script>alert(1)</script>")

    assert "“<script>alert(1)</script>”" in root.one("div.empty").text
    assert len(root.all("script")) == 3


@pytest.mark.on_postgresql
def test_calendar_file_has_the_pages_filters_without_its_looks(client, two_rooms):
    root = programme(client, "?day=2019-11-01&slides=1&view=full")

    address = root.one("p.take-away").link("These 10 talks as a calendar file")
    assert address == "/kvm-forum-2019/schedule.ics?day=2019-11-01&slides=1"
    assert client.get(address).content.count(b"BEGIN:VEVENT") == 10


@pytest.fixture
def long_programme(db) -> Event:
    """201 sessions on each of three days."""
    event = add_event("long", "Europe/Paris", "2019-10-30", "2019-11-01")
    start = datetime(2019, 10, 30, 8, tzinfo=UTC)
    Session.objects.bulk_create(
        Session(
            **{"event": event, "title": f"Talk {number}", "slug": f"talk-{number}"},
            start=start + timedelta(days=number // 201, minutes=number % 201),
            end=start + timedelta(days=number // 201, minutes=number % 201 + 1),
        )
        for number in range(603)
    )
    return event


def day_shown(root: Element) -> tuple[list[str], list[str], int]:
    return root.texts("h2.day"), root.one("nav.segments", id="days").texts("a", aria_current="true"), len(listed(root))


@pytest.mark.parametrize(
    ("moment", "day", "segment"),
    [
        (datetime(2019, 10, 1, tzinfo=UTC), "Wednesday, 30 October", "Wed 30 Oct"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "Thursday, 31 October", "Thu 31 Oct"),
        (datetime(2019, 11, 1, 1, tzinfo=UTC), "Thursday, 31 October", "Thu 31 Oct"),  # two at night in Paris
        (datetime(2019, 11, 1, 12, tzinfo=UTC), "Friday, 1 November", "Fri 1 Nov"),  # its last day
        (datetime(2019, 12, 1, tzinfo=UTC), "Wednesday, 30 October", "Wed 30 Oct"),
    ],
)
def test_long_programme_opens_on_today_or_its_first_day(client, long_programme, time_machine, moment, day, segment):
    time_machine.move_to(moment, tick=False)

    assert day_shown(page(client.get("/long/"))) == ([day], [segment], 201)


def test_long_programme_shows_another_day_or_all_when_asked(client, long_programme):
    friday = page(client.get("/long/?day=2019-11-01"))
    everything = page(client.get("/long/?day=all"))

    assert day_shown(friday) == (["Friday, 1 November"], ["Fri 1 Nov"], 201)
    assert (day_shown(everything)[1:], len(everything.texts("h2.day"))) == ((["All"], 603), 3)


def test_long_programme_is_searched_on_every_day(client, long_programme):
    assert listed(page(client.get("/long/?q=talk+60"))) == [
        "Talk 60",
        *(f"Talk {number}" for number in range(160, 603, 100)),
        "Talk 600",
        "Talk 601",
        "Talk 602",
    ]


def test_long_programme_offers_the_day_it_shows_as_a_file(client, long_programme):
    address = page(client.get("/long/")).one("p.take-away").link("These 201 talks as a calendar file")

    assert address == "/long/schedule.ics?day=2019-10-30"


@pytest.mark.parametrize(
    ("moment", "first", "count"),
    [
        (datetime(2019, 10, 1, tzinfo=UTC), "Talk 0", 150),
        (datetime(2019, 10, 30, 9, 0, tzinfo=UTC), "Talk 60", 150),
        (datetime(2019, 10, 30, 12, 0, tzinfo=UTC), "Extra 40", 60),
    ],
)
def test_very_long_day_opens_on_a_part_and_is_whole_when_asked(
    client, long_programme, time_machine, moment, first, count
):
    for number in range(100):
        add_session(long_programme, f"Extra {number}", f"2019-10-30 {12 + number // 60}:{number % 60:02}", minutes=21)
    time_machine.move_to(moment, tick=False)
    root = page(client.get("/long/"))

    assert (listed(root)[0], len(listed(root))) == (first, count)
    whole = root.link("Show all 301 talks of this day")
    assert len(listed(page(client.get(f"/long/{whole}")))) == 301
    assert len(page(client.get(f"/long/{whole}")).all("p.take-away")) == 1


def test_programme_of_200_sessions_is_shown_whole(client, long_programme):
    pks = list(Session.objects.order_by("start").values_list("pk", flat=True))
    Session.objects.filter(pk__in=pks[100:-100]).delete()

    assert day_shown(page(client.get("/long/"))) == (["Wednesday, 30 October", "Friday, 1 November"], ["All"], 200)
