"""Where my agenda is synced to: keys made, shown once, renamed and revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CalendarKey
from tests.agenda.calendar_keys import (
    ADD,
    CALENDARS,
    NOBODYS,
    TIDY,
    WORDS,
    add,
    address_of,
    address_shown,
    key_of,
    offered,
    own_page,
    said,
    sent,
)
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.mark.parametrize("path", [CALENDARS, *(address_of(NOBODYS, word) for word in WORDS)])
def test_pages_ask_for_sign_in(client, path):
    response = client.get(path) if path == CALENDARS else client.post(path)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_adding_asks_for_sign_in_and_leads_to_the_list(client):
    assert client.post(ADD, {"place": "apple"})["Location"] == f"/accounts/login/?next={CALENDARS}"
    assert CalendarKey.objects.count() == 0


@pytest.mark.parametrize("path", [ADD, TIDY, *(address_of(NOBODYS, word) for word in WORDS if word != "renew")])
def test_changes_are_not_made_by_links(client, alice, path):
    client.force_login(alice)

    assert [client.get(path).status_code, client.head(path).status_code] == [405, 405]


def test_list_refuses_to_be_posted_to(client, alice):
    client.force_login(alice)

    assert client.post(CALENDARS).status_code == 405


def test_list_without_calendars_says_what_one_is_good_for(client, alice):
    client.force_login(alice)

    root = page(client.get(CALENDARS))

    assert root.one("div.empty").one("h2").text == "No calendar yet"
    assert root.one("nav.places").link("Outlook") == f"{ADD}/outlook/"


def test_list_shows_my_calendars_and_no_secret(client, alice, bob):
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="once")
    key_of(bob, "Bob's")
    client.force_login(alice)

    response = client.get(CALENDARS)

    root = page(response)
    detail = client.get(root.link("Phone"))
    assert root.one("ul.cals").texts("p.state") == ["not updated yet"]
    assert page(detail).one("div.card").one("code").text == key.lookup
    for each in (response, detail):
        assert text not in each.content.decode()
        assert key.digest not in each.content.decode()


@pytest.mark.parametrize(
    ("used", "client_", "words"),
    [
        (
            timedelta(minutes=3),
            "iOS/17.4 (21E219) dataaccessd/1.0",
            "Phone (Apple Calendar on an iPhone or iPad) was last updated 3 minutes ago and is up to date. It has not "
            "been updated often enough yet to say when it is updated next.",
        ),
        (
            timedelta(hours=2),
            "Google-Calendar-Importer; google.com/calendar",
            "Phone (Google Calendar) was last updated 2 hours ago and is up to date. Google usually updates every "
            "4 to 24 hours; this calendar has not been updated often enough yet to say when next.",
        ),
    ],
)
def test_list_says_who_fetched_when(client, alice, alice_feed, time_machine, used, client_, words):
    client.get(alice_feed, headers={"user-agent": client_})
    time_machine.shift(used)
    client.force_login(alice)

    assert own_page(client).one("div.card").texts("p")[0] == words


def test_list_is_not_kept_by_the_browser(client, alice):
    client.force_login(alice)

    assert "no-store" in client.get(CALENDARS)["Cache-Control"]


def test_list_says_what_was_never_fetched(client, alice):
    key_of(alice)
    client.force_login(alice)

    shown = own_page(client).one("div.card").texts("p")

    assert shown[0] == "Phone has not been updated yet."
    assert shown[1].startswith("Most calendars are updated within minutes, Google and Outlook within a day.")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("apple", "iPhone or Mac"),
        ("google", "Google Calendar"),
        ("outlook", "Outlook"),
        ("android", "Android"),
        ("other", "Other calendar"),
    ],
)
def test_adding_makes_a_key_named_after_its_place(client, alice, place, name):
    client.force_login(alice)

    root = add(client, place)

    key = CalendarKey.objects.get()
    assert (key.user, key.name, key.kind, key.revoked) == (alice, name, "feed", None)
    assert root.one("h1").text == f"{name}: {'an address to paste' if place == 'other' else 'one tap left'}"
    assert client.get(address_shown(root)).status_code == 200


def test_address_is_shown_once_and_not_kept(client, alice):
    client.force_login(alice)

    address = address_shown(add(client))

    secret = address.rpartition("/")[2].removesuffix(".ics")[8:]
    assert address.startswith("http://testserver/calendar/")
    assert len(secret) == 32
    assert secret not in client.get(CALENDARS).content.decode()
    assert secret not in str(CalendarKey.objects.values())


def test_page_with_the_secret_leaks_no_referrer_and_is_not_kept(client, alice):
    client.force_login(alice)

    response = client.post(ADD, {"place": "google"})

    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert {link["rel"] for link in page(response).all("a") if "rel" in link.attributes} == {"noopener noreferrer"}


@pytest.mark.parametrize(
    ("place", "links"),
    [
        ("apple", ["webcal://testserver/calendar/{key}.ics"]),
        ("google", ["https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Ftestserver%2Fcalendar%2F{key}.ics"]),
        (
            "outlook",
            [
                f"https://outlook.{host}.com/calendar/0/addfromweb?url=http%3A%2F%2Ftestserver%2Fcalendar%2F{{key}}.ics"
                "&name=My%20agenda%20%C2%B7%20Forum%20agenda"
                for host in ("live", "office")
            ],
        ),
        (
            "android",
            [
                "webcal://testserver/calendar/{key}.ics",
                "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Ftestserver%2Fcalendar%2F{key}.ics",
            ],
        ),
        ("other", []),
    ],
)
def test_each_place_has_its_one_tap(client, alice, place, links):
    client.force_login(alice)

    root = add(client, place)

    key = address_shown(root).rpartition("/")[2].removesuffix(".ics")
    taps = [link["href"] for link in root.one("main").all("a.button")]
    assert taps == [link.format(key=key) for link in links]


def test_code_and_copy_are_there_for_every_place(client, alice):
    client.force_login(alice)

    root = add(client, "android")

    assert root.one("svg.qr")["aria-label"] == "QR code of this address"
    assert root.one("button", data_copy="#address").text == "Copy the address"


def test_doubled_tap_is_one_calendar(client, alice):
    client.force_login(alice)
    once = offered(client, "google").fields()["once"]

    addresses = {address_shown(add(client, "google", once=once)) for _ in range(2)}

    assert len(addresses) == CalendarKey.objects.count() == 1


def test_second_place_with_the_same_text_is_a_second_calendar(client, alice):
    client.force_login(alice)
    once = offered(client, "google").fields()["once"]

    addresses = {address_shown(add(client, place, once=once)) for place in ("google", "apple")}

    assert len(addresses) == 2
    assert [key.name for key in CalendarKey.objects.order_by("name")] == ["Google Calendar", "iPhone or Mac"]


def test_form_sent_again_after_revoking_opens_no_closed_address(client, alice):
    client.force_login(alice)
    first = address_shown(add(client, "google", once="once"))
    CalendarKey.objects.update(revoked=timezone.now())

    second = address_shown(add(client, "google", once="once"))

    assert [client.get(address).status_code for address in (first, second)] == [404, 200]


def test_same_form_sent_by_two_people_makes_two_keys(client, alice, bob):
    addresses = set()
    for user in (alice, bob):
        client.force_login(user)
        addresses.add(address_shown(add(client, once="once")))

    assert len(addresses) == 2


def test_second_calendar_of_a_place_is_numbered(client, alice, bob):
    key_of(bob, "Google Calendar")
    client.force_login(alice)

    for _ in range(3):
        add(client, "google")

    names = CalendarKey.objects.filter(user=alice).values_list("name", flat=True)
    assert sorted(names) == ["Google Calendar", "Google Calendar 2", "Google Calendar 3"]


@pytest.mark.on_postgresql
@pytest.mark.parametrize("place", ["", "paper", "APPLE", "apple\x00", "<b>"])
def test_unknown_place_is_refused_in_words(client, alice, place):
    client.force_login(alice)

    response = client.post(ADD, {"place": place})

    assert response.status_code == 422
    assert page(response).texts("p.error", role="alert") == [
        "Choose where your agenda should go: one of the places below."
    ]
    assert CalendarKey.objects.count() == 0


def test_rename_keeps_the_address_open(client, alice, alice_feed):
    key = CalendarKey.objects.get()
    client.force_login(alice)

    response = client.post(address_of(key, "rename"), {"name": "  My \n phone "}, follow=True)

    key.refresh_from_db()
    assert key.name == "My phone"
    assert response.redirect_chain == [(f"{CALENDARS}{key.pk}/", 302)]
    assert said(response) == ["Renamed to “My phone”."]
    assert client.get(alice_feed).status_code == 200


def test_name_is_escaped(client, alice):
    key = key_of(alice)
    client.force_login(alice)
    name = '<script>alert(1)</script>&"'

    response = client.post(address_of(key, "rename"), {"name": name}, follow=True)

    assert said(response) == [f"Renamed to “{name}”."]
    assert page(response).one("input", name="name")["value"] == name
    assert page(response).texts("script") == [""] * 3


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("name", "length"), [("", 0), (" \n ", 0), ("\x00", 0), ("x" * 61, 61), ("x" * 10_000, 10_000)]
)
def test_name_that_does_not_fit_is_refused_in_words(client, alice, name, length):
    key = key_of(alice)
    client.force_login(alice)

    response = client.post(address_of(key, "rename"), {"name": name})

    key.refresh_from_db()
    assert (response.status_code, key.name) == (422, "Phone")
    assert page(response).texts("p.error") == [f"A calendar's name has 1 to 60 characters; yours has {length}."]


@pytest.mark.on_postgresql
def test_longest_name_fits(client, alice):
    key = key_of(alice)
    client.force_login(alice)

    client.post(address_of(key, "rename"), {"name": "é" * 60})

    key.refresh_from_db()
    assert key.name == "é" * 60


def test_revoke_closes_the_address_at_once(client, alice, alice_feed):
    key = CalendarKey.objects.get()
    client.force_login(alice)

    response = client.post(address_of(key, "revoke"), follow=True)

    key.refresh_from_db()
    assert key.revoked == BEFORE
    assert said(response) == ["“Phone” gets nothing any more. It had not been updated yet."]
    assert page(response).all("ul.keys") == []
    assert client.get(alice_feed).status_code == 404


@pytest.mark.parametrize(
    ("user_agent", "begins"),
    [
        ("Google-Calendar-Importer", "Google goes on showing the talks of its last update, at least until"),
        ("ICSx5/2.4.3 (ical4j/3.2.19 okhttp/5.3.2 Android/16)", "ICSx5 will say that it cannot update"),
        ("iOS/26.5 (23F77) dataaccessd/1.0", "What it has already shown may stay there until you remove"),
        ("", "What it has already shown may stay there until you remove"),
    ],
)
def test_revoke_says_what_still_shows_and_for_how_long(client, alice, user_agent, begins):
    key = key_of(alice, last_used_at=BEFORE, last_client=user_agent)
    client.force_login(alice)

    (words,) = said(client.post(address_of(key, "revoke"), follow=True))

    assert words.startswith(f"“Phone” gets nothing any more. {begins}")


def test_revoke_takes_a_fetcher_that_is_not_known_for_the_place_in_the_name(client, alice):
    key = key_of(alice, name="Outlook", last_used_at=BEFORE, last_client="Fetcher/1.0")
    client.force_login(alice)

    (words,) = said(client.post(address_of(key, "revoke"), follow=True))

    assert words.startswith("“Outlook” gets nothing any more. Outlook goes on showing the talks of its last update,")


def test_revoke_repeated_changes_nothing(client, alice, time_machine):
    key = key_of(alice)
    client.force_login(alice)
    client.post(address_of(key, "revoke"))
    client.get(CALENDARS)
    time_machine.move_to(BEFORE + timedelta(hours=1), tick=False)

    response = client.post(address_of(key, "revoke"), follow=True)

    key.refresh_from_db()
    assert (key.revoked, said(response)) == (BEFORE, [])


def test_revoking_one_leaves_the_others_open(client, alice, alice_feed):
    other = key_of(alice, "Other")
    client.force_login(alice)

    client.post(address_of(other, "revoke"))

    assert client.get(alice_feed).status_code == 200


def test_line_says_whether_a_calendar_is_late_by_its_own_habit(client, alice, alice_feed, opening, time_machine):
    client.get(alice_feed, headers={"user-agent": "Google-Calendar-Importer; google.com/calendar"})
    CalendarKey.objects.update(fetched_every=3600)
    client.force_login(alice)
    states = []

    for later in (timedelta(minutes=6), timedelta(minutes=20), timedelta(hours=2)):
        time_machine.move_to(BEFORE + later, tick=False)
        states.append(page(client.get(CALENDARS)).one("ul.cals").one("p.state").text)
        client.post(f"{opening.get_absolute_url()}star")
    agenda = page(client.get("/agenda/"))

    assert states == [
        "up to date, updated 6 minutes ago, Google Calendar",
        "not up to date yet, updated 20 minutes ago, Google Calendar",
        "late, last updated 2 hours ago, Google Calendar",
    ]
    assert agenda.texts("p.late") == ["Phone is late: last updated 2 hours ago."]
    assert agenda.link("Phone is late: last updated 2 hours ago.") == f"{CALENDARS}{CalendarKey.objects.get().pk}/"


@pytest.mark.parametrize(
    ("agent", "first", "others"),
    [
        ("iPhone", [], ["Add to Apple Calendar"]),
        ("Macintosh", [], ["Add to Apple Calendar"]),
        ("Android 14", ["Add to Google Calendar", "Add to DAVx5, both ways"], ["Add to ICSx5"]),
        ("X11; Linux", [], []),
    ],
)
def test_own_places_come_first_and_a_phone_needs_no_code(client, alice, agent, first, others):
    client.force_login(alice)

    root = page(client.get(CALENDARS, headers={"user-agent": agent})).one("section", id="add")
    added = page(client.post(ADD, {"place": "other"}, headers={"user-agent": agent}))

    own = [form for form in root.all("form") if form["action"] == ADD]
    assert [link.text for form in own for link in form.all("a")] == first
    assert [button.text for form in own for button in form.all("button")] == others
    assert bool(root.all("details.fold")) == bool(own)
    assert len(added.all("svg.qr")) == (0 if agent in ("iPhone", "Android 14") else 1)


@pytest.mark.parametrize("word", WORDS)
def test_bob_cannot_touch_alices_calendar(client, alice, bob, alice_feed, word):
    key = CalendarKey.objects.get()
    client.force_login(bob)

    response = client.post(address_of(key, word), {"name": "Bob's"})

    key.refresh_from_db()
    assert (response.status_code, key.name, key.revoked) == (404, "Phone", None)
    assert client.post(address_of(NOBODYS, word), {"name": "x"}).status_code == 404


def test_revoked_calendar_is_not_renamed(client, alice):
    key = key_of(alice)
    CalendarKey.objects.update(revoked=BEFORE)
    client.force_login(alice)

    assert client.post(address_of(key, "rename"), {"name": "New"}).status_code == 404


def test_every_form_works_without_javascript(client, alice):
    key_of(alice)
    client.force_login(alice)
    forms = [*page(client.get(CALENDARS)).one("main").all("form")[1:], *own_page(client).one("main").all("form")]

    answers = [client.post(form["action"], sent(form)).status_code for form in forms]

    # The mails; of the calendar: its name, its choices, revoke. Revoking on the list closes it for the others.
    assert answers == [302, 302, 302, 302]


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_as_many_queries_for_1_and_3(client, alice, django_assert_num_queries, count):
    for number in range(count):
        key_of(alice, f"Phone {number}")
    client.force_login(alice)

    # The cookie session, user, keys, stars, the current event.
    with django_assert_num_queries(5):
        client.get(CALENDARS)
