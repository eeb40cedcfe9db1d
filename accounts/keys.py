"""Makes, splits and compares the letters of calendar keys. Knows no model and no request.

A key is the secret part of /calendar/<key>.ics: LOOKUP_LENGTH letters that find the row (and may be logged), then
SECRET_LENGTH letters that prove it is the owner's. The database keeps an HMAC of the secret alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

# Letters and digits that are not confused when an address is read aloud (no 0, O, 1, I, l).
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LOOKUP_LENGTH = 8
SECRET_LENGTH = 32  # of 57 letters each: 186 bits


def digest_of(secret: str, server_secret: str) -> str:
    """HMAC-SHA-256 of a key's secret, in hexadecimal."""
    return hmac.new(server_secret.encode(), b"calendar key digest:" + secret.encode(), hashlib.sha256).hexdigest()


def matches(secret: str, digest: str, server_secrets: Iterable[str]) -> bool:
    """True if this is the secret's digest under any of the server's secrets. Takes the same time if it is not."""
    # A list, so that every secret is tried: any() would stop at the first that fits.
    return True in [hmac.compare_digest(digest_of(secret, server), digest) for server in server_secrets]


def key_for(once: str, user_id: int, server_secret: str) -> str:
    """The key that a form makes for this person; the same form sent again makes the same key.

    `once` is the form's own random text. Without the server's secret, it tells nothing about the key.
    """
    message = f"calendar key:{user_id}:{once}".encode()
    number = int.from_bytes(hmac.new(server_secret.encode(), message, hashlib.sha512).digest(), "big")
    letters = []
    for _ in range(LOOKUP_LENGTH + SECRET_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def split(key: str) -> tuple[str, str]:
    """The parts of a key that find its row and that prove it; ("", "") for a text that cannot be a key."""
    if len(key) != LOOKUP_LENGTH + SECRET_LENGTH or not set(key) <= set(ALPHABET):
        return "", ""
    return key[:LOOKUP_LENGTH], key[LOOKUP_LENGTH:]
