"""Sessions as rows: days, the breaks between them, and what was deleted a moment ago."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.html import escape

from agenda.editing.changes import recording
from agenda.models import Event, Session
from agenda.programme.hours import LineFacts, ProgrammeList
from agenda.programme.rows import ProgrammeDay, Slot, article, days, public_slots, slots
from tests.agenda.kvm_forum import add_session
from tests.pages import read_html


def shown(event: Event, rows: list[Slot], *, with_breaks: bool = True) -> list[ProgrammeDay]:
    return days(event, rows, starred=set(), zone=event.zone, full=False, with_breaks=with_breaks)


def pauses(day: ProgrammeDay) -> list[timedelta]:
    return [row.pause for row in day.rows if row.pause]


def test_slots_are_in_order_and_have_their_version(kvm_forum, opening):
    first = slots(Session.objects.all())[0]

    assert (first.pk, first.start, first.end) == (opening.pk, opening.start, opening.end)
    assert first.version == (opening.pk, opening.updated)


def test_rows_are_grouped_by_day(kvm_forum):
    found = shown(kvm_forum, slots(Session.objects.all()))

    assert [(day.date, len(day.rows)) for day in found] == [(date(2019, 10, 31), 9), (date(2019, 11, 1), 11)]


def test_row_is_starred_for_whom_it_is(kvm_forum, opening):
    rows = slots(Session.objects.all())
    thursday, _ = days(kvm_forum, rows, starred={opening.pk}, zone=kvm_forum.zone, full=False, with_breaks=True)

    pressed = [read_html(row.html).one("button.star")["aria-pressed"] for row in thursday.rows]

    assert pressed == ["true"] + ["false"] * 8


def test_no_break_while_a_longer_session_is_on(kvm_forum):
    add_session(kvm_forum, "All morning", "2019-10-31 11:00", minutes=180)

    thursday, _ = shown(kvm_forum, slots(Session.objects.all()))

    assert pauses(thursday) == [timedelta(minutes=30)]


@pytest.mark.parametrize(("with_breaks", "count"), [(True, 2), (False, 0)])
def test_breaks_are_told_on_demand(kvm_forum, with_breaks, count):
    thursday, _ = shown(kvm_forum, slots(Session.objects.all()), with_breaks=with_breaks)

    assert len(pauses(thursday)) == count


def test_session_that_begins_as_a_day_ends_is_the_next_day_s(kvm_forum):
    early = add_session(kvm_forum, "Before breakfast", "2019-11-01 04:00")
    thursday, friday = ([slot.pk for slot in public_slots(kvm_forum, day)] for day in kvm_forum.days)

    assert early.pk not in thursday
    assert early.pk in friday


def test_session_deleted_meanwhile_is_left_out(kvm_forum):
    start, end = kvm_forum.day_bounds(date(2019, 10, 31))
    gone = Slot(0, datetime(2019, 10, 1, tzinfo=UTC), start, end)

    thursday, _ = shown(kvm_forum, [gone, *slots(Session.objects.all())])

    assert len(thursday.rows) == 9
    assert shown(kvm_forum, []) == []


@pytest.mark.parametrize("unpublished", [True, False])
def test_page_shows_the_new_title_of_a_neighbour(kvm_forum, opening, unpublished):
    neighbours = [opening.event.sessions.in_order()[1], add_session(kvm_forum, "Beside", "2019-10-31 11:00")]

    def shown() -> list[bool]:
        found = article(opening, unpublished=unpublished, zone=kvm_forum.zone, starred=False)
        rows = ProgrammeList(
            event=kvm_forum,
            zone=kvm_forum.zone,
            starred=set(),
            moment=opening.start,
            facts=LineFacts(track=True, room=True),
        )
        return [
            escape(neighbour.title) in "".join((*found[:3], rows.rows(found.meanwhile))) for neighbour in neighbours
        ]

    assert shown() == [True, True]
    for neighbour in neighbours:
        neighbour.title += ", the second edition"
        with recording([neighbour.pk], by=None) as recorded:
            recorded.change(neighbour, ["title"])
    assert shown() == [True, True]


@pytest.mark.parametrize("unpublished", [True, False])
def test_page_forgets_a_neighbour_that_is_deleted(kvm_forum, opening, unpublished):
    beside, _newer = (add_session(kvm_forum, title, "2019-10-31 11:00") for title in ("Beside", "Newer"))

    def names_it() -> bool:
        found = article(opening, unpublished=unpublished, zone=kvm_forum.zone, starred=False)
        return beside.pk in [slot.pk for slot in found.meanwhile]

    assert names_it()
    beside.delete()
    assert not names_it()
