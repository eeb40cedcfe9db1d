"""A programme comes in by the pages, changes, and is put back; for everybody, for fingers, and without JavaScript."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import vobject
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import CalendarKey, User
from agenda.editing.changes import recording
from agenda.editing.states import publish
from agenda.models import Event, Star
from tests.browser.conftest import OpenPage
from tests.browser.steps import settle
from tests.browser.test_accessibility import NARROWEST, faults, too_narrow
from tests.browser.test_targets import PHONE, TOO_SMALL, WIDE
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser

HEAD = "<schedule><conference><title>{name}</title><time_zone_name>Europe/Berlin</time_zone_name></conference>"
DAY = '<day index="1" date="2030-03-01"><room name="{room}">{talks}</room></day></schedule>'
TALK = (
    '<event id="{id}" guid="11111111-1111-4111-8111-00000000000{id}"><date>2030-03-01T{start}:00+01:00</date>'
    "<start>{start}</start><duration>01:00</duration><title>{title}</title></event>"
)
FIRST = (("1", "09:00", "KVM"), ("2", "11:00", "QEMU"), ("3", "14:00", "Xen"))
SECOND = (("1", "10:00", "KVM"), ("2", "11:00", "QEMU & more"), ("4", "10:30", "New here"))
TABLE = b"What;Who;Day;From;Till\nSoldering;Kathy Moore;1.3.2030;16.30;17.30\n"


def xml(talks: tuple[tuple[str, str, str], ...], room: str = "Main") -> FilePayload:
    listed = "".join(TALK.format(id=id_, start=start, title=title.replace("&", "&amp;")) for id_, start, title in talks)
    text = HEAD.format(name="Spring Days") + DAY.format(room=room, talks=listed)
    return {"name": "schedule.xml", "mimeType": "text/xml", "buffer": text.encode()}


def read(page: Page, file: FilePayload) -> None:
    page.get_by_label("Drop files here").set_input_files(file)
    page.get_by_role("button", name="Read it").click()


def feed(address: str) -> dict[str, Any]:
    """The entries of the calendar by title: start in UTC, and SEQUENCE."""
    calendar = vobject.readOne(Client().get(address).content.decode())
    return {
        each.summary.value: (each.dtstart.value.strftime("%H:%M"), int(each.sequence.value))
        for each in calendar.contents.get("vevent", ())
    }


@pytest.mark.parametrize("with_scripts", [True, False])
def test_programme_comes_in_changes_and_is_put_back(
    open_page: OpenPage, editor: User, alice: User, with_scripts: bool
) -> None:
    page = open_page(editor, java_script_enabled=with_scripts)
    page.goto("/events/")
    page.get_by_role("link", name="Import a programme").click()
    read(page, xml(FIRST))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review the import")
    page.get_by_role("button", name="Publish 3 changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published")

    event = Event.objects.get(slug="spring-days")
    publish(event, by=editor)
    Star.objects.bulk_create(Star(user=alice, session=each) for each in event.sessions.all())
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="any")
    subscribed = f"/calendar/{key}.ics"
    before = feed(subscribed)

    page.goto("/spring-days/edit/import/")
    read(page, xml(SECOND))
    page.get_by_label("Note to attendees").fill("The train is late.")
    page.get_by_role("button", name="Publish 4 changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published")
    changed = feed(subscribed)

    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review what is put back")
    page.get_by_role("button", name="Publish 4 changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published")
    after = feed(subscribed)

    assert (before["KVM"][0], changed["KVM"][0], after["KVM"][0]) == ("08:00", "09:00", "08:00")
    assert before["KVM"][1] < changed["KVM"][1] < after["KVM"][1]
    assert {title: start for title, (start, _) in after.items()} == {
        title: start for title, (start, _) in before.items()
    }
    assert Star.objects.filter(user=alice).count() == 3


@pytest.fixture
def addresses(editor: User, programme: None) -> dict[str, str]:
    """The pages with something of everything: a conflict, a guess, many kinds of change, a spreadsheet's columns."""
    client = Client()
    client.force_login(editor)
    made = _sent(client, "/edit/import/", xml(FIRST))
    _published(client, made)
    event = Event.objects.get(slug="spring-days")
    publish(event, by=editor)
    _edit(event, editor)
    review = _sent(
        client, "/spring-days/edit/import/", xml((*SECOND, ("5", "10:30", "A title" + " long" * 30)), "Hall")
    )
    batch = f"/spring-days/edit/batches/{event.batches.get().pk}/"
    table: FilePayload = {"name": "workshops.csv", "mimeType": "text/csv", "buffer": TABLE}
    reading = _sent(client, "/spring-days/edit/import/", table) + "reading/"
    return {
        "new": "/edit/import/",
        "import": "/spring-days/edit/import/",
        "review": review,
        "batch": batch,
        "reading": reading,
    }


def _sent(client: Client, page: str, file: FilePayload) -> str:
    return client.post(page, {"file": SimpleUploadedFile(file["name"], file["buffer"])})["Location"]


def _published(client: Client, review: str) -> None:
    page = client.get(review).content.decode()
    fingerprint = page.partition('name="fingerprint" value="')[2].partition('"')[0]
    client.post(review, {"do": "publish", "fingerprint": fingerprint})


def _edit(event: Event, editor: User) -> None:
    kvm = event.sessions.get(title="KVM")
    with recording([kvm.pk], by=editor, note="The sound check runs late.") as edit:
        kvm.start, kvm.end = (datetime.fromisoformat(f"2030-03-01T{hour}:30:00+01:00") for hour in ("09", "10"))
        edit.change(kvm, ["start", "end"])


def test_pages_are_accessible(open_page: OpenPage, editor: User, addresses: dict[str, str]) -> None:
    page = open_page(editor)
    found = {}
    for name, address in addresses.items():
        settle(page)
        page.goto(address)
        found[name] = faults(page)

    assert {name: each for name, each in found.items() if each} == {}


def test_targets_are_large_enough_for_a_finger(open_page: OpenPage, editor: User, addresses: dict[str, str]) -> None:
    page = open_page(editor, **PHONE)
    found = {}
    for name, address in addresses.items():
        settle(page)
        page.goto(address)
        found[name] = page.evaluate(TOO_SMALL) + page.evaluate(WIDE)

    assert {name: each for name, each in found.items() if each} == {}


def test_narrowest_phone_shows_all_of_it(open_page: OpenPage, editor: User, addresses: dict[str, str]) -> None:
    page = open_page(editor, viewport={"width": NARROWEST, "height": 640})

    assert too_narrow(page, {name: (address,) for name, address in addresses.items()}) == {}


def test_printed_review_has_the_changes_and_no_buttons(
    open_page: OpenPage, editor: User, addresses: dict[str, str]
) -> None:
    page = open_page(editor)
    page.goto(addresses["review"])

    page.emulate_media(media="print")

    expect(page.get_by_text("New here", exact=True)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_label("Note to attendees")).to_be_hidden()


def test_enter_saves_and_does_not_publish(open_page: OpenPage, editor: User, addresses: dict[str, str]) -> None:
    page = open_page(editor)
    page.goto(addresses["review"])

    page.get_by_role("radio", name="The file’s").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Your choices are saved.")
    expect(page.get_by_role("radio", name="The file’s")).to_be_checked()


def test_file_that_cannot_be_read_is_said_beside_the_form(open_page: OpenPage, editor: User, trouble: Trouble) -> None:
    trouble.foresee("status of 422")
    page = open_page(editor)
    page.goto("/edit/import/")

    read(page, {"name": "slides.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 slides"})

    expect(page.get_by_role("alert")).to_contain_text("PDF")
