"""A mail server that hangs, refuses or is not there: a page in words, in bounded time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from tests.conftest import PASSWORD

pytestmark = pytest.mark.any_database

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FORMS = [
    ("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD}),
    ("/accounts/login/code/", {"email": "alice@example.org"}),
    ("/accounts/login/code/", {"email": "nobody@example.org"}),
    ("/accounts/password/reset/", {"email": "alice@example.org"}),
]


@pytest.fixture
def silent_server(settings) -> Iterator[None]:
    """A mail server that takes connections and never says a word."""
    listening = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def take() -> None:
        while True:
            try:
                taken.append(listening.accept()[0])
            except OSError:
                return

    threading.Thread(target=take, daemon=True).start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = listening.getsockname()[1], 0.2
    yield
    listening.shutdown(socket.SHUT_RDWR)
    for each in (listening, *taken):
        each.close()


@pytest.fixture
def no_server(settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1


@pytest.mark.parametrize(("path", "sent"), FORMS)
@pytest.mark.parametrize("trouble", ["silent_server", "no_server"])
def test_form_that_sends_a_mail_says_that_it_could_not(client, alice, request, trouble, path, sent):
    request.getfixturevalue(trouble)
    began = time.monotonic()

    answer = client.post(path, sent)

    assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert "We could not send the mail" in answer.content.decode()
    assert time.monotonic() - began < 5


def test_sign_up_goes_on_once_the_mail_server_is_back(client, db, no_server, settings):
    path, sent = FORMS[0]
    client.post(path, sent)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    answer = client.post(path, sent)

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    assert [each.to for each in mail.outbox] == [["new@example.org"]]
    assert EmailAddress.objects.filter(email="new@example.org").count() == 1


def test_a_change_is_not_undone_by_a_notice_that_cannot_be_sent(client, alice, no_server, logged):
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-horse-battery", "password2": "another-horse-battery"},
    )

    alice.refresh_from_db()
    assert (answer.status_code, alice.check_password("another-horse-battery")) == (302, True)
    assert "Mail account/email/password_changed could not be sent: ConnectionRefusedError" in logged.getvalue()
    assert alice.email not in logged.getvalue().partition("could not be sent")[2]


def test_mail_has_a_time_limit(settings):
    assert settings.EMAIL_TIMEOUT == 10
