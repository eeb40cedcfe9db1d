"""The state of a programme, by which what was made of it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Max

from agenda.models import Event, Session
from agenda.models.session import as_seen
from agenda.programme.state import changed, public_state, whole_state
from agenda.version_cache import EPOCH
from tests.agenda.kvm_forum import add_event


@pytest.fixture
def sessions(kvm_forum) -> list[Session]:
    """The three that the next test hides and changes."""
    return list(kvm_forum.sessions.in_order()[:3])


@pytest.mark.parametrize("hidden", [(), (0,), (0, 1), (0, 1, 2)])
@pytest.mark.parametrize("others", [True, False])
def test_state_is_what_all_rows_say(kvm_forum, sessions, hidden, others):
    if not others:
        kvm_forum.sessions.exclude(pk__in=[each.pk for each in sessions]).delete()
    newest = max(each.updated for each in sessions)
    for number, session in enumerate(sessions):
        is_hidden, at = number in hidden, newest + timedelta(minutes=number)
        Session.objects.filter(pk=session.pk).update(  # as the editing area does: hidden, and edited afterwards
            updated=at + timedelta(hours=1), is_published=not is_hidden, hidden_at=at if is_hidden else None
        )

    public, whole = kvm_forum.sessions.published(), kvm_forum.sessions.all()
    latest = public.aggregate(latest=Max("updated"))["latest"]
    assert public_state(kvm_forum.slug) == (public.count(), latest or EPOCH, "")
    assert whole_state(kvm_forum.slug) == (whole.count(), newest + timedelta(minutes=2, hours=1), "")
    assert changed(kvm_forum) == whole.aggregate(latest=Max(as_seen()))["latest"]


def test_other_events_change_no_state(kvm_forum):
    empty = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")

    assert (public_state(empty.slug), whole_state(empty.slug), changed(empty)) == (
        (0, EPOCH, ""),
        (0, EPOCH, ""),
        EPOCH,
    )
    assert public_state("nowhere") is whole_state("nowhere") is None
    Event.objects.filter(pk=kvm_forum.pk).update(state=Event.State.ANNOUNCED)
    assert public_state(kvm_forum.slug) is None
    assert whole_state(kvm_forum.slug).version.startswith("20-")
