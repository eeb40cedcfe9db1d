"""What pages and mails say where a log-in cannot go on: each is true for everybody who may read it."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import User
from accounts.next_page import BEGUN
from tests.accounts.steps import said, send_form_with
from tests.pages import page

pytestmark = pytest.mark.any_database

ENTRANCES = ["/accounts/login/code/", "/accounts/password/reset/", "/accounts/signup/"]
# A sign-up takes the place of a code to log in with; all else waits for what was begun.
USED = {("/accounts/login/code/", "/accounts/signup/")}
WRONG = "WRNG-CODE"


@pytest.mark.parametrize(
    ("at", "heading"), [("password/reset/done/", "New password"), ("inactive/", "Account switched off")]
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_page_at_the_end_of_a_way_claims_nothing_and_leads_on(client, alice, at, heading, signed_in):
    if signed_in:
        client.force_login(alice, backend="accounts.backends.Backend")

    root = page(client.get(f"/accounts/{at}"))

    assert root.one("h1").text == heading
    assert [words for words in ("is now changed", "This account is") if words in root.text] == []
    assert root.one("main").all("a.button") != []


@pytest.mark.parametrize("at", ENTRANCES)
def test_third_wrong_code_says_what_to_do(client, alice, at):
    response = client.post(at, {"email": "carol@example.org"}, follow=True)

    for _ in range(3):
        response = send_form_with(client, response, code=WRONG)

    assert said(response) == ["The code ended after too many wrong tries. Begin again to have a new one mailed."]


@pytest.mark.parametrize("begun", ["/accounts/login/code/", "/accounts/signup/"])
@pytest.mark.parametrize("at", ["/accounts/login/", "/accounts/login/code/", "/accounts/signup/"])
@pytest.mark.parametrize("first", ["alice@example.org", "carol@example.org"])
def test_second_address_is_not_ignored_silently(client, alice, begun, at, first):
    client.post(begun, {"email": first}, follow=True)
    mail.outbox.clear()
    sent = {"login": "bob@example.org", "email": "bob@example.org", "password": "x"}

    response = client.post(at, sent, follow=True)

    is_used = page(response).one("strong").text == "bob@example.org"
    assert is_used == ((begun, at) in USED)
    assert (said(response), mail.outbox == []) == (([], False) if is_used else ([BEGUN], True))
    assert said(client.get(at, follow=True)) == []


@pytest.mark.parametrize("at", ENTRANCES)
def test_mails_to_the_owner_of_an_account_that_was_switched_off_agree(client, alice, at):
    User.objects.filter(pk=alice.pk).update(is_active=False)

    response = client.post(at, {"email": alice.email}, follow=True)

    assert page(response).one("h1").text == "Enter the code"  # as for everybody else
    assert [message.subject for message in mail.outbox] == ["Your account was switched off"]


@pytest.mark.on_postgresql
@pytest.mark.parametrize("page_of", ["history/", "delete/"])
def test_superusers_see_addresses_and_no_names_that_read_like_others(client, alice, root, page_of):
    User.objects.filter(pk=alice.pk).update(display_name="editor@example.org")
    client.force_login(root, backend="accounts.backends.Backend")

    shown = client.get(f"/admin/accounts/user/{alice.pk}/{page_of}").content.decode()

    assert ("alice@example.org" in shown, "editor@example.org" in shown) == (True, False)
