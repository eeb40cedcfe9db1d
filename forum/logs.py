"""The log formatter that keeps secrets out of the logs. Imported before any app is ready, so it uses none."""

from __future__ import annotations

import logging
import re

from accounts.keys import LOOKUP_LENGTH

# Up to .ics where there is one: a mistyped key may hold anything.
CALENDAR_KEY = re.compile(rf"(/calendar/[^/\s?\"']{{{LOOKUP_LENGTH}}})(?:[^\n?\"']*?\.ics|[^/\s?\"']*)", re.IGNORECASE)


def without_keys(text: str) -> str:
    """The text with every calendar address cut after the part of the key that opens nothing."""
    return CALENDAR_KEY.sub(r"\1…", text)


class DiscreetFormatter(logging.Formatter):
    """Formats every log line and traceback, from us or a library, without whole calendar addresses."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))
