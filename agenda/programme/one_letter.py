"""Finds texts that differ by one letter: one put in, left out, exchanged, or two that changed places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

SHORTEST = 8  # letters; among shorter texts one letter often makes another word or name
NUMBERING = re.compile(r"\w?\w?|[ivxlc]+")  # "Part I" and "Part II", "Day 1" and "Day 2", "Track A" and "B"


def one_letter_apart(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of such texts, except where the letter only numbers them. Compares all in about linear time."""
    seen: set[tuple[str, str]] = set()
    for other_halves in _sharing_a_half(sorted({text for text in texts if len(text) >= SHORTEST})):
        variants = defaultdict(list)
        for text, half in other_halves:
            for variant in {half, *(half[:at] + half[at + 1 :] for at in range(len(half)))}:
                variants[variant].append(text)
        for alike in variants.values():
            if len(alike) > 1:
                seen.update(pair for pair in pairwise(alike) if pair not in seen and _is_slip(*pair))
    yield from sorted(seen)


def _sharing_a_half(texts: list[str]) -> Iterator[list[tuple[str, str]]]:
    """Groups of texts with the same first half, each with its second one, and the other way round.

    A letter is wrong in one half alone, so that each pair is in a group.
    """
    groups = defaultdict(list)
    for text in texts:
        length = len(text)
        for cut in {length // 2, (length - 1) // 2}:
            groups[True, text[:cut]].append((text, text[cut:]))
        for cut in {length // 2, (length + 1) // 2}:
            groups[False, text[length - cut :]].append((text, text[: length - cut]))
    return (group for group in groups.values() if len(group) > 1)


def _is_slip(one: str, other: str) -> bool:
    """True if they differ by a letter that does not number them."""
    before = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[before:], other[before:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    if max(len(left), len(right)) > 1 and not (len(left) == 2 and left == right[::-1]):
        return False
    words, others = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if len(words) != len(others):
        return True  # a blank too many
    return not all(
        _numbers(word) and _numbers(another) for word, another in zip(words, others, strict=True) if word != another
    )


def _numbers(word: str) -> bool:
    return bool(NUMBERING.fullmatch(word)) or any(map(str.isdigit, word))
