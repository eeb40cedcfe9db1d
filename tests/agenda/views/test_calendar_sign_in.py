"""A calendar of both ways: what a device signs in with, shown once."""

from __future__ import annotations

import plistlib
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest

from accounts.models import CalendarKey
from agenda.calendars import qr
from agenda.calendars.opened_key import opened_by
from tests.accounts.steps import log_in
from tests.agenda.calendar_keys import ADD, CALENDARS, add, address_of, key_of, own_page
from tests.agenda.kvm_forum import BEFORE
from tests.pages import Element, page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def added(client, alice) -> Element:
    """The page that Alice is shown."""
    log_in(client, alice)
    return add(client, "caldav", once="once")


def shown(root: Element) -> list[str]:
    return [root.one("code", id=f"caldav-{name}").text for name in ("address", "username", "password")]


def test_adding_makes_a_key_that_signs_in_and_opens_no_feed(client, alice, added):
    key = CalendarKey.objects.get()
    address, user_name, password = shown(added)

    assert (key.user, key.name, key.kind) == (alice, "Both ways", "caldav")
    assert (address, user_name) == ("http://testserver/dav/", "alice@example.org")
    assert opened_by(password, CalendarKey.Kind.CALDAV).pk == key.pk
    assert client.get(f"/calendar/{password}.ics").status_code == 404


def test_each_value_can_be_copied(added):
    copies = {button["data-copy"]: button.text for button in added.all("button") if "data-copy" in button.attributes}

    assert copies == {
        "#caldav-address": "Copy the server address",
        "#caldav-username": "Copy the user name",
        "#caldav-password": "Copy the password",
    }


def test_steps_are_there_for_each_device(added):
    assert added.one("main").texts("h2") == [
        "Sign in with these",
        "iPhone, iPad or Mac",
        "Android, with the app DAVx⁵",
        "Thunderbird",
        "Other programs",
        "Android: scan this",
        "iPhone: scan this",
    ]


def test_calendars_own_address_is_there_for_programs_that_cannot_look_it_up(added, alice):
    assert added.one("code", id="caldav-calendar").text == f"http://testserver/dav/calendars/{alice.pk}/agenda/"


def test_codes_hold_davx5s_link_and_the_list(added):
    davx5 = added.link("open it with everything filled in")

    drawn = [svg.one("path")["d"] for svg in added.all("svg.qr")]

    _, user_name, password = shown(added)
    assert drawn == [page_path(text) for text in (davx5, "http://testserver/agenda/calendars/")]
    assert (urlsplit(davx5).scheme, urlsplit(davx5).hostname, urlsplit(davx5).path) == ("caldav", "testserver", "/dav/")
    assert (unquote(urlsplit(davx5).username), urlsplit(davx5).password) == (user_name, password)


def page_path(text: str) -> str:
    return qr.svg(text).partition(' d="')[2].partition('"')[0]


def test_password_is_shown_once_and_not_kept(client, added):
    secret = shown(added)[2][8:]

    assert len(secret) == 32
    assert secret not in client.get(CALENDARS).content.decode()
    assert secret not in str(CalendarKey.objects.values())


def test_doubled_tap_is_one_calendar(client, added):
    again = add(client, "caldav", once="once")

    assert shown(again) == shown(added)
    assert CalendarKey.objects.count() == 1


def test_form_sent_again_after_revoking_shows_another_password(client, added):
    client.post(address_of(CalendarKey.objects.get(), "revoke"))

    again = add(client, "caldav", once="once")

    assert shown(again)[2] != shown(added)[2]
    assert [key.kind for key in CalendarKey.objects.active()] == ["caldav"]


@pytest.mark.parametrize("more", [{}, {"profile": "1"}])
def test_what_holds_the_password_leaks_no_referrer_and_is_not_kept(client, alice, more):
    log_in(client, alice)

    response = client.post(ADD, {"place": "caldav", **more})

    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_profile_holds_what_the_page_shows(client, added):
    form = added.one("main").one("form")

    response = client.post(form["action"], form.fields() | {"profile": "1"})

    (account,) = plistlib.loads(response.content)["PayloadContent"]
    address, user_name, password = shown(added)
    assert response["Content-Type"] == "application/x-apple-aspen-config"
    assert response["Content-Disposition"] == 'attachment; filename="calendar.mobileconfig"'
    assert (account["CalDAVUsername"], account["CalDAVPassword"]) == (user_name, password)
    assert f"http://{account['CalDAVHostName']}{account['CalDAVPrincipalURL']}" == address
    assert CalendarKey.objects.count() == 1


@pytest.mark.parametrize("more", [{}, {"profile": "1"}])
def test_form_sent_again_shows_the_user_name_that_the_key_was_made_with(client, alice, added, more):
    alice.email = "alice@elsewhere.example"
    alice.save()

    response = client.post(ADD, {"place": "caldav", "once": "once", **more})

    assert (b"alice@example.org" in response.content, b"alice@elsewhere.example" in response.content) == (True, False)


def test_renewing_shows_the_address_of_now_as_the_user_name(client, alice):
    key_of(alice, kind="caldav")
    log_in(client, alice)
    names = []
    for email in ("alice@elsewhere.example", "alice@example.org"):
        alice.email = email
        alice.save()
        key = CalendarKey.objects.active().get()
        names.append(shown(page(client.post(address_of(key, "renew"), {"once": "once"})))[1])

    assert names == ["alice@elsewhere.example", "alice@example.org"]
    assert set(CalendarKey.objects.active().get().user_names) == set(names)


def test_page_with_a_form_lets_the_browser_say_where_it_came_from(added):
    assert added.one("meta", name_="referrer")["content"] == "same-origin"


def test_profile_of_a_renewed_calendar_holds_the_new_password(client, alice):
    log_in(client, alice)
    root = page(client.post(address_of(key_of(alice, kind="caldav"), "renew"), {"once": "once"}))
    form = root.one("main").one("form")

    response = client.post(form["action"], form.fields() | {"profile": "1"})

    (account,) = plistlib.loads(response.content)["PayloadContent"]
    assert account["CalDAVPassword"] == shown(root)[2]
    assert root.one("p.warning").text.startswith("The old password of “Phone” is closed.")


def test_list_says_which_kind_a_calendar_is(client, alice):
    feed = key_of(alice, "Feed", created=BEFORE - timedelta(days=1))
    key = key_of(alice, "Laptop", kind="caldav")
    log_in(client, alice)

    feed, laptop = own_page(client, feed), own_page(client, key)

    assert feed.one("p.kind").text.startswith("Shows your stars; stars are changed here only. Added 29 October 2019;")
    assert laptop.one("p.kind").text == (
        "Both ways: a talk you delete in the calendar loses its star here. "
        f"Added 30 October 2019; its password begins with {key.lookup}."
    )
