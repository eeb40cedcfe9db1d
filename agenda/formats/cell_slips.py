"""Guesses what a cell should have said that cannot be read: "15:30" for "25:30"."""

from __future__ import annotations

from collections.abc import Callable, Iterator

LONGEST = 24  # characters of a cell for which a guess is made
LOOKS_LIKE = str.maketrans("OoQlI|", "000111")
DIGITS = "0123456789"


def mended(said: str, distance: Callable[[str], float | None]) -> str:
    """The nearest text that is one slip away from this one; empty if none can be read.

    `distance` says how far a text is from what one would expect there, and None of one that cannot be read.
    """
    text = said.translate(LOOKS_LIKE)
    slips = [text] if text != said and distance(text) is not None else list(_slips(text))
    read = [(far, slip) for slip in slips if (far := distance(slip)) is not None]
    return min(read)[1] if read else ""


def _slips(text: str) -> Iterator[str]:
    """The text with another digit or a digit for a letter, with two characters swapped, or without one of them."""
    for at, character in enumerate(text[:LONGEST]) if len(text) <= LONGEST else ():
        before, after = text[:at], text[at + 1 :]
        if character.isalnum():
            yield from (before + digit + after for digit in DIGITS if digit != character)
        if after[:1] not in ("", character):
            yield before + after[0] + character + after[1:]
        yield before + after
