"""Looking for secrets where they must not be."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

SHORTEST = 8  # in characters: anything shorter stands in any text by chance


def found(secrets: Iterable[str], text: str) -> list[str]:
    """Those that are in the text, whole or in the greater part."""
    secrets = list(secrets)
    assert all(len(secret) >= SHORTEST for secret in secrets)
    return [secret for secret in secrets if secret in text or (len(secret) > 24 and secret[8:24] in text)]


@contextmanager
def talkative_logs() -> Iterator[None]:
    """The site's loggers say meanwhile as much as LOG_LEVEL can make them."""
    loggers = [logging.getLogger(name) for name in ("", "django")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)
