"""Several people in one cell of a spreadsheet, in the ways that people list them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agenda.formats.plain_text import one_line

_SURE = re.compile(r"[;|\n\r]+")
_AND = re.compile(r" (?:&|and|und|et|y) ")
_COMMA = re.compile(r",")


class People:
    """Parts the names in a column of speakers. The whole column decides whether commas part names.

    A semicolon, a bar or a new line parts names always, "&" and "and" where none of those is in the column. A comma
    parts names only where each part has a first and a last name: "Lee, Ann" is one person, "Ann Lee, Bo Ray" are two.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        self._has_sure_signs = any(_SURE.search(cell.strip()) for cell in cells)

    def names(self, cell: str) -> tuple[str, ...]:
        """The people in a cell, each once."""
        parts = _SURE.split(cell)
        if not self._has_sure_signs:
            parts = [name for part in parts for half in _AND.split(part) for name in self._at_commas(half)]
        return tuple(dict.fromkeys(name for part in parts if (name := one_line(part).strip(" ,"))))

    def _at_commas(self, text: str) -> list[str]:
        parts = _COMMA.split(text)
        return parts if all(len(part.split()) > 1 for part in parts if part.strip()) else [text]

    def is_unsure(self, name: str) -> bool:
        """True for a name that may be of two people, or of a person and their organisation."""
        return "," in name and not self._has_sure_signs
