"""What is on now and next, by the clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agenda.models import Session, Star
from tests.agenda.kvm_forum import AFTER, BEFORE, DURING, KVM, add_event, add_session
from tests.pages import Element, page

NOW = f"{KVM}now/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


def shown(root: Element) -> dict[str, list[str]]:
    """The titles under each heading."""
    lists = [programme.texts("h3.title") for programme in root.all("ol.programme")]
    return dict(zip(root.texts("h2.day"), lists, strict=True))


def test_during_a_session_it_and_the_next_are_shown(client, kvm_forum):
    root = page(client.get(NOW))

    assert shown(root) == {
        "On now": ["Managing Matryoshkas: Testing Nested Guests"],
        "Next: Thursday, 31 October": ["Nesting&testing"],
    }
    assert root.one("div.page-head").one("div.sub").text.startswith("It is Thursday, 11:10 · times in CET")


def test_session_that_begins_is_on_and_one_that_ends_is_not(client, kvm_forum, time_machine):
    time_machine.move_to(datetime(2019, 10, 31, 10, 30, tzinfo=UTC), tick=False)

    assert shown(page(client.get(NOW)))["On now"] == ["Nesting&testing"]


def test_before_the_event_its_first_session_is_next(client, kvm_forum, time_machine):
    time_machine.move_to(BEFORE, tick=False)

    root = page(client.get(NOW))

    assert root.one("p.notice").text == "Nothing is on right now."
    assert shown(root) == {"Next: Thursday, 31 October": ["Managing Matryoshkas: Testing Nested Guests"]}


def test_in_the_evening_tomorrow_is_next(client, kvm_forum, time_machine):
    time_machine.move_to(datetime(2019, 10, 31, 20, 0, tzinfo=UTC), tick=False)

    assert list(shown(page(client.get(NOW)))) == ["Next: Friday, 1 November"]


def test_everything_that_begins_together_is_next(client, kvm_forum):
    add_session(kvm_forum, "Keynote", "2019-10-31 11:30", minutes=90)

    assert shown(page(client.get(NOW)))["Next: Thursday, 31 October"] == ["Nesting&testing", "Keynote"]


def test_after_the_last_session_nothing_is_on(client, kvm_forum, time_machine):
    time_machine.move_to(datetime(2019, 11, 1, 20, 0, tzinfo=UTC), tick=False)

    root = page(client.get(NOW))

    assert (root.one("p.notice").text, shown(root)) == ("Nothing is on right now.", {})


def test_after_the_event_it_is_over(client, kvm_forum, time_machine):
    time_machine.move_to(AFTER, tick=False)

    root = page(client.get(NOW))

    assert root.one("p.badge").text == "KVM Forum 2019 has ended"
    assert root.one("div.empty").link("Read the programme") == KVM
    assert root.all("ol.programme") == []


def test_after_midnight_the_evening_is_still_on(client, db, time_machine):
    event = add_event("night-talks", "Europe/Paris", "2019-10-31", "2019-10-31")
    add_session(event, "Jam", "2019-11-01 01:30", minutes=60)
    time_machine.move_to(datetime(2019, 11, 1, 1, 0, tzinfo=UTC), tick=False)

    root = page(client.get("/night-talks/now/"))

    assert shown(root) == {"On now": ["Jam"]}
    assert root.one("div.page-head").one("div.sub").text.startswith("It is Friday, 02:00")


def test_cancelled_session_is_not_on(client, opening):
    Session.objects.filter(pk=opening.pk).update(status="cancelled")

    assert list(shown(page(client.get(NOW)))) == ["Next: Thursday, 31 October"]


@pytest.mark.parametrize(("who", "headings"), [("visitor", 1), ("alice", 1), ("editor", 2)])
def test_unpublished_session_is_for_editors_alone(client, request, opening, who, headings):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    assert len(shown(page(client.get(NOW)))) == headings


def test_stars_are_pressed_for_whom_they_are(client, opening, alice, bob):
    Star.objects.create(user=alice, session=opening)
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        pressed.append([star["aria-pressed"] for star in page(client.get(NOW)).all("button.star")])

    assert pressed == [["true", "false"], ["false", "false"]]


def test_unknown_event_is_not_found(client, kvm_forum):
    assert client.get("/nothing/now/").status_code == 404


def test_other_methods_are_refused(client, kvm_forum):
    assert client.post(NOW).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_now_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    for number in range(count - 1):
        add_session(kvm_forum, f"Meanwhile {number}", "2019-10-31 11:00")

    with django_assert_num_queries(10):  # event, sessions; and twice four for rows that are not kept yet
        client.get(NOW)
    with django_assert_num_queries(2):
        client.get(NOW)
