"""What was chosen for a calendar, as its row holds it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.calendars.options import ALARMS, Options, options_of
from agenda.models import Session
from tests.agenda.kvm_forum import BEFORE

any_options = st.builds(
    Options,
    alarm=st.sampled_from(ALARMS),
    drops_cancelled=st.booleans(),
    in_event_zone=st.booleans(),
    events=st.none() | st.frozensets(st.integers(1, 9)),
)


def test_calendar_nothing_was_chosen_for_shows_all_without_alarm_in_utc():
    assert options_of({}) == Options(alarm=0, drops_cancelled=False, in_event_zone=False, events=None)


def test_what_differs_from_the_defaults_is_stored():
    options = Options(alarm=15, drops_cancelled=True, in_event_zone=True, events=frozenset((3, 1)))

    assert Options().stored() == {}
    assert options.stored() == {"alarm": 15, "cancelled": "drop", "times": "zone", "events": [1, 3]}


@given(any_options)
def test_any_options_come_back(options):
    assert options_of(json.loads(json.dumps(options.stored()))) == options


@pytest.mark.parametrize(
    ("events", "shown"), [(None, True), (frozenset((1, 2)), True), (frozenset((2,)), False), (frozenset(), False)]
)
def test_events_that_were_not_chosen_are_not_shown(events, shown):
    assert Options(events=events).shows(1) is shown


@pytest.mark.parametrize("status", Session.Status.values)
@pytest.mark.parametrize("published", [True, False, 1, 0])  # SQLite has numbers
@pytest.mark.parametrize("drops", [True, False])
def test_calendar_holds_what_is_published_and_not_cancelled_where_that_is_dropped(status, published, drops):
    session = Session(status=status, is_published=published, start=BEFORE)

    assert Options(drops_cancelled=drops).holds(session) is (bool(published) and not (drops and status == "cancelled"))


def test_calendar_holds_nothing_without_a_time():
    assert not Options().holds(Session(status="confirmed", is_published=True))


def test_calendar_shows_the_events_that_were_chosen_or_all():
    shown = [Options(events=events).shows(3) for events in (None, frozenset((1, 3)), frozenset((1,)), frozenset())]

    assert shown == [True, True, False, False]
