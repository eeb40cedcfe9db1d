"""Slugs made from a title or name in any script."""

from __future__ import annotations

from collections.abc import Collection
from uuid import uuid4

from django.utils.text import slugify


def slug_for(text: str, taken: Collection[str], longest: int) -> str:
    """A slug that is not in `taken`; random characters if nothing of the text can be written in ASCII."""
    made = slugify(text[: 4 * longest])[: longest - 5].strip("-_") or uuid4().hex[:8]
    numbered = (f"{made}-{number}" for number in range(2, len(taken) + 3))
    return made if made not in taken else next(slug for slug in numbered if slug not in taken)
