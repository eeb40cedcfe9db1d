"""How a mail and the editing pages say a session that ends on another day, or moved to one."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from agenda.admin.words import span
from agenda.models import Session
from agenda.programme.history import headline, in_a_sentence, shown_now
from tests.agenda.kvm_forum import add_event, add_session

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


@pytest.fixture
def hackathon(db: None) -> Session:
    event = add_event("hack-days", "Europe/Berlin", "2019-11-01", "2019-11-02")
    return add_session(event, "Hackathon", "2019-11-01 10:00", minutes=32 * 60)


def test_sentence_says_the_ends_day(hackathon):
    was = shown_now(hackathon)._replace(end=hackathon.start + timedelta(hours=1))

    assert in_a_sentence(hackathon, was, BERLIN) == (
        "“Hackathon” is now on Friday 1 November, 10:00 – Sat 18:00 CET, UTC+1; it was at 10:00–11:00."
    )
    assert headline(hackathon, was, BERLIN) == "Now ends at Sat 18:00: Hackathon"


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (-DAY, "it was at Thu 10:00 – Fri 18:00."),
        (timedelta(hours=1), "it was at 11:00 – Sat 19:00."),
        (14 * DAY, "it was at Fri 15 Nov, 10:00 – Sat 18:00."),
    ],
)
def test_sentence_says_the_days_it_was_on(hackathon, moved, words):
    was = shown_now(hackathon)._replace(start=hackathon.start + moved, end=hackathon.end + moved)

    assert in_a_sentence(hackathon, was, BERLIN).partition("; ")[2] == words


def test_editors_read_the_ends_day(hackathon):
    assert span(hackathon) == "Fri 1 Nov 2019, 10:00 – Sat 18:00 CET"
