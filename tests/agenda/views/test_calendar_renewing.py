"""A calendar's address or password, replaced by a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import limits
from accounts.models import CalendarKey
from agenda.calendars.programs import NEVER_FETCHED
from tests.accounts.steps import log_in
from tests.agenda.calendar_keys import CALENDARS, address_of, address_shown, key_of, own_page, said, sent
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def renew(client, key: CalendarKey, once: str = "once"):
    return client.post(address_of(key, "renew"), {"once": once})


def test_renewing_closes_the_old_address_and_opens_the_new_one(client, alice, alice_feed):
    log_in(client, alice)

    root = page(renew(client, CalendarKey.objects.get()))

    assert (client.get(alice_feed).status_code, client.get(address_shown(root)).status_code) == (404, 200)
    assert root.one("title").text == "Phone renewed"


def test_renewing_counts_as_a_new_calendar(client, alice, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "new calendar", replace(limits.LIMITS["new calendar"], per_account=1))
    key = key_of(alice)
    log_in(client, alice)

    assert [renew(client, key).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(("kind", "named"), [("feed", []), ("caldav", ["alice@example.org"])])
def test_renewed_calendar_differs_in_its_secret_alone(client, alice, kind, named):
    chosen = {"options": {"alarm": 10}, "properties": {"colour": "#ff0000"}, "collections": ["kvm"]}
    served = {"served": "x", "served_options": {"alarm": 5}}
    old = key_of(alice, kind=kind, last_used_at=BEFORE, last_client="khal/1", **served, **chosen)
    log_in(client, alice)

    renew(client, old)

    old.refresh_from_db()
    new = CalendarKey.objects.active().get()
    assert (new.user, new.name, new.kind, new.user_names) == (alice, "Phone", kind, named)
    assert {field: getattr(new, field) for field in chosen} == chosen
    assert (new.last_used_at, new.served, new.served_options, new.last_client) == (None, "", None, "khal/1")
    assert old.revoked == BEFORE


@pytest.mark.parametrize(("kind", "breaks"), [("feed", "The old address stops"), ("caldav", "The old password stops")])
def test_renewing_says_first_what_it_breaks_and_changes_nothing(client, alice, kind, breaks):
    key = key_of(alice, kind=kind, last_used_at=BEFORE, last_client="Google-Calendar-Importer")
    log_in(client, alice)

    root = page(client.get(page(client.get(CALENDARS)).link("Renew… Phone")))

    said_first = root.one("ul.steps").texts("li")
    assert said_first[0].startswith(breaks)
    assert any("Google goes on showing" in each for each in said_first)
    assert CalendarKey.objects.get() == key


def test_renewing_a_revoked_calendar_is_not_offered(client, alice, bob):
    key = key_of(alice, revoked=BEFORE)
    client.force_login(alice)

    assert page(client.get(address_of(key, "renew"))).one("main").all("form") == []
    client.force_login(bob)
    assert client.get(address_of(key, "renew")).status_code == 404


def test_name_stays_beside_another_of_that_name(client, alice):
    old = key_of(alice)
    CalendarKey.objects.filter(pk=key_of(alice, "Laptop").pk).update(name="Phone")
    log_in(client, alice)

    renew(client, old)

    assert list(CalendarKey.objects.active().values_list("name", flat=True)) == ["Phone", "Phone"]


def test_renewed_is_named_where_it_is_and_what_the_old_one_still_shows(client, alice):
    old = key_of(alice, last_used_at=BEFORE, last_client="Google-Calendar-Importer")
    log_in(client, alice)

    root = page(renew(client, old))

    assert root.one("p.warning").text.startswith("The old address of “Phone” is closed.")
    assert "Google goes on showing the talks of its last update" in root.one("p.warning").text
    assert [link.text for link in root.one("main").all("a.button")] == ["Open in Google Calendar"]


@pytest.mark.parametrize("times", [1, 2])
def test_renewed_and_revoked_before_its_first_fetch_it_still_shows_on_the_device(client, alice, times):
    key_of(alice, last_used_at=BEFORE, last_client="ICSx5/2.4.3")
    log_in(client, alice)
    for _ in range(times):
        renew(client, CalendarKey.objects.active().get(), once="")
    new = CalendarKey.objects.active().get()

    (words,) = said(client.post(address_of(new, "revoke"), follow=True))

    assert words == (
        "“Phone” gets nothing any more. ICSx5 will say that it cannot update the calendar any more, and shows what it "
        "has until you delete it there."
    )


def test_row_of_a_renewed_calendar_says_that_nothing_has_fetched_it(client, alice):
    old = key_of(alice, last_used_at=BEFORE, last_client="Google-Calendar-Importer", fetched_every=3600)
    log_in(client, alice)

    renew(client, old)

    row = own_page(client).one("div.card")
    assert row.texts("p")[:2] == ["Phone has not been updated yet.", NEVER_FETCHED.words]


def test_doubled_tap_shows_the_same_new_address(client, alice):
    old = key_of(alice)
    log_in(client, alice)

    addresses = {address_shown(page(renew(client, old))) for _ in range(2)}

    assert len(addresses) == 1
    assert CalendarKey.objects.count() == 2


def test_second_tab_does_not_renew_what_was_renewed(client, alice):
    old = key_of(alice)
    log_in(client, alice)
    renew(client, old, "one tab")

    response = renew(client, old, "another tab")

    assert (response.status_code, response["Location"]) == (302, CALENDARS)
    assert said(client.get(CALENDARS)) == ["“Phone” was revoked before. Add the calendar once more if you miss it."]
    assert CalendarKey.objects.active().count() == 1


def test_old_form_opens_no_address_that_was_revoked_since(client, alice):
    old = key_of(alice)
    log_in(client, alice)
    new = address_shown(page(renew(client, old)))
    client.post(address_of(CalendarKey.objects.active().get(), "revoke"))

    assert renew(client, old).status_code == 302
    assert client.get(new).status_code == 404


def test_revoked_calendar_is_not_renewed(client, alice):
    old = key_of(alice, revoked=BEFORE - timedelta(days=1))
    log_in(client, alice)

    assert renew(client, old).status_code == 302
    assert CalendarKey.objects.active().count() == 0


def test_page_with_the_new_secret_leaks_no_referrer_and_is_not_kept(client, alice):
    log_in(client, alice)

    response = renew(client, key_of(alice))

    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.on_postgresql
def test_form_on_its_page_is_safe_to_repeat(client, alice):
    key = key_of(alice)
    log_in(client, alice)
    form = page(client.get(address_of(key, "renew"))).one("form", action=address_of(key, "renew"))

    addresses = {address_shown(page(client.post(form["action"], sent(form)))) for _ in range(2)}

    assert len(addresses) == 1
