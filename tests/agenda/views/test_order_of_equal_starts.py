"""Sessions that start at once come in one order, by room and title, on every page and in every feed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.models import Session, StarLog
from agenda.stars.starring import star
from tests.agenda.admin.editing import page as admin_page
from tests.agenda.caldav.dav import Dav, answers
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.pages import page

EVENT = "parallel"
ORDER = ["Z in the first room", "A in the second room", "B in the second room", "A nowhere"]
MADE = [ORDER[2], ORDER[0], ORDER[3], ORDER[1]]  # in no order that a key or a title would give
BACKEND = "accounts.backends.Backend"


@pytest.fixture
def parallel(alice: User, time_machine) -> list[Session]:
    """Four sessions that start at once, starred by Alice."""
    time_machine.move_to(BEFORE, tick=False)
    event = add_event(EVENT, "Europe/Paris", "2019-10-31", "2019-10-31")
    rooms = [event.rooms.create(name=f"Room {number}", slug=f"room-{number}", position=number) for number in (1, 2)]
    places = dict(zip(ORDER, [*rooms, rooms[1], None], strict=True))
    made = [add_session(event, title, "2019-10-31T08:00", room=places[title]) for title in MADE]
    star(alice, [session.pk for session in made], through=StarLog.Through.PAGE)
    return made


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.force_login(alice, backend=BACKEND)
    return client


def summaries(calendar: bytes) -> list[str]:
    return re.findall(r"^SUMMARY:(.*)\r$", calendar.decode(), re.MULTILINE)


def in_feed(browser: Client, alice: User) -> list[str]:
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="once")
    return summaries(browser.get(f"/calendar/{key}.ics").content)


def in_download(browser: Client, alice: User) -> list[str]:
    answer = browser.get("/accounts/data/download")
    return summaries(zipfile.ZipFile(io.BytesIO(answer.getvalue())).read("stars.ics"))


def over_caldav(collection: str) -> Callable[[Client, User], list[str]]:
    def titles(browser: Client, alice: User) -> list[str]:
        phone = Dav(alice, collections=[EVENT])
        _, *members = answers(phone.propfind(f"{phone.home}{collection}/", "<D:getetag/>", depth="1"))
        return [summaries(phone("GET", member).content)[0] for member in members]

    return titles


def in_the_editors_list(browser: Client, alice: User) -> list[str]:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return admin_page(browser.get("/admin/agenda/session/")).texts("th.field-title")


def in_a_mail(browser: Client, alice: User) -> list[str]:
    User.objects.filter(pk=alice.pk).update(notice_minutes=1440)
    in_feed(browser, alice)
    sessions = Session.objects.filter(title__in=ORDER)
    with recording(sessions.values_list("pk", flat=True), by=None) as recorded:
        recorded.change_all(status="cancelled")
    call_command("send_notices", stdout=io.StringIO())
    return re.findall("^Cancelled: “(.*?)”", str(mail.outbox[-1].body), re.MULTILINE)


PLACES: dict[str, Callable[[Client, User], list[str]]] = {
    "programme": lambda browser, alice: page(browser.get(f"/{EVENT}/")).texts(".title"),
    "agenda": lambda browser, alice: page(browser.get("/agenda/")).one("ol.programme").texts(".title"),
    "schedule.ics": lambda browser, alice: summaries(browser.get(f"/{EVENT}/schedule.ics").content),
    "personal feed": in_feed,
    "download": in_download,
    "own calendar over CalDAV": over_caldav("agenda"),
    "programme over CalDAV": over_caldav(EVENT),
    "editors' list": in_the_editors_list,
    "mail": in_a_mail,
}


@pytest.mark.parametrize("place", PLACES)
def test_equal_starts_come_by_room_and_title(parallel, browser, alice, place):
    assert PLACES[place](browser, alice) == ORDER
