"""Passkeys: answers to this site's own pages alone, each once; what a stranger sends is refused, never an error."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.owners import logged_in_sessions_of
from tests.accounts.device import ADD, LOG_IN, Device, asked_to_add, asked_to_log_in
from tests.accounts.steps import log_in, user_of
from tests.threads import at_once

pytestmark = pytest.mark.any_database

OF_THE_RP = ["https://testserver", "http://testserver:8080", "http://evil.testserver", "http://testserver.", "null", 7]
LONG = "A" * 70_000
DEEP = "[" * 60_000


@pytest.fixture
def device() -> Device:
    return Device()


def send(client: Client, address: str, answer: object) -> int:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return client.post(address, {"credential": text, "name": "Laptop"}).status_code


def changed(answer: dict, **response: object) -> dict:
    return answer | {"response": answer["response"] | response}


def without(answer: dict, name: str) -> dict:
    return answer | {"response": {key: value for key, value in answer["response"].items() if key != name}}


# What a stranger may send in place of an answer.
MALFORMED = {
    "not JSON": lambda answer: "{",
    "too deep": lambda answer: DEEP,
    "empty": lambda answer: "{}",
    "nothing": lambda answer: "",
    "a list": lambda answer: [answer],
    "no response": lambda answer: answer | {"response": None},
    "no id": lambda answer: {"response": answer["response"], "type": "public-key"},
    "no client data": lambda answer: without(answer, "clientDataJSON"),
    "no data of the device": lambda answer: without(without(answer, "authenticatorData"), "attestationObject"),
    "no base64": lambda answer: changed(answer, clientDataJSON="é!", authenticatorData="é", attestationObject="%%%"),
    "base64 of nothing": lambda answer: changed(answer, authenticatorData="AAAA", attestationObject="AAAA"),
    "numbers": lambda answer: changed(answer, authenticatorData=2**40, attestationObject=2**40),
    "a number for a person": lambda answer: changed(answer, userHandle=2**40, attestationObject=None),
    "a person nobody is": lambda answer: changed(
        answer, userHandle="OTk5OTk5OTk5OTk5OTk5OTk5OTk5", attestationObject=[]
    ),
    "huge": lambda answer: changed(answer, userHandle=LONG),
    "NUL": lambda answer: answer | {"rawId": "\0", "id": "\0"},
    "another type": lambda answer: answer | {"type": "password"},
}


@pytest.mark.on_postgresql
@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_answer_logs_nobody_in(client, alice, device, kind):
    device.keep(alice)

    status = send(client, LOG_IN, MALFORMED[kind](device.used(asked_to_log_in(client), alice)))

    assert (status, user_of(client)) == (302, None)


@pytest.mark.on_postgresql
@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_answer_makes_no_passkey(client, alice, device, kind):
    log_in(client, alice)

    status = send(client, ADD, MALFORMED[kind](device.made(asked_to_add(client))))

    assert (status, Authenticator.objects.count()) == (200, 0)


@pytest.mark.parametrize("origin", OF_THE_RP)
def test_answer_of_another_origin_is_refused(client, alice, device, origin):
    used = device.used(asked_to_log_in(client), alice, origin=origin)
    passkey = device.keep(alice)
    send(client, LOG_IN, used)
    assert user_of(client) is None
    passkey.delete()
    log_in(client, alice)

    send(client, ADD, device.made(asked_to_add(client), origin=origin))

    assert Authenticator.objects.count() == 0


def test_host_that_a_thief_names_is_no_origin(client, alice, device):
    device.keep(alice)
    there = {"host": "testserver:8080"}

    used = device.used(asked_to_log_in(client), alice, origin="http://testserver:8080")
    client.post(LOG_IN, {"credential": json.dumps(used)}, headers=there)

    assert user_of(client) is None


@pytest.mark.parametrize(
    "different", [{"type": "webauthn.create"}, {"challenge": "AAAA"}, {"challenge": 2**40}, {"crossOrigin": True}]
)
def test_answer_to_another_question_is_refused(client, alice, device, different):
    device.keep(alice)

    used = device.used(**({"challenge": asked_to_log_in(client), "user": alice} | different))
    send(client, LOG_IN, used)

    assert user_of(client) is None


def test_passkey_of_another_person_opens_nothing(client, alice, bob, device):
    device.keep(bob)

    status = send(client, LOG_IN, device.used(asked_to_log_in(client), alice))

    assert (status, user_of(client)) == (302, None)


def test_passkey_is_made_and_opens_the_account_with_only_what_is_needed_kept(client, alice, device):
    log_in(client, alice)
    made = device.made(asked_to_add(client)) | {"clientExtensionResults": {"credProps": {"rk": True}}, "more": "x"}
    send(client, ADD, changed(made, transports=["internal"], more=LONG[:9]))
    client.post("/accounts/logout/")

    send(client, LOG_IN, device.used(asked_to_log_in(client), alice))

    passkey = Authenticator.objects.get(type="webauthn")
    assert (user_of(client), passkey.wrap().is_passwordless) == (alice, True)
    assert set(passkey.data["credential"]["response"]) == {"clientDataJSON", "attestationObject"}
    assert "more" not in passkey.data["credential"]


@pytest.mark.parametrize(
    ("counters", "warnings"), [([0, 0], 0), ([4, 9], 0), ([4, 3], 1), ([4, 4], 1), ([4, 0], 1), ([9, 3, 4], 2)]
)
def test_counter_that_goes_back_is_logged_and_mailed(client, alice, device, logged, counters, warnings):
    device.keep(alice)

    for counter in counters:
        send(client, LOG_IN, device.used(asked_to_log_in(client), alice, counter))
        assert user_of(client) == alice
        client.post("/accounts/logout/")

    assert [sent.subject for sent in mail.outbox] == ["Somebody may have a copy of your passkey"] * warnings
    assert logged.getvalue().count("WARNING accounts.passkeys: The counter of passkey") == warnings


@pytest.mark.on_postgresql
@pytest.mark.usefixtures("counters")
def test_one_answer_is_good_for_one_session(shared_database, client, alice, device):
    device.keep(alice)
    answer = device.used(asked_to_log_in(client), alice)

    def replay() -> int:
        thief = Client()
        thief.cookies = client.cookies.copy()
        return send(thief, LOG_IN, answer)

    answers = at_once(4, replay)

    assert set(answers) <= {302, 400, 409}  # a session that goes on elsewhere is no error either
    assert len(logged_in_sessions_of(alice)) == 1
