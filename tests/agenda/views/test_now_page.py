"""What is on now and next, by the clock: mine, in each room, and on a screen in the lobby."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agenda.models import Room, Session, Star, Walk
from tests.agenda.kvm_forum import AFTER, BEFORE, DURING, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

NOW = f"{KVM}now/"
SCREEN = f"{NOW}?screen=1"
OPENING = "Managing Matryoshkas: Testing Nested Guests"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


def shown(root: Element) -> dict[str, list[str]]:
    """What each room's row says, by its heading."""
    rows = [row for rooms in root.all("ul.room-now") for row in rooms.all("li")]
    return {
        row.one("h3").text: [line.text.rstrip("☆★") for line in row.every() if "line" in line.classes] for row in rows
    }


def test_each_room_has_what_is_on_and_what_follows(client, kvm_forum):
    bay = Room.objects.create(event=kvm_forum, name="Bay", slug="bay", position=9)
    add_session(kvm_forum, "Late", "2019-10-31 17:00", room=bay)

    root = page(client.get(NOW))

    assert shown(root) == {
        "Forum 3 · 20 min left": [f"now {OPENING}", "11:30 Nesting&testing"],
        "Bay · free now": ["17:00 Late"],
    }
    assert root.one("div.page-head").one("div.sub").text.startswith("It is Thursday, 11:10 · times in CET")
    assert [time["datetime"] for time in root.all("time") if "data-minutes" in time.attributes] == [
        "2019-10-31T11:30:00+01:00"
    ]


def test_session_that_begins_is_on_and_one_that_ends_is_not(client, kvm_forum, time_machine):
    time_machine.move_to(datetime(2019, 10, 31, 10, 30, tzinfo=UTC), tick=False)

    assert shown(page(client.get(NOW)))["Forum 3 · 30 min left"][0] == "now Nesting&testing"


@pytest.mark.parametrize(
    ("moment", "heading", "rows"),
    [
        (BEFORE, "Next: Thursday, 31 October", {"Forum 3": [f"11:00 {OPENING}"]}),
        (
            datetime(2019, 10, 31, 20, tzinfo=UTC),
            "Next: Friday, 1 November",
            {"Forum 3": ["09:00 What's Going On? Taking Advantage of TCG's Total System Awareness"]},
        ),
        (datetime(2019, 11, 1, 20, tzinfo=UTC), None, {}),
    ],
)
def test_once_nothing_is_left_of_today_the_next_day_is_shown(client, kvm_forum, time_machine, moment, heading, rows):
    time_machine.move_to(moment, tick=False)

    root = page(client.get(NOW))

    assert root.one("p.notice").text == "Nothing is on right now."
    assert root.texts("h2.day") == ([heading] if heading else [])
    assert shown(root) == rows


def test_all_that_begin_together_in_a_room_follow_and_what_has_no_room_comes_last(client, opening):
    add_session(opening.event, "Also", "2019-10-31 11:30", minutes=90, room=opening.room)
    add_session(opening.event, "Nowhere", "2019-10-31 11:00")

    assert shown(page(client.get(NOW))) == {
        "Forum 3 · 20 min left": [f"now {OPENING}", "11:30 Also", "11:30 Nesting&testing"],
        "No room yet · 20 min left": ["now Nowhere"],
    }


def test_after_the_event_it_is_over(client, kvm_forum, time_machine):
    time_machine.move_to(AFTER, tick=False)

    root = page(client.get(NOW))

    assert root.one("p.badge").text == "KVM Forum 2019 has ended"
    assert root.one("div.empty").link("Read the programme") == KVM
    assert (shown(root), root.all("div", id="fresh")) == ({}, [])


def test_after_midnight_the_evening_is_still_on(client, db, time_machine):
    event = add_event("night-talks", "Europe/Paris", "2019-10-31", "2019-10-31")
    add_session(event, "Jam", "2019-11-01 01:30", minutes=60)
    time_machine.move_to(datetime(2019, 11, 1, 1, 0, tzinfo=UTC), tick=False)

    root = page(client.get("/night-talks/now/"))

    assert shown(root) == {"No room yet · 30 min left": ["now Jam"]}
    assert root.one("div.page-head").one("div.sub").text.startswith("It is Friday, 02:00")


@pytest.mark.parametrize(("who", "on"), [("visitor", 0), ("alice", 0), ("editor", 1)])
@pytest.mark.parametrize("field", [{"is_published": False}, {"status": "cancelled"}])
def test_what_is_hidden_is_on_for_editors_alone_and_what_is_cancelled_for_nobody(
    client, request, opening, who, on, field
):
    Session.objects.filter(pk=opening.pk).update(**field)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    lines = [line for lines in shown(page(client.get(NOW))).values() for line in lines]

    assert sum(line.startswith("now") for line in lines) == (on if "is_published" in field else 0)


def card(root: Element) -> list[str]:
    return [
        f"{line.one('p.label').text} | {line.one('h2').text}" for line in root.one("section", id="mine-now").all("div")
    ]


def test_card_has_my_talks_and_bob_has_none(client, opening, alice, bob):
    add_session(opening.event, "Choice", "2019-10-31 11:30")
    for title in (OPENING, "Nesting", "Choice", "KubeVirt"):
        Star.objects.create(user=alice, session=session_of(title))
    Star.objects.filter(session=session_of("Choice")).update(in_case_of=session_of("Nesting"))
    client.force_login(alice)

    for address in (NOW, KVM):
        root = page(client.get(address))
        assert card(root) == [
            f"Now until 11:30 · Forum 3 | {OPENING}",
            "Next in 20 min · Forum 3 | Nesting&testing",
        ]
        assert (root.one("progress")["value"], root.one("progress")["max"]) == ("600", "1800")

    client.force_login(bob)
    assert page(client.get(NOW)).all("section", id="mine-now") == []


@pytest.mark.parametrize(
    ("usual", "given", "said"), [(0, None, ""), (4, None, "4"), (4, 9, "9"), (0, 9, "9"), (4, 0, "")]
)
def test_card_says_when_to_leave(client, opening, usual, given, said):
    bay = Room.objects.create(event=opening.event, name="Bay", slug="bay")
    opening.event.walking_minutes = usual
    opening.event.save()
    if given is not None:
        Walk.objects.create(event=opening.event, room=bay, other=opening.room, minutes=given)
    for session in (opening, add_session(opening.event, "Far", "2019-10-31 11:30", room=bay)):
        client.post(f"{session.get_absolute_url()}star")

    leave = {"4": "11:26", "9": "11:21"}.get(said)
    walk = f" ({said} min walk) · leave at {leave}" if said else ""
    assert card(page(client.get(NOW)))[1] == f"Next in 20 min · Bay{walk} | Far"


def test_nobody_walks_to_the_room_that_they_are_in(client, opening):
    opening.event.walking_minutes = 4
    opening.event.save()
    for title in (OPENING, "Nesting"):
        client.post(f"{session_of(title).get_absolute_url()}star")

    assert "walk" not in card(page(client.get(NOW)))[1]


def test_tomorrows_talk_is_on_no_card(client, kvm_forum):
    client.post(f"{session_of('KubeVirt').get_absolute_url()}star")

    assert page(client.get(NOW)).all("section", id="mine-now") == []


def test_screen_is_the_same_for_all_and_shows_the_rooms_asked_for(client, opening, editor):
    bay = Room.objects.create(event=opening.event, name="Bay", slug="bay", position=9)
    add_session(opening.event, "Draft", "2019-10-31 11:00", room=bay, is_published=False)
    add_session(opening.event, "Late", "2019-10-31 17:00", room=bay)
    client.force_login(editor)

    every, one = page(client.get(SCREEN)), page(client.get(f"{SCREEN}&room=bay"))

    assert (every.texts("h2"), one.texts("h2")) == (["Forum 3", "Bay"], ["Bay"])
    assert every.texts("h3") == [OPENING, "Nesting&testing", "Late"]
    assert every.texts("p.label") == ["Now, until 11:30", "11:30, in 20 min", "17:00, in 5 h 50 min"]
    assert [each.all(name) for each in (every, one) for name in ("a", "button", "form")] == [[]] * 6


@pytest.mark.parametrize(
    ("moment", "labels"),
    [(BEFORE, ["Thursday, 31 October", "11:00"]), (datetime(2019, 11, 1, 20, tzinfo=UTC), ["Nothing is on any more."])],
)
def test_screen_says_the_next_day_or_that_all_is_over(client, kvm_forum, time_machine, moment, labels):
    time_machine.move_to(moment, tick=False)

    assert page(client.get(SCREEN)).texts("p.label") == labels


def test_stars_of_what_follows_are_pressed_for_whom_they_are(client, opening, alice, bob):
    for title in (OPENING, "Nesting"):
        Star.objects.create(user=alice, session=session_of(title))
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        pressed.append([star["aria-pressed"] for star in page(client.get(NOW)).all("button.star")])

    assert pressed == [["true"], ["false"]]


def test_unknown_event_is_not_found(client, kvm_forum):
    assert client.get("/nothing/now/").status_code == 404


def test_other_methods_are_refused(client, kvm_forum):
    assert client.post(NOW).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_now_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, alice, count):
    for number in range(count - 1):
        add_session(kvm_forum, f"Meanwhile {number}", "2019-10-31 11:00")
    Star.objects.bulk_create(
        Star(user=alice, session=each) for each in Session.objects.filter(start__lt=DURING + timedelta(hours=count))
    )
    client.force_login(alice)
    client.get(KVM)

    # Cookie session, user, events, stars, version, backup choices.
    client.get(NOW)
    with django_assert_num_queries(6):
        client.get(NOW)
