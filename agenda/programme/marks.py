"""Marks the words that a search found where a page shows them. Texts are compared as the search does: folded."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from agenda.programme.prose import fold

# The parts of a row that are searched, as templates/agenda/_session.html writes them; none contains its like.
SEARCHED = re.compile(r'<(h[34]|p|div) class="(?:title|subtitle|byline|name|role|prose)"[^>]*>.*?</\1>', re.DOTALL)
TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")  # begins at a tag alone, so that no text is read twice

_fold = lru_cache(maxsize=4_000)(fold)  # of single signs


def marked(text: str, q: str) -> SafeString:
    """The text as safe HTML, with every word of the search `q` in <mark>: "lodz" marks "Łódź"."""
    return mark_safe(_marked(text, _words(q)))  # noqa: S308 (escapes)


def mark_rows(html: SafeString, q: str) -> SafeString:
    """Rendered rows, with every word of the search `q` in <mark>, in the parts of a row that are searched."""
    words = _words(q)
    if not words:
        return html

    def mark_texts(part: re.Match[str]) -> str:
        return TEXT.sub(lambda text: _marked(unescape(text[0]), words), part[0])

    return mark_safe(SEARCHED.sub(mark_texts, html))  # noqa: S308 (texts alone change, and are escaped again)


def _words(q: str) -> set[str]:
    return set(fold(q).split())


def _marked(text: str, words: set[str]) -> str:
    folded = fold(text)
    if not any(word in folded for word in words):
        return escape(text)
    found = _found(text, words)
    runs = groupby(enumerate(text), key=lambda place: found[place[0]])
    parts = ((is_found, escape("".join(sign for _, sign in run))) for is_found, run in runs)
    return "".join(f"<mark>{part}</mark>" if is_found else part for is_found, part in parts)


def _found(text: str, words: set[str]) -> list[bool]:
    """For each character of the text, True if it is part of a word that was found."""
    folded = [_fold(sign) for sign in text]
    whole = "".join(folded)
    hit = bytearray(len(whole))
    for word in words:
        start = whole.find(word)
        while start >= 0:
            hit[start : start + len(word)] = b"\1" * len(word)
            start = whole.find(word, start + len(word))
    found: list[bool] = []
    position = 0
    for part in folded:  # one that is nothing when folded, like an accent, belongs to the letter before it
        found.append(any(hit[position : position + len(part)]) if part else bool(found and found[-1]))
        position += len(part)
    return found
