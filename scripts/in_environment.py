"""Runs a command with the settings of one of these environments, and without any that the shell happens to have."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

COMPILED_EACH_TIME = {"PYTHONDONTWRITEBYTECODE"}  # hundreds of processes would compile all modules for themselves
SETTINGS = Path(__file__).resolve().parent.parent / "forum" / "settings.py"
CHECKS = {
    "DEBUG": "0",
    "DATABASE_URL": "sqlite://:memory:",
    "SECRET_KEY": "for-the-checks-only-0123456789abcdefghijklmnopqrstuvwxyz",
}
ENVIRONMENTS = {
    "checks": CHECKS,
    # What the site asks for before it serves strangers.
    "production": {
        **CHECKS,
        "SITE_URL": "https://agenda.example.org",
        "TRUSTED_PROXY_COUNT": "1",
        "EMAIL_URL": "smtp+tls://mail.example.org:587",
        "DEFAULT_FROM_EMAIL": "agenda@agenda.example.org",
        "CALENDAR_SECRETS": "for-the-checks-alone-0123456789abcdefghijklmnopqrstuvwxyz",
    },
    "bench": {"DEBUG": "0", "SECRET_KEY": "for-the-bench-only-0123456789abcdefghijklmnopqrstuvwxyz"},
}


def variables() -> set[str]:
    """The environment variables that settings.py reads."""
    return set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS.read_text()))


def main(name: str, command: list[str]) -> None:
    left_out = variables() | COMPILED_EACH_TIME
    others = {variable: value for variable, value in os.environ.items() if variable not in left_out}
    os.execvpe(command[0], command, others | ENVIRONMENTS[name])  # noqa: S606 (the Makefile's own command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
