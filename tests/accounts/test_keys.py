"""The letters of calendar keys: what opens, what does not, and what they give away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.keys import ALPHABET, digest_of, key_for, matches, split

KEY = key_for("once", 1, "server secret")
LOOKUP, SECRET = split(KEY)
DIGEST = digest_of(SECRET, "server secret")


def test_key_is_a_lookup_and_a_secret():
    assert (len(LOOKUP), len(SECRET)) == (8, 32)
    assert LOOKUP + SECRET == KEY


def test_alphabet_has_no_letters_that_are_misread():
    assert len(ALPHABET) == len(set(ALPHABET)) == 57
    assert not set("01OIl") & set(ALPHABET)


@given(st.text(), st.integers(0, 2**31), st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_every_key_splits_into_its_parts(once, user_id, server_secret):
    key = key_for(once, user_id, server_secret)

    assert "".join(split(key)) == key
    assert set(key) <= set(ALPHABET)


def test_same_form_of_the_same_person_makes_the_same_key():
    assert key_for("once", 1, "server secret") == KEY


@pytest.mark.parametrize(
    ("once", "user_id", "server_secret"),
    [("other", 1, "server secret"), ("once", 2, "server secret"), ("once", 1, "other"), ("1:once", 1, "server secret")],
)
def test_another_form_person_or_server_makes_another_key(once, user_id, server_secret):
    other = key_for(once, user_id, server_secret)

    assert split(other)[0] != LOOKUP
    assert split(other)[1] != SECRET


def test_form_cannot_be_another_persons():
    assert key_for("1:once", 1, "s") != key_for("once", 11, "s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        LOOKUP,
        KEY[:-1],
        KEY + "2",
        KEY[:-1] + "0",
        KEY[:-1] + "é",
        KEY[:-1] + "\n",
        KEY[:-1] + " ",
        "２" * 40,
        "\0" * 40,
    ],
)
def test_what_cannot_be_a_key_splits_into_nothing(text):
    assert split(text) == ("", "")


@given(st.text())
def test_any_text_splits_without_an_error(text):
    assert split(text) in (("", ""), (text[:8], text[8:]))


def test_digest_is_hexadecimal_and_not_the_secret():
    assert re.fullmatch("[0-9a-f]{64}", DIGEST)
    assert SECRET not in DIGEST


def test_secret_matches_its_digest_under_any_of_the_servers_secrets():
    assert matches(SECRET, DIGEST, ["server secret"])
    assert matches(SECRET, DIGEST, ["new", "server secret"])
    assert matches(SECRET, DIGEST, ["server secret", "old"])


@pytest.mark.parametrize(
    ("secret", "digest", "servers"),
    [
        (SECRET, DIGEST, ["other"]),
        (SECRET, DIGEST, []),
        (SECRET[:-1], DIGEST, ["server secret"]),
        ("", DIGEST, ["server secret"]),
        (SECRET, "", ["server secret"]),
        (SECRET, "0" * 64, ["server secret"]),
        (SECRET, DIGEST.upper(), ["server secret"]),
    ],
)
def test_anything_else_does_not_match(secret, digest, servers):
    assert not matches(secret, digest, servers)


@pytest.mark.parametrize("digest", [digest_of(SECRET, server) for server in ("new", "old", "older", "other")])
def test_every_server_secret_is_tried_whichever_fits(digest):
    servers = iter(["new", "old", "older"])

    matches(SECRET, digest, servers)

    assert list(servers) == []


def test_digest_of_one_use_is_not_a_key_of_another():
    assert digest_of("once", "server secret") != digest_of("once", "server secre")
    assert digest_of(SECRET, "a") != digest_of(SECRET, "b")
