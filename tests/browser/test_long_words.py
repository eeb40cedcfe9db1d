"""A word that is longer than a phone is wide, in a talk's title, widens no page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Material, Room, Session, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import add_session, session_of
from tests.browser.conftest import OpenPage
from tests.browser.steps import NESTING, OPENING, PROGRAMME, settle

pytestmark = pytest.mark.browser

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsrat"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def moved(alice: User) -> Session:
    """A talk that moved since Alice's calendar was fetched; another overlaps it, and a third she deleted there."""
    opening, deleted = session_of(OPENING), session_of(NESTING)
    beside = add_session(opening.event, f"Beside{WORD}", "2019-10-31 11:10")
    Session.objects.filter(pk__in=[opening.pk, deleted.pk]).update(title=WORD)
    Material.objects.create(session=opening, title=f"https://example.org/{WORD}", url=f"https://example.org/{WORD}")
    Room.objects.update(name=f"Village:{WORD[:60]}")
    star(alice, [opening.pk, beside.pk, deleted.pk], through=StarLog.Through.PAGE)
    unstar(alice, deleted, through=StarLog.Through.CALDAV)
    _, text = CalendarKey.objects.issue(alice, name="Google Calendar", once="any")
    Client().get(f"/calendar/{text}.ics")
    with recording([opening.pk], by=None, note=WORD):
        late = opening.start + timedelta(minutes=15)
        Session.objects.filter(pk=opening.pk).update(start=late, end=late + opening.duration)
    return opening


def test_long_word_widens_no_page(open_page: OpenPage, alice: User, editor: User, moved: Session) -> None:
    reader, desk = open_page(alice, viewport=PHONE), open_page(editor, viewport=PHONE)
    widths = {}
    for page, address in (
        (reader, "/agenda/"),
        (reader, "/agenda/apps/"),
        (reader, "/agenda/calendars/"),
        (reader, f"{PROGRAMME}apps/"),
        (reader, PROGRAMME),
        (reader, f"{PROGRAMME}?view=full"),
        (reader, moved.get_absolute_url()),
        (reader, f"{PROGRAMME}now/"),
        (desk, f"{PROGRAMME}edit/"),
        (desk, f"{PROGRAMME}edit/history/"),
        (desk, f"{PROGRAMME}edit/morning/?day=2019-10-31"),
        (desk, f"{PROGRAMME}edit/sessions/"),
        (desk, f"{PROGRAMME}edit/board/?day=2019-10-31"),
    ):
        page.goto(address)
        settle(page)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(widths, PHONE["width"])
