"""Those who ask too often are told when to ask again; the others notice nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from allauth.account import app_settings
from allauth.mfa import app_settings as mfa_settings
from django.contrib.sessions.models import Session as CookieSession
from django.core import mail
from django.test import Client

from accounts import limits
from accounts.models import CalendarKey
from agenda.models import Session
from forum.errors import too_often
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

KVM = "/kvm-forum-2019/"
START = "2019-10-31T10:00:00Z"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def two_of_each(monkeypatch):
    for action, limit in limits.LIMITS.items():
        monkeypatch.setitem(limits.LIMITS, action, replace(limit, per_address=2, per_account=min(2, limit.per_account)))


def refusal(response) -> tuple[int, str, str]:
    """Status, seconds to wait, and the sentence about it."""
    words = [text for text in page_of(response).texts("p") if text.startswith("Try again")]
    return response.status_code, response["Retry-After"], *words


def page_of(response):
    assert response.status_code == 429
    response.status_code = 200
    root = page(response)
    response.status_code = 429
    return root


@pytest.mark.parametrize(
    "address", [f"{KVM}?q=kvm", f"{KVM}speakers/?q=kvm", f"{KVM}schedule.ics?q=kvm", f"{KVM}schedule.xml?q=kvm"]
)
def test_searches_are_limited_and_reading_is_not(client, kvm_forum, two_of_each, address, django_assert_num_queries):
    for _ in range(2):
        assert client.get(address).status_code == 200

    with django_assert_num_queries(0):
        refused = client.get(address)

    assert refusal(refused) == (429, "60", "Try again in a minute.")
    assert client.get(address.partition("?")[0]).status_code == 200


def test_stars_are_limited_by_account_and_nothing_is_lost(client, alice, bob, kvm_forum, two_of_each):
    talks = list(Session.objects.published().in_order()[:3])
    client.force_login(alice)

    *answers, refused = [client.post(f"{talk.get_absolute_url()}star") for talk in talks]
    unstarred = client.post(f"{talks[0].get_absolute_url()}unstar", headers={"HX-Request": "true"})

    assert [answer.status_code for answer in answers] == [302, 302]
    assert refusal(refused) == (429, "3600", "Try again in 60 minutes.")
    assert (unstarred.status_code, unstarred["Retry-After"]) == (429, "3600")
    assert set(alice.stars.values_list("session", flat=True)) == {talk.pk for talk in talks[:2]}
    client.force_login(bob)
    assert client.post(f"{talks[0].get_absolute_url()}star").status_code == 302


def test_choices_between_stars_count_as_stars(client, alice, kvm_forum, two_of_each):
    client.force_login(alice)
    guid = Session.objects.earliest("start").guid

    assert [client.post(f"/agenda/unrank/{guid}").status_code for _ in range(3)] == [302, 302, 429]


@pytest.mark.parametrize(("path", "form"), [("STAR", {}), ("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})])
def test_new_visitors_are_limited_by_network_and_those_who_came_before_are_not(kvm_forum, monkeypatch, path, form):
    monkeypatch.setitem(limits.LIMITS, "new visitor", limits.Limit(60, per_address=2))
    talk = Session.objects.published().earliest("start").get_absolute_url()
    address = path.replace("STAR", f"{talk}star")
    first, *others = [Client() for _ in range(3)]

    answers = [each.post(address, form) for each in (first, *others)]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert CookieSession.objects.count() == 2
    assert [first.post(f"{talk}{word}").status_code for word in ("star", "unstar", "star")] == [302] * 3
    assert Client().post(address, form, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert Client().post(f"{talk}unstar").status_code == 302


def test_downloads_are_limited_by_account(client, alice, two_of_each):
    client.force_login(alice)

    *answers, refused = [client.get("/accounts/data/download") for _ in range(3)]

    assert [answer.getvalue()[:2] for answer in answers] == [b"PK", b"PK"]
    assert refusal(refused) == (429, "3600", "Try again in 60 minutes.")


def test_new_calendars_are_limited_by_account(client, alice, bob, two_of_each):
    client.force_login(alice)
    made = [client.post("/agenda/calendars/add", {"place": "apple"}).status_code for _ in range(2)]

    refused = client.post(
        "/agenda/calendars/add", {"place": "apple"}, headers={"referer": "http://testserver/agenda/calendars/"}
    )

    client.force_login(bob)
    assert (made, CalendarKey.objects.filter(user=alice).count()) == ([200, 200], 2)
    assert refusal(refused) == (429, "3600", "Try again in 60 minutes.")
    assert page_of(refused).link("Go back") == "/agenda/calendars/"
    assert client.post("/agenda/calendars/add", {"place": "apple"}).status_code == 200


def test_wrong_keys_are_limited_and_a_right_one_still_opens(client, alice, two_of_each, django_assert_num_queries):
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="once")
    wrong = [client.get(f"/calendar/{'2' * 40}.ics").status_code for _ in range(2)]

    with django_assert_num_queries(1):
        refused = client.get(f"/calendar/{'3' * 40}.ics")

    assert wrong == [404, 404]
    assert client.get(f"/calendar/{'4' * 40}.json").status_code == 429
    assert client.get(f"/calendar/{key}.json").status_code == 200
    assert refusal(refused) == (429, "60", "Try again in a minute.")
    assert "3333" not in refused.content.decode()
    assert client.get(f"/calendar/{key}.ics").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "a minute"), (61, "2 minutes"), (3600, "60 minutes")],
)
def test_page_says_when_to_try_again(rf, seconds, words):
    response = too_often(rf.get("/"), seconds)

    assert refusal(response) == (429, str(seconds), f"Try again in {words}.")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_sixth_reset_of_an_account_waits_wherever_it_is_asked_for(client, alice, email):
    answers = [
        client.post("/accounts/password/reset/", {"email": email}, REMOTE_ADDR=f"192.0.2.{number}")
        for number in range(6)
    ]

    assert [response.status_code for response in answers[:5]] == [302] * 5
    assert refusal(answers[5]) == (429, "60", "Try again in a minute.")
    assert len(mail.outbox) == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_fourth_code_for_an_account_waits_wherever_it_is_asked_for(client, alice, email):
    for number in range(3):
        Client().post("/accounts/login/code/", {"email": email}, REMOTE_ADDR=f"192.0.2.{number}")

    response = client.post("/accounts/login/code/", {"email": email}, REMOTE_ADDR="192.0.2.9")

    assert refusal(response) == (429, "300", "Try again in 5 minutes.")
    assert len(mail.outbox) == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_sixth_password_is_not_even_looked_at(client, alice, email):
    for number in range(5):
        client.post("/accounts/login/", {"login": email, "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{number}")

    response = client.post("/accounts/login/", {"login": email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert refusal(response) == (429, "300", "Try again in 5 minutes.")


@pytest.mark.django_db
@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/accounts/signup/", {"email": "carol@example.org", "password1": "marble-lantern-7"}),
        ("/accounts/login/", {"login": "carol@example.org", "password": "wrong"}),
    ],
)
def test_sign_up_and_log_in_are_limited_by_address(client, settings, address, form):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "1/m/ip", "login": "1/m/ip"}
    first = client.post(address, form)
    client.cookies.clear()

    refused = client.post(address, form, headers={"X-Forwarded-For": "198.51.100.9"})

    assert refusal(refused) == (429, "60", "Try again in a minute.")
    other = {name: value.replace("carol", "dave") for name, value in form.items()}
    assert client.post(address, other, REMOTE_ADDR="192.0.2.99").status_code == first.status_code


def test_whoever_allauth_refuses_is_answered_again_after_a_minute():
    """What the page promises; after failed passwords and too many codes it says five minutes."""
    rates = app_settings.RATE_LIMITS | mfa_settings.RATE_LIMITS
    windows = [
        float(number or 1) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
        for action, rate in rates.items()
        if rate and action != "login_failed"
        for number, unit in re.findall(r"/(\d*)([smhd])/", rate)
    ]

    assert len(windows) > 10
    assert max(windows) == 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "address", "form"),
    [
        ("password", "/accounts/login/", {"login": "nobody@example.org", "password": "wrong"}),
        ("mail", "/accounts/password/reset/", {"email": "nobody@example.org"}),
        ("mail", "/accounts/login/code/", {"email": "nobody@example.org"}),
        ("mail", "/accounts/signup/", {"email": "nobody@example.org", "password1": ""}),
    ],
)
def test_one_organisation_with_many_networks_is_counted_as_one(monkeypatch, action, address, form):
    monkeypatch.setitem(limits.LIMITS, action, limits.Limit(60, per_address=1))

    answers = [
        Client().post(
            address,
            {name: value.replace("nobody", f"nobody{number}") for name, value in form.items()},
            REMOTE_ADDR=f"2001:db8:1:{number}::1",
        )
        for number in range(5)
    ]

    assert [answer.status_code == 429 for answer in answers] == [False] * 4 + [True]
