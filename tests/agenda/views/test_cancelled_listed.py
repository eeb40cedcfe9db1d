"""An event's choice: the programme lists its cancelled talks, struck through, or leaves them out; calendars know."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from agenda.models import Event, RowRevision, Session
from agenda.stars.starring import star
from tests.agenda.admin.editing import change
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def bees(db: None) -> Session:
    """Cancelled, in an event that does not list such talks."""
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    Event.objects.update(lists_cancelled=False)
    add_session(event, "Ants", "2026-03-01 10:00")
    return add_session(event, "Bees", "2026-03-01 11:00", status="cancelled")


@pytest.mark.on_postgresql
@pytest.mark.parametrize("query", ["", "?day=2026-03-01", "?q=e", "?from=09:00", "?view=full"])
def test_programme_leaves_them_out_where_it_is_told_so(client, bees, editor, query):
    before = [text_of(client.get(f"/spring/{query}")).count("Bees")]
    client.force_login(editor)
    before.append(text_of(client.get(f"/spring/{query}")).count("Bees"))
    Event.objects.update(lists_cancelled=True)

    assert before == [0, 0]
    assert "Bees" in text_of(client.get(f"/spring/{query}"))


def test_own_stars_calendars_and_its_page_say_it_all_the_same(client, bees, alice):
    client.force_login(alice)
    star(alice, [bees.pk], through="page")

    for path in ("/spring/?starred=1", "/agenda/", bees.get_absolute_url(), "/spring/changes/"):
        assert ("Bees" in text_of(client.get(path))) == (path != "/spring/changes/")
    assert "CANCELLED: Bees" in client.get("/spring/schedule.ics").content.decode()
    assert "1 talk of 1" in text_of(client.get("/spring/?q=ants"))


def test_choice_is_made_in_the_event_form_and_moves_no_calendar(bees: Session, editor: User) -> None:
    client = Client()
    client.force_login(editor)

    change(client, bees.event, lists_cancelled="on")

    assert Event.objects.get().lists_cancelled
    assert Session.objects.get(pk=bees.pk).updated == bees.updated


def test_choice_is_made_in_the_editing_area_and_put_back(bees: Session, editor: User) -> None:
    client, address = Client(), "/spring/edit/listing"
    client.force_login(editor)
    before = text_of(client.get("/spring/edit/"))

    said = [text_of(client.post(address, {"cancelled": wanted}, follow=True)) for wanted in ("listed", "listed", "")]

    assert "The programme leaves cancelled talks out." in before
    assert all("The programme lists cancelled talks, struck through." in each for each in said)
    assert "Choose whether cancelled talks are listed." in said[2]
    noted = RowRevision.objects.get()
    assert (noted.changes, noted.by) == ({"lists_cancelled": [False, True]}, editor)
    assert "Event: Spring lists cancelled: no → yes" in said[0]
    assert Session.objects.get(pk=bees.pk).updated == bees.updated
    client.post(f"/spring/edit/history/rows/{noted.pk}/put-back")
    assert not Event.objects.get().lists_cancelled
    assert client.get(address).status_code == 405
