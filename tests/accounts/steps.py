"""What visitors do on their way in, in their words; with one talk that they may have starred."""

from __future__ import annotations

import hmac
import struct
import time
from base64 import b32decode
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from agenda.models import Session
from tests.agenda.kvm_forum import add_event, add_session
from tests.conftest import PASSWORD
from tests.pages import page

TALK = "/meeting/sessions/talk/"
TOLD = "1 talk you starred is now in your agenda."


def add_talk() -> Session:
    event = add_event("meeting", "Europe/Paris", "2019-10-30", "2019-11-01")
    return add_session(event, "Talk", "2019-10-30T10:00")


def star(client: Client) -> None:
    client.post(f"{TALK}star")


def starred(user: User) -> list[str]:
    return list(Session.objects.filter(stars__user=user).values_list("slug", flat=True))


def log_in(client: Client, user: User) -> None:
    """With the password all people of the tests have, so that who is there was shown just now."""
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def be_logged_in(client: Client, user: User) -> None:
    """As a moment after logging in with the password, without the time that its form takes."""
    client.force_login(user, backend="accounts.backends.Backend")
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, method="password")
    request.session.save()


def user_of(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def said(response: HttpResponse) -> list[str]:
    return page(response).one("div", id="messages").texts("p")


def send_form_with(client: Client, response: HttpResponse, **fields: str) -> Any:
    """The page that sending this page's form ends on, filled in so; it is the first one with these fields."""
    form = next(form for form in page(response).all("form") if fields.keys() <= form.fields().keys())
    return client.post(form["action"], form.fields() | fields, follow=True)


def send_mailed_code(client: Client, response: HttpResponse) -> Any:
    return send_form_with(client, response, code=str(mail.outbox[-1].body).splitlines()[0])


def switch_app_on(user: User) -> str:
    """The secret of the authenticator app that the user has from now on."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def recovery_codes_of(user: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def app_code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238, from the library nothing)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(b32decode(secret), counter, "sha1")
    offset = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"
