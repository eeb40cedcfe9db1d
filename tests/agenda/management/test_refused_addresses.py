"""Addresses that a mail server refuses: for good, and they are left alone; for now, and they are tried again."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from agenda.models import Notice
from tests.accounts.steps import said
from tests.agenda.management.test_send_notices import NAMES, clock, due, run
from tests.agenda.management.test_send_notices_slowly import ALICE, BOB, CAROL, server
from tests.pages import page

__all__ = ["clock", "due", "server"]  # fixtures

CALENDARS, NOTICES = "/agenda/calendars/", "/agenda/notices/"
FOR_GOOD = [
    ("RCPT", "550 5.1.1 No such user"),
    ("RCPT", "550 no such user here"),
    ("RCPT", "551 User not local"),
    ("RCPT", "552 5.2.2 Mailbox full"),
    ("RCPT", "553 5.1.3 No mailbox has such a name"),
    ("RCPT", "556 5.1.10 This domain takes no mail"),
    ("DATA", "550 5.1.1 No such user"),
]
FOR_NOW = [
    ("RCPT", "450 4.2.1 Mailbox busy"),
    ("RCPT", "451 4.7.1 Greylisted, try again"),
    ("RCPT", "452 4.2.2 Mailbox full"),
    ("RCPT", "421 4.3.2 Going down"),
    ("RCPT", "550 5.7.1 Relaying denied"),
    ("RCPT", "530 Authentication required"),
    ("MAIL", "550 5.1.8 Sender unknown"),
    ("DATA", "451 4.3.0 Try again"),
    ("DATA", "550 5.7.1 Looks like spam"),
    ("DATA", "554 5.6.0 Cannot read that"),
]


def refused() -> list[str]:
    return [user.refused_address for user in User.objects.order_by("pk")]


@pytest.mark.parametrize(("command", "answer"), FOR_GOOD)
def test_address_that_is_refused_for_good_is_left_alone(due, server, time_machine, command, answer):
    server.refusals = {(command, BOB): answer}
    first = run()
    server.refusals = {}
    time_machine.shift(600)

    assert (first[0], first[2], refused()) == ("2 sent, 1 failed.\n", 1, ["", BOB, ""])
    assert BOB not in first[1]
    assert run() == ("0 sent, 0 failed.\n", "", 0)


@pytest.mark.parametrize(("command", "answer"), FOR_NOW)
def test_address_that_is_refused_for_now_is_tried_again(due, server, time_machine, command, answer):
    server.refusals = {(command, BOB): answer, (command, ""): answer}  # MAIL comes before the address
    first = run()
    server.refusals = {}
    time_machine.shift(600)

    assert (first[2], refused()) == (1, ["", "", ""])
    assert run()[1:] == ("", 0)
    assert sorted(address for address, _ in server.taken) == [f"{name}@example.org" for name in NAMES]


@pytest.fixture
def refusing(due) -> User:
    """Bob, whose address was refused for good."""
    User.objects.filter(pk=due[1].pk).update(refused_address=BOB)
    return due[1]


@pytest.mark.parametrize("address", [CALENDARS, NOTICES])
def test_refusal_is_said_with_what_to_do(client, refusing, address):
    client.force_login(refusing)

    told = page(client.get(address)).one("main").one("div.error")

    assert told.text == (
        f"No mail about changes goes to {BOB} any more: its mail server refuses it for good. "
        "Change your address, or try again once that mailbox works. Try again"
    )
    assert told.one("a")["href"] == "/accounts/email/"


@pytest.mark.parametrize("address", [CALENDARS, NOTICES])
def test_trying_again_mails_again(client, refusing, server, time_machine, address):
    client.force_login(refusing)
    form = page(client.get(address)).one("form", action=NOTICES)

    response = client.post(form["action"], form.fields() | {"minutes": "60"}, follow=True)

    assert (response.redirect_chain, refused()) == ([(address, 302)], ["", "", ""])
    assert said(response)[0].startswith("Saved. If one of your calendars has not been updated by then, you get mail")
    assert page(response).all("div.error") == []
    assert run()[0] == "3 sent, 0 failed.\n"


def test_new_address_is_mailed(client, refusing, server):
    User.objects.filter(pk=refusing.pk).update(email="bob@example.com")
    EmailAddress.objects.filter(user=refusing).update(email="bob@example.com")
    client.force_login(refusing)

    assert page(client.get(CALENDARS)).all("div.error") == []
    assert run() == ("3 sent, 0 failed.\n", "", 0)
    assert "bob@example.com" in [address for address, _ in server.taken]


def test_nobody_else_is_told(due, refusing):
    for user, minutes in ((due[0], 60), (refusing, None)):  # another person; and one who wants no mail
        User.objects.filter(pk=user.pk).update(notice_minutes=minutes)
        client = Client()
        client.force_login(user)

        assert page(client.get(CALENDARS)).all("div.error") == []
    assert not Notice.objects.exists()
    assert {ALICE, CAROL} == {user.email for user in due} - {BOB}
