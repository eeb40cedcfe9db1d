"""Limits that README or docs/ promise are those of the site, set in our own settings."""

from __future__ import annotations

import importlib
import re
from math import log2
from pathlib import Path

import pytest
from django.conf import settings

from accounts import elsewhere, keys, views
from agenda.management.commands import send_notices
from forum import bodies

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = " ".join(" ".join(path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))).split())
SETTINGS = (ROOT / "forum" / "settings.py").read_text()
CODES = "(?:LOGIN|EMAIL_VERIFICATION|PASSWORD_RESET)_BY_CODE"
WORDS = {word: str(number) for number, word in enumerate(("zero", "one", "two", "three", "four", "five", "six"))}


def set_to(pattern: str) -> set[object]:
    """The values of our own settings whose names fit: what a library would take for unset ones is none of them."""
    module = importlib.import_module("forum.settings")
    return {value for name, value in vars(module).items() if re.fullmatch(pattern, name)}


@pytest.mark.parametrize(
    ("promise", "kept", "unit"),
    [
        (r"mailed codes that end after (\w+) wrong tries", lambda: set_to(f"ACCOUNT_{CODES}_MAX_ATTEMPTS"), 1),
        (r"mailed codes that end after .*? or (\w+) minutes", lambda: set_to(f"ACCOUNT_{CODES}_TIMEOUT"), 60),
        (r"a sign-up left at its passkey .*? ends after (\w+) minutes", lambda: {views.LEFT_FOR}, 60),
        (r"bodies over (\w+) MB", lambda: {bodies.LARGEST_BODY}, 1_000_000),
        (r"MB \((\w+) MB below `/admin/`\)", lambda: {bodies.LARGEST_UPLOAD}, 1_000_000),
        (r"is slow holds (\w+) threads of a worker", lambda: {elsewhere.MOST_CALLS}, 1),
        (r"threads of a worker, for (\w+) seconds", lambda: set_to("SOCIALACCOUNT_REQUESTS_TIMEOUT"), 1),
        (r"A run sends no more after (\w+) minutes", lambda: {send_notices.LONGEST_RUN}, 60),
        (r"passwords of (\w+) random bits", lambda: {int(keys.SECRET_LENGTH * log2(len(keys.ALPHABET)))}, 1),
    ],
)
def test_limit_is_the_one_that_the_text_promises(promise, kept, unit):
    promised = {WORDS.get(number, number) for number in re.findall(promise, DOCUMENTS)}

    assert [{int(number) * unit} for number in promised] == [kept()]


def test_every_kind_of_mailed_code_has_limits_of_our_own():
    assert len(re.findall(f"ACCOUNT_{CODES}_MAX_ATTEMPTS", SETTINGS)) == 3
    assert len(re.findall(f"ACCOUNT_{CODES}_TIMEOUT", SETTINGS)) == 3
