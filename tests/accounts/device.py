"""A device with passkeys, as WebAuthn describes one: it signs what it is asked, or what a thief would have it sign."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User
from tests.pages import page

ORIGIN = "http://testserver"
FLAGS = AuthenticatorData.FLAG
LOG_IN = "/accounts/2fa/webauthn/login/"
ADD = "/accounts/2fa/webauthn/add/"


class Device:
    def __init__(self, credential: bytes = b"alice's passkey") -> None:
        self.key, self.credential = ec.generate_private_key(ec.SECP256R1()), credential

    def made(self, challenge: str, **different: Any) -> dict[str, Any]:
        """The answer to the page that adds a passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        known = AttestedCredentialData.create(b"\0" * 16, self.credential, public)
        data = self._data(different.pop("counter", 0), FLAGS.AT, known)
        attested = AttestationObject.create("none", data, {})
        client_data = self._client_data("webauthn.create", challenge, **different)
        return self._answer(clientDataJSON=websafe_encode(client_data), attestationObject=websafe_encode(attested))

    def used(self, challenge: str, user: User, counter: int = 0, **different: Any) -> dict[str, Any]:
        """The answer to the log-in page."""
        client_data = self._client_data("webauthn.get", challenge, **different)
        data = self._data(counter)
        return self._answer(
            clientDataJSON=websafe_encode(client_data),
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))),
            userHandle=websafe_encode(user_pk_to_url_str(user).encode()),
        )

    def keep(self, user: User, counter: int = 0) -> Authenticator:
        data = {"name": "Laptop", "credential": self.made("AAAA", counter=counter)}
        return Authenticator.objects.create(user=user, type="webauthn", data=data)

    def _client_data(self, kind: str, challenge: str, **different: Any) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": ORIGIN, **different}).encode()

    def _data(self, counter: int, more: int = 0, known: AttestedCredentialData | None = None) -> AuthenticatorData:
        rp = hashlib.sha256(b"testserver").digest()
        return AuthenticatorData.create(rp, FLAGS.UP | FLAGS.UV | more, counter, known or b"")

    def _answer(self, **response: str) -> dict[str, Any]:
        known = websafe_encode(self.credential)
        return {"id": known, "rawId": known, "type": "public-key", "response": response}


def asked_to_log_in(client: Client) -> str:
    answer = client.get(LOG_IN, headers={"X-Requested-With": "XMLHttpRequest"}).json()
    challenge: str = answer["request_options"]["publicKey"]["challenge"]
    return challenge


def asked_to_add(client: Client) -> str:
    challenge: str = json.loads(page(client.get(ADD)).one("script", id="passkey-options").text)["creation_options"][
        "publicKey"
    ]["challenge"]
    return challenge
