"""The form of a session says what takes place instead of it; what replaces another is not deleted."""

from __future__ import annotations

import pytest

from agenda.models import Session
from tests.agenda.admin.editing import address, change, errors
from tests.agenda.kvm_forum import add_event, add_session


@pytest.fixture
def talks(db: None) -> list[Session]:
    events = [add_event(slug, "UTC", "2026-03-01", "2026-03-02") for slug in ("spring", "summer")]
    ants, bees = (add_session(events[0], title, "2026-03-01 10:00") for title in ("Ants", "Bees"))
    return [ants, bees, add_session(events[1], "Cats", "2026-03-01 10:00")]


def test_replacement_is_saved_and_recorded_and_stays_while_it_is_needed(desk, talks):
    ants, bees, _ = talks
    change(desk, ants, status="cancelled", replaced_by=str(bees.pk))

    ants.refresh_from_db()
    assert (ants.replaced_by, ants.revisions.get().changes["replaced_by"]) == (bees, ["", "Bees"])
    said = desk.post(address(bees, "delete"), {"post": "yes"}, follow=True).content.decode()
    assert "takes place instead of" in said
    change(desk, ants, replaced_by="")
    desk.post(address(bees, "delete"), {"post": "yes"})
    assert not Session.objects.filter(pk=bees.pk).exists()


def test_replacement_is_another_session_of_the_event(desk, talks):
    ants, _, cats = talks

    itself = change(desk, ants, replaced_by=str(ants.pk))
    elsewhere = change(desk, ants, replaced_by=str(cats.pk))

    assert errors(itself) == {"replaced_by": ["It cannot take place instead of itself."]}
    said = "“Cats” is a session of Summer, not of Spring. Choose another."
    assert errors(elsewhere) == {"replaced_by": [said]}
