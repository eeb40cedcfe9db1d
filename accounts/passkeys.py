"""The forms that take a passkey's answer (WebAuthn Level 3, section 7): what allauth leaves open is decided here."""

from __future__ import annotations

import json
import logging
from typing import Any, TypeVar
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from fido2.cose import UnsupportedKey
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import limits
from accounts.models import User

logger = logging.getLogger(__name__)
LONGEST = 64 * 1024  # characters; what browsers send is a few thousand
USED_FOR = 60 * limits.MINUTE  # how long a used challenge is remembered; the cookie session forgets it at once
DEFAULT_PORTS = {"http": 80, "https": 443}
ABOUT_IT = ("id", "rawId", "type")
ANSWERED = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")

Answer = TypeVar("Answer", AuthenticationResponse, RegistrationResponse)


def refused() -> ValidationError:
    error: ValidationError = get_adapter().validation_error("incorrect_code")
    return error


def origin_of(request: HttpRequest) -> str:
    """The one origin that pages of this site have: scheme and port of SITE_URL, and the host that was asked."""
    site, host = urlsplit(settings.SITE_URL), urlsplit(f"//{request.get_host()}").hostname
    port = "" if site.port in (None, DEFAULT_PORTS[site.scheme]) else f":{site.port}"
    return f"{site.scheme}://{host}{port}"


def texts_in(data: dict[str, Any]) -> dict[str, Any]:
    """What we use of a browser's answer, and only what is text in it: no size in it can be a number."""
    about = {name: data[name] for name in ABOUT_IT if isinstance(data[name], str)}
    inner = data["response"]
    return about | {"response": {name: inner[name] for name in ANSWERED if isinstance(inner.get(name), str)}}


def read(kind: type[Answer], data: Any) -> tuple[dict[str, Any], Answer]:
    """The answer as it may be kept, and parsed. Raises a ValidationError if it is malformed, or of another origin."""
    try:
        kept = texts_in(data)
        challenge = json.loads(websafe_decode(kept["response"]["clientDataJSON"]))["challenge"]
        if not isinstance(challenge, str) or kept["type"] != "public-key":
            raise refused()
        answer = kind.from_dict(kept)
    except Exception as error:  # bytes of a stranger: the parsers of three formats raise what they like
        raise refused() from error
    client = answer.response.client_data
    if client.origin != origin_of(context.request) or client.cross_origin:
        raise refused()
    return kept, answer


def use_up(challenge: bytes) -> None:
    """Takes the challenge for good. Of several answers to it at once, all but one raise a ValidationError."""
    if not limits.may_be_tried(f"passkey {challenge.hex()}", 1, USED_FOR):
        raise refused()


def watch_counter(passkey: Authenticator, counter: int) -> None:
    """Notes the counter of the passkey's device; one that goes back is logged and mailed, as a copy may be in use.

    Passkeys that are kept in step between devices count nothing, and stay at 0.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=passkey.pk)
        before = row.data.get("counter", row.wrap().authenticator_data.counter)
        if counter > before:
            row.data["counter"] = counter
            row.save(update_fields=["data"])
    if 0 < before >= counter:
        logger.warning("The counter of passkey %s went back from %s to %s.", passkey.pk, before, counter)
        get_adapter().send_notification_mail("mfa/email/passkey_copied", passkey.user, {"passkey": str(passkey)})


@receiver(authenticator_added, dispatch_uid="first passkey")
def tell_of_first_passkey(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Sends the notice of a new passkey that allauth does not send at a sign-up, which may have been left open."""
    if request.user.is_anonymous:
        get_account_adapter().send_notification_mail("mfa/email/webauthn_added", user)


class CredentialField(forms.JSONField):
    def to_python(self, value: Any) -> Any:
        """The data, none of which is too large or too deep to be a browser's."""
        if isinstance(value, str) and len(value) > LONGEST:
            raise refused()
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise refused() from error


class CredentialForm(forms.Form):
    """Must come first among the bases of a form."""

    credential = CredentialField(widget=forms.HiddenInput)


class UseForm(CredentialForm):
    def clean_credential(self) -> Authenticator:
        self.cleaned_data["credential"], answer = read(AuthenticationResponse, self.cleaned_data["credential"])
        passkey: Authenticator = super().clean_credential()  # type: ignore[misc]  # allauth's
        use_up(answer.response.client_data.challenge)
        watch_counter(passkey, answer.response.authenticator_data.counter)
        return passkey


class AddForm(CredentialForm):
    challenge = b""

    def clean_credential(self) -> dict[str, Any]:
        """What is kept of the new passkey."""
        data = self.cleaned_data["credential"]
        _, answer = read(RegistrationResponse, data)
        made = answer.response.attestation_object.auth_data.credential_data
        if made is None or made.credential_id != answer.raw_id or isinstance(made.public_key, UnsupportedKey):
            raise refused()
        self.challenge = answer.response.client_data.challenge
        # Encoded once more, as base64 may come with signs between that no database takes.
        return dict(answer) | {"clientExtensionResults": {"credProps": {"rk": is_resident(data)}}}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.challenge:
            use_up(self.challenge)
        return cleaned


def is_resident(data: Any) -> bool:
    """True if the browser says that the device itself knows the account of the new passkey."""
    for name in ("clientExtensionResults", "credProps", "rk"):
        data = data.get(name) if isinstance(data, dict) else None
    return data is True


class LoginWebAuthnForm(UseForm, webauthn_forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class AuthenticateWebAuthnForm(UseForm, webauthn_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticateWebAuthnForm(UseForm, webauthn_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddWebAuthnForm(AddForm, webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]
    pass


class SignupWebAuthnForm(AddForm, webauthn_forms.SignupWebAuthnForm):  # type: ignore[misc]
    pass
