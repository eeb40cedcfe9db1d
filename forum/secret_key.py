"""Reads the secret key from a file; a file that does not hold a whole key is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 50  # characters; scripts/prepare.py writes 86


def key_in(file: Path) -> str:
    """The key without blanks around it; "" if there is no such file.

    Raises ImproperlyConfigured for a file that cannot be the one that was written: a key other than the old one would
    log everybody out and close every calendar.
    """
    try:
        key = file.read_text("ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{file} cannot be read as a secret key ({type(error).__name__}). {RESTORE}"
        ) from None
    if len(key) < SHORTEST or not key.isprintable():
        raise ImproperlyConfigured(f"{file} does not hold a whole secret key. {RESTORE}")
    return key


RESTORE = "Put it back from a backup. Only if there is none, delete it: everybody is logged out, and calendars close."
