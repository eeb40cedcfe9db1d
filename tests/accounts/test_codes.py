"""Codes as people type and paste them: only letters and digits count, on every form that takes a code."""

from __future__ import annotations

import pytest
from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django.core import mail
from django.test import Client

from accounts import codes
from tests.accounts.steps import app_code, log_in, recovery_codes_of, send_form_with, switch_app_on
from tests.conftest import PASSWORD
from tests.pages import page
from tests.threads import at_once

OFF = {"ConfirmReauthenticationCodeForm", "VerifyPhoneForm"}  # no page of the site has them


def mailed() -> str:
    return str(mail.outbox[-1].body).splitlines()[0]


def log_in_by_code(client, alice):
    return client.post("/accounts/login/code/", {"login": alice.email}, follow=True), mailed()


def sign_up(client, alice):
    return client.post("/accounts/signup/", {"email": "new@example.org", "password1": ""}, follow=True), mailed()


def reset_password(client, alice):
    return client.post("/accounts/password/reset/", {"email": alice.email}, follow=True), mailed()


def second_step(client, alice):
    secret = switch_app_on(alice)
    return client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True), app_code(secret)


def recovery_code(client, alice):
    asked, _ = second_step(client, alice)
    return asked, recovery_codes_of(alice)[0]


def switching_on(client, alice):
    log_in(client, alice)
    form = client.get("/accounts/2fa/totp/activate/")
    return form, app_code(page(form).one("code").text)


WAYS = (log_in_by_code, sign_up, reset_password, second_step, recovery_code, switching_on)
TYPED = {
    "an en dash": lambda code: f"{code[:3]}–{code[3:]}",
    "a zero-width blank": lambda code: f"\u200b{code[:2]}\u200b{code[2:]}\ufeff",
    "a no-break blank and a full stop": lambda code: f"{code[:3]}\u202f{code[3:]}.",
    "full-width signs": lambda code: code.translate({sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)}),
    "Arabic-Indic digits": lambda code: code.translate({ord("0") + digit: 0x660 + digit for digit in range(10)}),
    "lower case": str.lower,
}


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("way", WAYS)
def test_code_counts_by_its_letters_and_digits_alone(client, alice, way, typed):
    asked, code = way(client, alice)

    response = send_form_with(client, asked, code=TYPED[typed](code))

    assert (response.status_code, page(response).texts("p.errors")) == (200, [])
    assert page(response).all("input", name="code") == []


@pytest.mark.parametrize("way", WAYS)
def test_other_code_is_still_refused(client, alice, way):
    asked, code = way(client, alice)

    response = send_form_with(client, asked, code=f"{code[1:]}Ⅳ")

    assert len(page(response).all("input", name="code")) == 1


@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize("way", [log_in_by_code, sign_up, reset_password])
def test_of_many_codes_at_once_three_are_compared(shared_database, client, alice, way, monkeypatch):
    asked, code = way(client, alice)
    address, compared = asked.redirect_chain[-1][0], []
    compare = account_forms.compare_user_code
    monkeypatch.setattr(account_forms, "compare_user_code", lambda **two: compared.append(two) or compare(**two))

    def guess() -> None:
        attacker = Client()
        attacker.cookies = client.cookies
        for number in range(3):
            attacker.post(address, {"code": f"WRONG{number}"})

    at_once(8, guess)
    client.post(address, {"code": code})

    assert len(compared) == 3
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("counters")
def test_code_may_be_tried_three_times_and_a_new_one_again(client, alice, db):
    for _ in range(2):
        asked, code = log_in_by_code(client, alice)
        wrong = [client.post("/accounts/login/code/confirm/", {"code": "WRONG"}).status_code for _ in range(2)]
        response = client.post("/accounts/login/code/confirm/", {"code": code})
        client.post("/accounts/logout/")

        assert (wrong, response.status_code, asked.status_code) == ([200, 200], 302, 200)


def test_every_form_of_a_code_is_one_of_ours(settings):
    theirs = {
        name
        for module in (account_forms, mfa_forms, totp_forms)
        for name, form in vars(module).items()
        if "code" in getattr(form, "base_fields", {}) and not name.startswith("Base")
    }
    used = {
        path.rpartition(".")[2]
        for path in (settings.ACCOUNT_FORMS | settings.MFA_FORMS).values()
        if path.startswith(codes.__name__)
    }

    assert used == theirs - OFF
