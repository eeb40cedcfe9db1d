"""An event's other days or another zone: its form asks what becomes of the sessions that they concern."""

from __future__ import annotations

import pytest

from agenda.models import Event, Session, SessionRevision
from tests.agenda.admin.editing import address, change, errors, filled, messages, page
from tests.agenda.kvm_forum import BEFORE, add_session, session_of

pytestmark = pytest.mark.any_database

LATER = {"starts_on": "07/11/2019", "ends_on": "08/11/2019"}
LAST_DAY = {"ends_on": "31/10/2019"}
FIRST_DAY = {"starts_on": "01/11/2019"}
LONDON = {"time_zone": "Europe/London"}
ALL = "Choose what becomes of 20 sessions."
FIRST = (
    "“Managing Matryoshkas: Testing Nested Guests”, “Nesting&testing”, “KVM latency and scalability performance tuning”"
)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def starts():
    return dict(Session.objects.values_list("title", "start"))


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        (LATER, f"{ALL} If kept, 20 sessions would be outside its days: "),
        (FIRST_DAY, f"{ALL} If kept, 9 sessions would be outside its days: "),
        (LAST_DAY, "Choose what becomes of 11 sessions. If kept, 11 sessions would be outside its days: "),
        (LONDON, ALL),
        ({"starts_on": "30/10/2019"}, ALL),
    ],
)
def test_other_days_or_zone_are_refused_until_it_is_said_what_becomes_of_the_sessions(
    desk, kvm_forum, fields, question
):
    before = starts()

    response = change(desk, kvm_forum, **fields, city="Villeurbanne")

    ((field, (asked,)),) = errors(response).items()
    assert (field, asked.partition(": ")[0] + ": " if ": " in asked else asked) == ("its_sessions", question)
    kept = {name: page(response).one("input", name=name)["value"] for name in (*fields, "city")}
    assert kept == fields | {"city": "Villeurbanne"}
    assert Event.objects.get().city == "Lyon"
    assert starts() == before


def test_question_names_the_first_sessions_that_would_be_outside(desk, kvm_forum):
    (asked,) = errors(change(desk, kvm_forum, **FIRST_DAY))["its_sessions"]

    titles = kvm_forum.sessions.in_order().values_list("title", flat=True)[:3]
    assert asked.endswith(f"outside its days: {', '.join(f'“{title}”' for title in titles)} and others.")


@pytest.mark.parametrize("fields", [{"ends_on": "02/11/2019"}, {"city": "Lille"}, {}])
def test_change_that_concerns_no_session_asks_nothing(desk, kvm_forum, fields):
    assert filled(desk, address(kvm_forum))["its_sessions"] == ""
    assert change(desk, kvm_forum, **fields).redirect_chain != []


def test_event_without_sessions_asks_nothing(desk, kvm_forum):
    Session.objects.all().delete()

    assert change(desk, kvm_forum, **LATER, **LONDON).redirect_chain != []


def test_session_that_was_outside_before_asks_nothing(desk, kvm_forum):
    add_session(kvm_forum, "Excursion", "2019-11-20 10:00")

    assert change(desk, kvm_forum, ends_on="02/11/2019").redirect_chain != []
    assert change(desk, kvm_forum, ends_on="01/11/2019").redirect_chain != []


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        (LATER, "2019-11-07T10:00:00+00:00"),
        (LONDON, "2019-10-31T11:00:00+00:00"),
        ({"starts_on": "30/03/2020", "ends_on": "31/03/2020"}, "2020-03-30T09:00:00+00:00"),
    ],
)
def test_sessions_shift_along_with_the_event_if_that_is_chosen(desk, opening, fields, start):
    response = change(desk, opening.event, **fields, its_sessions="shift")

    opening.refresh_from_db()
    assert opening.start.isoformat() == start
    assert set(opening.revisions.get().changes) == {"start", "end"}
    assert messages(response)[0] == "Shifted 20 sessions along."


def test_sessions_after_a_new_last_day_shift_to_that_day(desk, kvm_forum, editor):
    first, second = session_of("Managing"), session_of("Hybird")

    response = change(desk, kvm_forum, **LAST_DAY, its_sessions="shift")

    assert messages(response)[0] == "Shifted 11 sessions along."
    assert Session.objects.get(pk=first.pk).start == first.start
    moved = Session.objects.get(pk=second.pk)
    assert f"{moved.start:%d %H:%M}, {moved.duration == second.duration}" == "31 10:00, True"
    assert set(SessionRevision.objects.values_list("by", flat=True)) == {editor.pk}


def test_sessions_that_are_kept_outside_are_named(desk, kvm_forum):
    before = starts()

    response = change(desk, kvm_forum, **FIRST_DAY, its_sessions="keep")

    titles = kvm_forum.sessions.in_order().values_list("title", flat=True)[:3]
    named = f"{', '.join(f'“{title}”' for title in titles)} and others"
    assert f"{Event.objects.get().starts_on}" == "2019-11-01"
    assert starts() == before
    assert messages(response)[0] == (f"Outside its days now: 9 sessions, {named}. Move or cancel what no longer fits.")


def test_sessions_that_are_kept_in_another_zone_are_said_to_show_it(desk, kvm_forum):
    response = change(desk, kvm_forum, **LONDON, its_sessions="keep")

    assert messages(response)[0] == (
        "Sessions keep their moment in time and now show it in Europe/London. Check their hours."
    )
    assert set(Session.objects.values_list("updated", flat=True)) == {BEFORE}
