"""The letters of calendar keys: made, split and compared. No model, no request.

A key is what stands in /calendar/<key>.ics: LOOKUP_LENGTH letters that find the row (and may be logged), then
SECRET_LENGTH letters that prove it is the owner's. The database keeps an HMAC of the secret alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

# Letters and digits that nobody confuses when they read an address aloud (no 0, O, 1, I, l).
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LOOKUP_LENGTH = 8
SECRET_LENGTH = 32  # of 57 letters each: 186 bits


def digest_of(secret: str, server_secret: str) -> str:
    """HMAC-SHA-256 of a key's secret, in hexadecimal."""
    return hmac.new(server_secret.encode(), b"calendar key digest:" + secret.encode(), hashlib.sha256).hexdigest()


def matches(secret: str, digest: str, server_secrets: Iterable[str]) -> bool:
    """Whether the digest is the secret's, under any of the server's secrets; the same work for a wrong one."""
    # A list, so that every secret is tried: any() would stop at the first that fits.
    return True in [hmac.compare_digest(digest_of(secret, server), digest) for server in server_secrets]


def key_for(once: str, user_id: int, server_secret: str) -> str:
    """The key that this form, sent by this person, makes: the same one however often it is sent.

    `once` is the form's own random text. Whoever lacks the server's secret can tell nothing of the key from it.
    """
    message = f"calendar key:{user_id}:{once}".encode()
    number = int.from_bytes(hmac.new(server_secret.encode(), message, hashlib.sha512).digest(), "big")
    letters = []
    for _ in range(LOOKUP_LENGTH + SECRET_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def split(key: str) -> tuple[str, str]:
    """The finding and the proving part of what somebody wrote in an address; ("", "") for what cannot be a key."""
    if len(key) != LOOKUP_LENGTH + SECRET_LENGTH or not set(key) <= set(ALPHABET):
        return "", ""
    return key[:LOOKUP_LENGTH], key[LOOKUP_LENGTH:]
