"""Asking for mail about changes, and ending it: by a form, by the mail's link, and by the mail program itself."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from agenda.notices.mail import stop_address
from tests.agenda.calendar_keys import key_of, said
from tests.agenda.kvm_forum import BEFORE
from tests.pages import page

pytestmark = pytest.mark.any_database

NOTICES = "/agenda/notices/"
STOP = "/agenda/notices/stop"


def minutes_of(user: User) -> int | None:
    return User.objects.get(pk=user.pk).notice_minutes


def stop_path(user: User) -> str:
    parts = urlsplit(stop_address(user))
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def asked(alice) -> User:
    """Alice, who wants to be told an hour before."""
    User.objects.filter(pk=alice.pk).update(notice_minutes=60)
    return alice


def test_form_offers_times_and_shows_the_chosen_one(client, asked):
    client.force_login(asked)

    options = page(client.get(NOTICES)).one("main").one("select").all("option")

    assert [(option["value"], option.text) for option in options] == [
        ("never", "no mail"),
        ("15", "15 minutes before"),
        ("30", "half an hour before"),
        ("60", "an hour before"),
        ("120", "two hours before"),
        ("1440", "a day before"),
    ]
    assert [option["value"] for option in options if "selected" in option.attributes] == ["60"]


def test_nobody_is_mailed_unasked(client, alice):
    client.force_login(alice)

    options = page(client.get(NOTICES)).one("main").one("select").all("option")

    assert minutes_of(alice) is None
    assert [option["value"] for option in options if "selected" in option.attributes] == ["never"]


@pytest.mark.parametrize(
    ("minutes", "kept", "words"),
    [
        (
            "120",
            120,
            "Saved. If one of your calendars has not been updated by then, you get mail two hours before a changed "
            "talk matters.",
        ),
        ("never", None, "Saved. You get no mail about changed talks."),
    ],
)
def test_choice_is_kept_and_said(client, asked, bob, minutes, kept, words):
    key_of(asked)
    client.force_login(asked)
    form = page(client.get(NOTICES)).one("main").one("form")

    response = client.post(form["action"], form.fields() | {"minutes": minutes}, follow=True)

    assert response.redirect_chain == [(NOTICES, 302)]
    assert said(response) == [words]
    assert (minutes_of(asked), minutes_of(bob)) == (kept, None)


@pytest.mark.parametrize("has_revoked_one", [False, True])
def test_without_a_calendar_no_mail_is_promised(client, alice, bob, has_revoked_one):
    key_of(bob)
    if has_revoked_one:
        key_of(alice, revoked=BEFORE)
    client.force_login(alice)

    response = client.post(NOTICES, {"minutes": "60"}, follow=True)

    assert said(response) == [
        "Saved. Once you have added a calendar, you get mail an hour before a changed talk matters, if it has not "
        "been updated by then. Without one, no mail comes."
    ]


def test_form_leads_back_to_the_page_it_stands_on(client, alice):
    client.force_login(alice)

    response = client.post(NOTICES, {"minutes": "15", "next": "/agenda/calendars/"})

    assert response["Location"] == "/agenda/calendars/"


@pytest.mark.parametrize("minutes", ["", "45", "-60", "060", "x"])
def test_other_times_are_refused(client, asked, minutes):
    client.force_login(asked)

    response = client.post(NOTICES, {"minutes": minutes})

    assert response.status_code == 422
    assert page(response).one("main").one("p.errors").text == "Choose when to be told: one of the times below."
    assert minutes_of(asked) == 60


def test_form_asks_for_sign_in_and_refuses_other_methods(client, alice):
    visitor = [client.get(NOTICES)["Location"], client.post(NOTICES, {"minutes": "15"})["Location"]]
    client.force_login(alice)

    assert visitor == [f"/accounts/login/?next={NOTICES}"] * 2
    assert client.put(NOTICES).status_code == 405


def test_mail_program_ends_it_with_one_click(asked, bob):
    User.objects.filter(pk=bob.pk).update(notice_minutes=60)
    program = Client(enforce_csrf_checks=True)

    answers = [program.post(stop_path(asked), {"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (minutes_of(asked), minutes_of(bob)) == (None, 60)


@pytest.mark.parametrize("method", ["get", "head"])
def test_following_the_link_ends_nothing(client, asked, method):
    response = getattr(client, method)(stop_path(asked))

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert minutes_of(asked) == 60


def test_button_behind_the_link_ends_it(asked):
    browser = Client(enforce_csrf_checks=True)
    form = page(browser.get(stop_path(asked))).one("main").one("form")

    response = browser.post(form["action"], form.fields())

    assert form.texts("button") == ["Stop these mails"]
    assert page(response).texts("h1") == ["No more mail about changes"]
    assert minutes_of(asked) is None


@pytest.mark.on_postgresql
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("forge", ["", "{pk}", "{pk}.", "{pk}.forged", "{other}.{signature}", "\0"])
def test_token_that_is_not_ours_is_nothing(client, asked, bob, method, forge):
    signature = stop_path(asked).rpartition(".")[2]
    token = forge.format(pk=asked.pk, other=bob.pk, signature=signature)

    response = getattr(client, method)(f"{STOP}?token={token}")

    assert response.status_code == 404
    assert minutes_of(asked) == 60


def test_token_of_a_deleted_account_is_nothing(client, asked):
    path = stop_path(asked)
    asked.delete()

    assert client.post(path).status_code == 404


def test_link_outlives_a_new_secret_key(client, asked, settings):
    path, old = stop_path(asked), settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-for-tests-" + "fedcba9876543210" * 3
    forgotten = client.post(path).status_code
    settings.SECRET_KEY_FALLBACKS = [old]

    response = client.post(path)

    assert (forgotten, response.status_code) == (404, 200)
    assert minutes_of(asked) is None


def test_stop_refuses_other_methods(client, asked):
    assert client.put(stop_path(asked)).status_code == 405
    assert minutes_of(asked) == 60
