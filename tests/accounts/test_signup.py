"""A sign-up that was interrupted, then begun again in this browser or another, by its owner or a stranger."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import send_form_with, send_mailed_code, user_of
from tests.pages import page

MINUTE = 60  # seconds
FIRST, SECOND = "marble-lantern-7", "copper-kettle-9"
CAROL = "carol@example.org"


@pytest.fixture(autouse=True)
def clock(db, time_machine):
    time_machine.move_to("2019-10-01T08:00:00Z", tick=False)
    return time_machine


def sign_up(client: Client, password: str = FIRST, by: str = ""):
    sent = {"email": CAROL, "password1": password, "next": "/agenda/calendars/"}
    return client.post(f"/accounts/signup/{by}", sent, follow=True)


@pytest.mark.parametrize("seconds", [0, MINUTE, 20 * MINUTE, 60 * 24 * MINUTE])
def test_sign_up_begun_again_in_another_browser_mails_a_code_that_works(client, clock, seconds):
    sign_up(Client(), FIRST)
    clock.shift(seconds)

    response = send_mailed_code(client, sign_up(client, SECOND))

    carol = User.objects.get()
    assert [message.subject for message in mail.outbox] == ["Your code to finish signing up"] * 2
    assert response.redirect_chain[-1][0] == "/agenda/calendars/"
    assert (user_of(client), carol.check_password(SECOND)) == (carol, True)


@pytest.mark.parametrize("seconds", [0, MINUTE, 14 * MINUTE])
def test_sign_up_begun_again_in_the_same_browser_leads_to_its_code(client, clock, seconds):
    sign_up(client)
    clock.shift(seconds)

    again = client.get("/accounts/signup/", follow=True)
    response = send_mailed_code(client, again)

    assert page(again).one("h1").text == "Enter the code"
    assert len(mail.outbox) == 1
    assert user_of(client) == User.objects.get()
    assert response.status_code == 200


def test_sign_up_begun_again_when_its_code_is_too_old_mails_a_new_one(client, clock):
    sign_up(client)
    clock.shift(16 * MINUTE)

    send_mailed_code(client, sign_up(client, SECOND))

    assert len(mail.outbox) == 2
    assert User.objects.get().check_password(SECOND)


def test_sign_up_begun_with_a_password_ends_with_a_passkey(client):
    sign_up(Client(), FIRST)

    response = send_mailed_code(client, sign_up(client, by="passkey/"))

    assert response.redirect_chain[-1][0] == "/accounts/2fa/webauthn/signup/"
    assert page(response).one("h1").text == "Make your passkey"


def question(response) -> tuple[str, str, str, list[str]]:
    """The passkey page's heading, the account it names, when it asks the device, and its buttons."""
    main = page(response).one("main")
    form = next(form for form in main.all("form") if "data-passkey" in form.attributes)
    return main.one("h1").text, main.one("strong").text, form["data-passkey"], main.texts("button")


def test_passkey_page_that_was_left_names_the_account_and_asks_who_is_there(client):
    first = question(send_mailed_code(client, sign_up(client, by="passkey/")))
    left = question(client.get("/accounts/login/", follow=True))

    buttons = ["Make a passkey", "Log in with a mailed code instead", "Not you? Start again"]
    assert first == ("Make your passkey", CAROL, "at once", buttons)
    assert left == ("Is it you?", CAROL, "asked", buttons)


def test_person_who_is_another_one_starts_again_without_the_sign_up_that_was_left(client):
    send_mailed_code(client, sign_up(client, by="passkey/"))

    asked = page(client.get("/accounts/login/", follow=True)).one("main")
    form = next(form for form in asked.all("form") if form.texts("button") == ["Not you? Start again"])
    response = client.post(form["action"], form.fields(), follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/login/"
    assert page(client.get("/accounts/login/", follow=True)).one("h1").text == "Log in"
    assert client.get("/accounts/2fa/webauthn/signup/").url == "/accounts/signup/"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("minutes", "is_open"), [(9, True), (11, False)])
def test_sign_up_left_at_its_passkey_ends_after_ten_minutes(client, clock, method, minutes, is_open):
    send_mailed_code(client, sign_up(client, by="passkey/"))
    clock.shift(minutes * MINUTE)

    response = getattr(client, method)("/accounts/2fa/webauthn/signup/", follow=True)

    root = page(response)
    assert root.one("h1").text == ("Is it you?" if is_open else "Log in")
    assert ("waited too long" in root.one("div", id="messages").text) is not is_open
    assert user_of(client) is None


@pytest.mark.parametrize("mine", [SECOND, ""])
@pytest.mark.parametrize("strangers_turn", ["before", "after"])
def test_password_is_the_one_of_whoever_enters_the_code(client, mine, strangers_turn):
    if strangers_turn == "before":
        sign_up(Client(), "strangers-password")
    asked = sign_up(client, mine)
    code = str(mail.outbox[-1].body).splitlines()[0]
    if strangers_turn == "after":
        sign_up(Client(), "strangers-password")

    send_form_with(client, asked, code=code)

    carol = User.objects.get()
    assert user_of(client) == carol
    assert (carol.check_password("strangers-password"), carol.has_usable_password()) == (False, bool(mine))
    assert not mine or carol.check_password(mine)


def test_sign_up_finished_elsewhere_meanwhile_leaves_its_password(client):
    elsewhere = Client()
    sign_up(Client(), FIRST)
    begun = sign_up(elsewhere, SECOND)
    code = str(mail.outbox[-1].body).splitlines()[0]
    send_mailed_code(client, sign_up(client, FIRST))

    entrance = send_form_with(elsewhere, begun, code=code)
    asked = elsewhere.post("/accounts/login/code/", {"email": CAROL}, follow=True)
    send_mailed_code(elsewhere, asked)

    assert entrance.redirect_chain[-1][0] == "/accounts/login/"
    assert user_of(elsewhere) == user_of(client) == User.objects.get()
    assert User.objects.get().check_password(FIRST)


def test_password_chosen_for_one_address_is_not_given_to_another_person(client, clock):
    sign_up(Client(), FIRST)
    sign_up(client, SECOND)  # kept in this browser until the code is entered
    clock.shift(16 * MINUTE)  # until that sign-up is given up
    dave = User.objects.create_user("dave@example.org", "daves-own-password")
    EmailAddress.objects.create(user=dave, email=dave.email, verified=True, primary=True)

    client.post("/accounts/login/", {"login": dave.email, "password": "daves-own-password"})

    dave.refresh_from_db()
    assert (user_of(client), dave.check_password("daves-own-password")) == (dave, True)


def test_strangers_sign_up_stays_shut_when_its_owner_finished(client):
    stranger = Client()
    sign_up(stranger, "strangers-password")
    send_mailed_code(client, sign_up(client, SECOND))

    sign_up(stranger, "strangers-password")
    stranger.get("/accounts/confirm-email/")
    stranger.post("/accounts/login/", {"login": CAROL, "password": "strangers-password"})

    assert user_of(stranger) is None
    assert User.objects.get().check_password(SECOND)


def test_sign_up_with_an_address_that_was_proven_changes_nothing(client):
    send_mailed_code(client, sign_up(client, FIRST))

    sign_up(Client(), SECOND)

    assert mail.outbox[-1].subject == "You already have an account"
    assert User.objects.get().check_password(FIRST)


def test_address_that_somebody_wanted_once_does_not_open_their_account(client, bob):
    bob.emailaddress_set.create(email=CAROL, verified=False)

    sign_up(client)

    assert [message.subject for message in mail.outbox] == ["You already have an account"]
    assert user_of(client) is None


def test_mailbox_is_not_flooded_by_whatever_form(clock):
    forms = ("/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/", "/accounts/signup/passkey/")

    answers = []
    for _ in range(30):
        clock.shift(MINUTE)
        answers += [Client().post(form, {"email": CAROL}) for form in forms]

    assert len(mail.outbox) == 20
    assert (answers[-1].status_code, answers[-1]["Retry-After"]) == (429, "1800")


def test_owner_hears_of_a_change_however_many_mails_were_asked_for(client, clock):
    for _ in range(21):
        clock.shift(MINUTE)
        response = sign_up(Client())
    clock.shift(60 * MINUTE)
    send_mailed_code(client, sign_up(client))
    for _ in range(21):
        clock.shift(MINUTE)
        Client().post("/accounts/login/code/", {"email": CAROL})
    client.post("/accounts/password/change/", {"oldpassword": FIRST, "password1": SECOND, "password2": SECOND})

    assert response.status_code == 429
    assert mail.outbox[-1].subject == "Your password was changed"
