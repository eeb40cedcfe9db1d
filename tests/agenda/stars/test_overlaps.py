"""What overlaps and what is free, of plain spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.stars.overlaps import Span, gaps, overlaps, shared

MIDNIGHT = datetime(2019, 10, 31, tzinfo=UTC)


def span(start: float, end: float) -> Span:
    """Hours of one day."""
    return Span(MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=end))


quarters = st.integers(0, 40)
days = st.lists(st.builds(lambda start, length: span(start / 4, (start + length + 1) / 4), quarters, quarters))


@pytest.mark.parametrize(
    ("one", "other", "hours"),
    [
        (span(9, 10), span(9.5, 11), 0.5),
        (span(9, 12), span(10, 11), 1),
        (span(9, 10), span(9, 10), 1),
        (span(9, 10), span(10, 11), 0),
        (span(9, 10), span(12, 13), 0),
    ],
)
def test_shared_time_is_the_same_both_ways(one, other, hours):
    assert shared(one, other) == shared(other, one) == timedelta(hours=hours)


def test_overlaps_are_pairs_in_order_of_start():
    long, early, late = span(9, 12), span(9.5, 10), span(11, 13)

    assert overlaps([late, early, long]) == [(long, early), (long, late)]


def test_sessions_that_touch_do_not_overlap():
    assert overlaps([span(9, 10), span(10, 11)]) == []


def test_three_at_once_are_three_pairs():
    assert len(overlaps([span(9, 10), span(9, 10), span(9, 10)])) == 3


@given(days)
def test_overlaps_are_all_pairs_that_share_time(spans):
    pairs = [(one, other) for number, one in enumerate(spans) for other in spans[number + 1 :]]

    assert len(overlaps(spans)) == sum(shared(one, other) > timedelta(0) for one, other in pairs)


def test_gaps_lie_between_first_start_and_last_end():
    assert gaps([span(13, 14), span(9, 10), span(10, 11)]) == [span(11, 13)]


def test_gap_is_not_told_while_a_long_session_is_on():
    assert gaps([span(9, 13), span(9.5, 10), span(11, 12), span(14, 15)]) == [span(13, 14)]


def test_no_sessions_have_no_gap():
    assert gaps([]) == []


@given(days)
def test_gaps_and_sessions_share_no_time(spans):
    free = gaps(spans)

    assert [(gap, busy) for gap in free for busy in spans if shared(gap, busy)] == []
    assert all(gap.length > timedelta(0) for gap in free)


def test_span_knows_its_length():
    assert span(9, 10.25).length == timedelta(hours=1, minutes=15)
