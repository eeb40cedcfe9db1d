"""Signing up, in and out, and my account; each page in the site's look, each flow to its end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.accounts.steps import log_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.any_database

NEW_PASSWORD = "marble-lantern-7"


def mailed_code() -> str:
    """What the newest mail's first line says."""
    return str(mail.outbox[-1].body).splitlines()[0]


def send_mailed_code(client: Client, page: HttpResponse, **fields: str) -> Any:
    """The answer to the code, sent as the page that asks for it would."""
    action = re.findall(r'<form class="form" method="post" action="([^"]+)"', page.content.decode())[0]
    return client.post(action, {"code": mailed_code(), **fields})


def signed_in_as(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/login/code/",
        "/accounts/password/reset/",
        "/accounts/inactive/",
    ],
)
def test_entrance_page_has_one_heading_and_no_robots(client, address):
    response = client.get(address)

    page = response.content.decode()
    assert (response.status_code, page.count("<h1>"), page.count('content="noindex"')) == (200, 1, 1)
    assert " style=" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/accounts/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"]
)
def test_account_page_has_one_heading_for_whom_it_belongs_to(client, alice, address):
    log_in(client, alice)

    page = client.get(address).content.decode()

    assert page.count("<h1>") == 1
    assert " style=" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/", "/accounts/email/", "/accounts/password/change/"])
def test_account_page_asks_for_sign_in(client, address):
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.django_db
def test_sign_up_ends_signed_in_where_it_began(client):
    page = client.get("/accounts/login/?next=/agenda/calendars/").content.decode()
    to_sign_up = re.findall(r'href="(/accounts/signup/[^"]*)"', page)[0]
    next_address = re.findall(r'name="next" value="([^"]*)"', client.get(to_sign_up).content.decode())[0]

    page = client.post(
        "/accounts/signup/",
        {"email": "Alice@example.org", "password1": NEW_PASSWORD, "next": next_address},
        follow=True,
    )
    response = send_mailed_code(client, page)

    alice = User.objects.get()
    assert response["Location"] == "/agenda/calendars/"
    assert signed_in_as(client) == alice
    assert (alice.email, alice.check_password(NEW_PASSWORD)) == ("alice@example.org", True)
    assert EmailAddress.objects.get().verified is True


@pytest.mark.django_db
def test_sign_up_with_short_password_keeps_email_and_tells_the_reader(client):
    response = client.post("/accounts/signup/", {"email": "alice@example.org", "password1": "short"})

    page = response.content.decode()
    assert User.objects.count() == 0
    assert 'value="alice@example.org"' in page
    assert re.findall(r'<div class="errors" role="alert">(.*?)</div>', page) == [
        '<ul class="errorlist" id="id_password1_error">'
        "<li>This password is too short. It must contain at least 10 characters.</li></ul>"
    ]
    assert 'aria-invalid="true" aria-describedby="id_password1_helptext id_password1_error"' in page


@pytest.mark.django_db
def test_sign_up_with_taken_address_tells_only_its_owner(client, alice):
    response = client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})

    assert response["Location"] == "/accounts/confirm-email/"
    assert User.objects.get().check_password(PASSWORD)
    assert [(message.subject, message.to) for message in mail.outbox] == [
        ("You already have an account", ["alice@example.org"])
    ]


@pytest.mark.django_db
def test_sign_up_mail_begins_with_the_code(client):
    page = client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD}, follow=True)

    (message,) = mail.outbox
    assert message.subject == "Your code to finish signing up"
    assert message.body == (
        f"{mailed_code()}\n\n"
        "This is your code to finish signing up. Enter it on the page that is waiting for it.\n\n"
        "If you asked for nothing, ignore this mail: nothing happens without the code.\n\n"
        "Forum agenda, http://testserver/"
    )
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", mailed_code())
    assert "<strong>alice@example.org</strong>" in page.content.decode()


@pytest.mark.django_db
def test_wrong_code_is_refused_in_words_and_kept(client):
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})

    response = client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})

    page = response.content.decode()
    assert "That is not the code in our latest mail. Check it, or ask for a new one." in page
    assert 'value="WRNG-CODE"' in page
    assert signed_in_as(client) is None


@pytest.mark.django_db
def test_new_code_asked_for_too_often_is_refused_in_the_sites_look(client):
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})
    for _ in range(2):
        client.post("/accounts/confirm-email/", {"action": "resend"})
    Client().post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})

    response = Client().post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})

    assert [message.subject for message in mail.outbox] == ["Your code to finish signing up"] * 3
    assert response.status_code == 429
    assert "<h1>That was too often</h1>" in response.content.decode()
    assert '<a class="button primary" href="/accounts/signup/">Go back</a>' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("debug", "backend", "linked"),
    [(True, "filebased", True), (False, "filebased", False), (True, "smtp", False)],
)
def test_code_page_links_the_mailbox_only_where_it_is_open(client, settings, tmp_path, debug, backend, linked):
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": NEW_PASSWORD})
    settings.DEBUG, settings.EMAIL_FILE_PATH = debug, tmp_path
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"

    page = client.get("/accounts/confirm-email/").content.decode()

    assert ('href="/dev/mailbox/"' in page) is linked


@pytest.mark.django_db
def test_sign_in_with_password_returns_to_next(client, alice):
    response = client.post(
        "/accounts/login/", {"login": "ALICE@example.org", "password": PASSWORD, "next": "/accounts/"}
    )

    assert response["Location"] == "/accounts/"
    assert signed_in_as(client) == alice


@pytest.mark.django_db
def test_sign_in_with_wrong_password_says_what_to_do(client, alice):
    response = client.post("/accounts/login/", {"login": "alice@example.org", "password": "wrong"})

    page = response.content.decode()
    assert "No account has this email address and password. Check both, or have a code mailed." in page
    assert '<div class="notice error" id="form-errors" role="alert">' in page
    assert page.count('aria-describedby="form-errors') == 1
    assert 'value="alice@example.org"' in page
    assert signed_in_as(client) is None


@pytest.mark.django_db
def test_sign_in_with_mailed_code_returns_to_next(client, alice):
    page = client.post("/accounts/login/code/", {"email": "alice@example.org", "next": "/accounts/"}, follow=True)
    next_address = re.findall(r'name="next" value="([^"]*)"', page.content.decode())[0]

    response = send_mailed_code(client, page, next=next_address)

    assert mail.outbox[-1].subject == "Your code to log in"
    assert response["Location"] == "/accounts/"
    assert signed_in_as(client) == alice


@pytest.mark.django_db
def test_forgotten_password_is_replaced_by_mailed_code(client, alice):
    page = client.post("/accounts/password/reset/", {"email": "alice@example.org"}, follow=True)
    response = send_mailed_code(client, page)
    client.post(response["Location"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    alice.refresh_from_db()
    assert mail.outbox[0].subject == "Your code for a new password"
    assert alice.check_password(NEW_PASSWORD)


@pytest.mark.django_db
def test_email_changes_once_the_code_mailed_there_is_entered(client, alice):
    log_in(client, alice)

    page = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, follow=True)
    alice.refresh_from_db()
    before = alice.email
    response = send_mailed_code(client, page)

    alice.refresh_from_db()
    assert (before, alice.email) == ("alice@example.org", "new@example.org")
    assert mail.outbox[0].to == ["new@example.org"]
    assert response["Location"] == "/accounts/"


@pytest.mark.django_db
def test_password_change_returns_to_my_account(client, alice):
    client.force_login(alice)

    response = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    alice.refresh_from_db()
    assert response["Location"] == "/accounts/"
    assert alice.check_password(NEW_PASSWORD)


@pytest.mark.django_db
def test_sign_out_asks_first_and_leads_to_the_programme(client, alice):
    client.force_login(alice)

    client.get("/accounts/logout/")
    still = signed_in_as(client)
    response = client.post("/accounts/logout/")

    assert still == alice
    assert response["Location"] == "/"
    assert signed_in_as(client) is None


@pytest.mark.django_db
def test_overview_shows_mine_and_nobody_elses(client, alice, bob):
    User.objects.filter(pk=bob.pk).update(display_name="Bob")
    client.force_login(alice)

    page = client.get("/accounts/").content.decode()

    assert "alice@example.org" in page
    assert "bob@example.org" not in page
    assert "Bob" not in page


@pytest.mark.django_db
def test_overview_saves_name_and_time_zone(client, alice, bob):
    client.force_login(alice)

    response = client.post("/accounts/", {"display_name": "Alice", "time_zone": "Europe/Paris"})

    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    assert (alice.display_name, alice.time_zone) == ("Alice", "Europe/Paris")
    assert (bob.display_name, bob.time_zone) == ("", "")


@pytest.mark.django_db
def test_overview_refuses_unknown_time_zone_and_keeps_what_was_typed(client, alice):
    client.force_login(alice)

    response = client.post("/accounts/", {"display_name": "Alice", "time_zone": "Mars/Base"})

    alice.refresh_from_db()
    page = response.content.decode()
    assert response.status_code == 422
    assert "“Mars/Base” is not a time zone. Write it like Europe/Paris." in page
    assert 'value="Mars/Base"' in page
    assert 'value="Alice"' in page
    assert (alice.display_name, alice.time_zone) == ("", "")


@pytest.mark.django_db
def test_overview_offers_places_only_as_time_zones(client, alice):
    client.force_login(alice)

    offered = re.findall(r'<option value="([^"]*)">', client.get("/accounts/").content.decode())

    assert {"Europe/Paris", "America/Argentina/Buenos_Aires"} <= set(offered)
    assert not {"Etc/GMT+1", "EST5EDT", "UTC", "Factory"} & set(offered)


@pytest.mark.django_db
def test_overview_lets_the_passwordless_set_one(client, alice):
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)

    page = client.get("/accounts/").content.decode()

    assert '<a href="/accounts/password/set/">Set one</a>' in page
    assert "/accounts/password/change/" not in page


@pytest.mark.django_db
def test_overview_leads_editors_to_editing(client, alice, editor):
    client.force_login(alice)
    page_of_alice = client.get("/accounts/").content.decode()
    client.force_login(editor)
    page_of_editor = client.get("/accounts/").content.decode()

    assert ("/admin/" in page_of_alice, "/admin/" in page_of_editor) == (False, True)


@pytest.mark.django_db
def test_overview_refuses_other_methods(client, alice):
    client.force_login(alice)

    assert client.delete("/accounts/").status_code == 405
