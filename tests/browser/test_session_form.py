"""The form of a session as editors fill it in: what follows what, and what another event brings."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from agenda.models import Event, Session
from tests.agenda.kvm_forum import add_event
from tests.browser.conftest import OpenPage
from tests.browser.steps import OPENING

pytestmark = pytest.mark.browser

ADD = "/admin/agenda/session/add/"


@pytest.fixture
def form(open_page: OpenPage, editor: User) -> Page:
    """Of an editor who is far from the event."""
    return open_page(editor, timezone_id="Asia/Tokyo")


def open_session(form: Page) -> None:
    form.goto(f"/admin/agenda/session/{Session.objects.get(title=OPENING).pk}/change/")


def fill(form: Page, name: str, text: str) -> None:
    form.locator(f"#id_{name}").fill(text)
    form.locator(f"#id_{name}").blur()


def expect_times(form: Page, name: str, day: str, time: str) -> None:
    expect(form.locator(f"#id_{name}_0")).to_have_value(day)
    expect(form.locator(f"#id_{name}_1")).to_have_value(time)


def zone(form: Page) -> Locator:
    return form.locator("#zone-names")


def choose_event(form: Page, event: Event) -> None:
    form.locator(".field-event .select2-selection").click()
    form.locator(".select2-results__option", has_text=event.name).click()


def test_end_follows_start_and_keeps_the_length(form: Page) -> None:
    open_session(form)

    fill(form, "start_1", "14:15")
    expect_times(form, "end", "31/10/2019", "14:45")
    fill(form, "end_1", "15:30")
    fill(form, "start_0", "01/11/2019")
    expect_times(form, "end", "01/11/2019", "15:30")
    fill(form, "start_1", "23:30")
    expect_times(form, "end", "02/11/2019", "00:45")


def test_new_session_lasts_half_an_hour_unless_its_end_was_typed_first(form: Page) -> None:
    form.goto(ADD)
    fill(form, "start_0", "31/10/2019")
    fill(form, "start_1", "09:00")
    expect_times(form, "end", "31/10/2019", "09:30")

    form.goto(ADD)
    fill(form, "end_0", "31/10/2019")
    fill(form, "end_1", "11:00")
    fill(form, "start_0", "31/10/2019")
    fill(form, "start_1", "10:00")
    expect_times(form, "end", "31/10/2019", "11:00")
    fill(form, "start_1", "10:30")
    expect_times(form, "end", "31/10/2019", "11:30")


def test_end_that_was_picked_in_the_calendar_stays(form: Page) -> None:
    open_session(form)

    form.locator("#id_end_0").locator("..").get_by_role("link", name="Choose a Date").first.click()
    form.locator("#calendarin1").get_by_role("link", name="1", exact=True).first.click()
    form.locator("#id_start_1").click()
    form.locator("#id_title").click()

    expect(form.locator("#id_end_1")).to_have_value("11:30")
    expect(form.locator("#id_end_0")).not_to_have_value("31/10/2019")


def test_name_of_the_zone_follows_the_day(form: Page, kvm_forum: Event) -> None:
    Event.objects.filter(pk=kvm_forum.pk).update(starts_on="2019-10-26")
    open_session(form)

    for day, name in (
        ("26/10/2019", "CEST, UTC+2"),
        ("27/10/2019", "CEST, UTC+2, then CET, UTC+1"),
        ("1/11/2019", "CET, UTC+1"),
        ("", "CEST, UTC+2, then CET, UTC+1"),
    ):
        fill(form, "start_0", day)
        expect(zone(form)).to_have_text(name)


def test_no_server_time_is_named_and_now_is_the_event_s(form: Page) -> None:
    for address in (ADD, f"/admin/agenda/event/{Event.objects.get().pk}/change/"):
        form.goto(address)
        expect(form.locator(".datetimeshortcuts").first).to_be_visible()
        expect(form.get_by_text("server time")).to_have_count(0)
        assert "server time" not in form.content()

    form.clock.install(time="2019-10-31T10:00:00Z")
    form.goto(ADD)
    form.get_by_role("link", name="Today").first.click()
    form.get_by_role("link", name="Now").first.click()
    assert form.locator("#id_start_0").input_value() == "31/10/2019"


def test_choosing_another_event_brings_its_zone_and_keeps_what_was_typed(form: Page) -> None:
    event = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-02")
    form.goto(ADD)
    fill(form, "title", "Opening")
    fill(form, "note", "Bring a laptop.")
    form.get_by_text("Add another Material").click()
    fill(form, "materials-0-title", "Paper")

    choose_event(form, event)

    expect(zone(form)).to_have_text("EST, UTC-5")
    expect(form.locator("#id_title")).to_have_value("Opening")
    expect(form.locator("#id_note")).to_have_value("Bring a laptop.")
    expect(form.locator("#id_materials-0-title")).to_have_value("Paper")
