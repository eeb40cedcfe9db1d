"""The second step: what takes it away asks for it, and its codes count once, a step early and late."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from tests.accounts.steps import app_code, log_in, recovery_codes_of, send_form_with, switch_app_on, user_of
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

REAUTHENTICATE = "/accounts/2fa/reauthenticate/"
SHOWN = "/accounts/2fa/recovery-codes/"
STEP = 30  # seconds that a code of the app is shown
# Each takes the second step away, or opens a way around it.
AROUND_IT = [
    "/accounts/2fa/totp/deactivate/",
    SHOWN,
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/keys/{passkey}/remove/",
]


@pytest.fixture
def fresh(client, alice):
    """Alice has just logged in by password; the app was switched on elsewhere since."""
    log_in(client, alice)
    return client


def has_app(user):
    return Authenticator.objects.filter(user=user, type="totp").exists()


@pytest.mark.parametrize(
    ("address", "method"),
    [(address, "get") for address in AROUND_IT] + [(address, "post") for address in AROUND_IT if address != SHOWN],
)
def test_fresh_password_takes_no_second_step_away(fresh, alice, address, method):
    switch_app_on(alice)
    recovery_codes_of(alice)
    address = address.format(passkey=Authenticator.objects.create(user=alice, type="webauthn", data={}).pk)

    refused = getattr(fresh, method)(address)
    by_password = fresh.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": address}, follow=True)

    assert refused["Location"] == f"{REAUTHENTICATE}?next={address}"
    assert by_password.redirect_chain[-1][0].partition("?")[0] == REAUTHENTICATE
    assert page(by_password).one("main").texts("a.button") == []
    assert Authenticator.objects.filter(user=alice).count() == 3


@pytest.mark.parametrize("factor", ["app", "recovery code"])
def test_factor_itself_switches_the_second_step_off(fresh, alice, factor):
    secret, codes = switch_app_on(alice), recovery_codes_of(alice)

    asked = fresh.get("/accounts/2fa/totp/deactivate/", follow=True)
    form = send_form_with(fresh, asked, code=app_code(secret) if factor == "app" else codes[0])
    fresh.post(form.redirect_chain[-1][0])

    assert form.redirect_chain[-1][0] == "/accounts/2fa/totp/deactivate/"
    assert not has_app(alice)


@pytest.mark.usefixtures("counters")
@pytest.mark.parametrize(("off", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_is_taken_one_step_early_and_late_and_once(client, alice, time_machine, off, opens):
    secret = switch_app_on(alice)
    time_machine.move_to("2019-10-01T08:00:10Z", tick=False)
    time_machine.shift(off * STEP)
    code = app_code(secret)
    time_machine.shift(-off * STEP)

    for first in (True, False):
        asked = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
        send_form_with(client, asked, code=code)

        assert (user_of(client) == alice) is (opens and first)
        client.post("/accounts/logout/")


@pytest.mark.parametrize("waited", [0, STEP])
def test_code_that_switched_the_app_on_is_used_up(client, alice, time_machine, waited):
    time_machine.move_to("2019-10-01T08:00:10Z", tick=False)
    log_in(client, alice)
    form = client.get("/accounts/2fa/totp/activate/")
    code = app_code(page(form).one("code").text)
    shown = send_form_with(client, form, code=code)
    client.post("/accounts/logout/")
    time_machine.shift(waited)

    asked = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
    send_form_with(client, asked, code=code)

    assert shown.redirect_chain[-1][0] == "/accounts/2fa/recovery-codes/"
    assert (has_app(alice), user_of(client)) == (True, None)


@pytest.mark.parametrize(
    ("wrong", "locked", "open_still"), [("000000", "app", "recovery code"), ("00000000", "recovery code", "app")]
)
def test_failures_with_one_kind_of_code_do_not_lock_the_other(client, alice, wrong, locked, open_still):
    right = {"app": app_code(switch_app_on(alice)), "recovery code": recovery_codes_of(alice)[0]}
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    tries = [client.post("/accounts/2fa/authenticate/", {"code": wrong}).status_code for _ in range(6)]
    after = {kind: client.post("/accounts/2fa/authenticate/", {"code": right[kind]}) for kind in (locked, open_still)}

    assert tries == [200] * 5 + [429]
    assert [after[kind].status_code for kind in (locked, open_still)] == [429, 302]
    assert user_of(client) == alice
