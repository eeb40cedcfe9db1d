"""My agenda as a calendar: a day by hours, free time as white space, talks that overlap side by side."""

from __future__ import annotations

import pytest

from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import rank
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import DURING, add_event, add_session
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

CALENDAR = "/agenda/?view=calendar"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(DURING, tick=False)


@pytest.fixture
def calendar(client, alice):
    """What Alice reads there."""
    client.force_login(alice)
    return lambda query="": page(client.get(CALENDAR + query))


def star(user, *sessions: Session) -> None:
    Star.objects.bulk_create(Star(user=user, session=session) for session in sessions)


def lines(table: Element) -> list[list[str]]:
    return [[cell.one("h3").text if cell.all("h3") else cell.text for cell in row.children] for row in table.all("tr")]


def test_day_has_its_hours_and_what_overlaps_side_by_side(calendar, alice, opening):
    keynote = add_session(opening.event, "Keynote", "2019-10-31T11:15", minutes=90)
    dinner = add_session(opening.event, "Dinner", "2019-10-31T14:30")
    star(alice, opening, keynote, dinner)

    (table,) = calendar().all("table")

    assert lines(table) == [
        ["11:00 now 11:10", opening.title, ""],
        ["11:15", "Keynote"],
        ["12:00", ""],
        ["13:00", ""],
        ["14:00", ""],
        ["14:30", "Dinner"],
    ]
    assert table.texts("p.overlap") == ["overlaps 1 ★", "overlaps 1 ★"]
    assert table.texts("p.place") == ["Forum 3"]
    assert table.all("button.star", aria_pressed="true")[2]["id"] == f"star-{dinner.pk}"


def test_day_that_is_over_comes_last_while_the_event_runs(calendar, alice, opening):
    evening = add_session(opening.event, "Evening", "2019-10-30T18:00")
    star(alice, evening, opening, add_session(opening.event, "Keynote", "2019-11-01T09:00"))

    assert [table.texts("h3") for table in calendar().all("table")] == [[opening.title], ["Keynote"], ["Evening"]]


def test_backup_choice_and_cancelled_talk_clash_with_nothing(calendar, alice, opening):
    keynote = add_session(opening.event, "Keynote", "2019-10-31T11:00")
    star(alice, opening, keynote, add_session(opening.event, "Panel", "2019-10-31T11:00", status="cancelled"))
    rank(alice, keynote, in_case_of=opening, through=StarLog.Through.PAGE)

    (table,) = calendar().all("table")

    assert table.texts("p.overlap") == ["backup choice"]
    assert [cell.one("h3").text for cell in table.all("td.cancelled")] == ["Panel"]


def test_just_unstarred_talk_stays_with_a_way_back(calendar, alice, opening):
    star(alice, add_session(opening.event, "Keynote", "2019-10-31T11:00"))

    root = calendar(f"&unstarred={opening.guid}")

    assert root.texts("p.unstarred") == [f"Unstarred · Undo and star {opening.title} again"]
    assert root.one("button.star", id=f"star-{opening.pk}")["aria-pressed"] == "false"
    assert root.one("div.columns")["hx-get"] == CALENDAR


def test_each_day_and_event_has_its_own_table(calendar, alice, opening):
    india = add_event("india", "Asia/Kolkata", "2019-11-03", "2019-11-03")
    star(alice, opening, add_session(india, "Chai", "2019-11-03T10:15"))

    root = calendar()

    assert [lines(table)[0] for table in root.all("table")] == [
        ["11:00 now 11:10", opening.title],
        ["10:00 now 15:40", ""],
    ]
    assert root.one("nav.layouts").link("List") == "/agenda/?"
    assert root.one("nav.layouts").one("a", aria_current="true").text == "Calendar"


@pytest.mark.parametrize("count", [1, 3])
def test_calendar_takes_as_many_queries_for_1_and_3(client, alice, kvm_forum, django_assert_num_queries, count):
    star(alice, *Session.objects.order_by("start")[:count])
    client.force_login(alice)
    VersionCache.clear_all()
    client.get(CALENDAR)

    with django_assert_num_queries(7):  # as many as the list
        client.get(CALENDAR)


@pytest.mark.parametrize("address", ["/agenda/", CALENDAR])
def test_each_talk_has_one_star_also_where_it_is_on_the_card(client, alice, opening, address):
    keynote = add_session(opening.event, "Keynote", "2019-10-31T11:00")
    after = add_session(opening.event, "After", "2019-10-31T11:40")
    star(alice, opening, keynote, after)
    client.force_login(alice)

    found = page(client.get(address))

    assert [title in found.one("section", id="mine-now").text for title in ("Keynote", "After")] == [True, True]
    assert sorted(button["id"] for button in found.all("button.star")) == sorted(
        f"star-{session.pk}" for session in (opening, keynote, after)
    )
