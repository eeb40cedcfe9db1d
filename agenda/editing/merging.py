"""Merges what two editors did to one row: three ways, from the values that both began with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Value = tuple[str, ...]  # a field's text; a day and its time are two
Values = Mapping[str, Value]
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged values. For a field in `asked`, which both changed differently, the value is mine."""

    values: dict[str, Value]
    asked: list[str] = field(default_factory=list)


def merge(base: Values, theirs: Values, mine: Values) -> Merged:
    """My values, but theirs for each field that I left as it was. Without a base, all that differs is in `asked`."""
    merged = Merged(dict(mine))
    for name, my in mine.items():
        was, their = base.get(name), theirs.get(name, my)
        if my == was:
            merged.values[name] = their
        elif their not in (was, my):
            merged.asked.append(name)
    return merged


@dataclass(frozen=True, slots=True)
class Row:
    """A merged row of a list. `key` is empty for a row that is not saved; `source` is its number in my list."""

    key: str
    merged: Merged
    source: str = ""
    is_removed: bool = False
    removal_is_asked: bool = False  # one removed it, the other changed it


@dataclass(frozen=True, slots=True)
class MyRow:
    source: str
    values: Values
    is_removed: bool = False


def merge_rows(
    base: Mapping[str, Values],
    theirs: Mapping[str, Values],
    mine: Mapping[str, MyRow],
    added: Iterable[MyRow],
    identity: tuple[str, ...],
) -> list[Row]:
    """The rows that are saved now, in their order, then those that I add.

    `base`, `theirs` and `mine` are keyed by primary key. If both added a row with the same `identity`, it is one row.
    """
    additions = {row.source: row for row in added}
    rows = []
    for key, their in theirs.items():
        if key in mine:
            rows.append(_kept(key, base.get(key, NOTHING), their, mine[key]))
        elif twin := next((row for row in additions.values() if _same(their, row.values, identity)), None):
            del additions[twin.source]
            blank = {name: ("",) * len(value) for name, value in twin.values.items()}
            rows.append(Row(key, merge(blank, their, twin.values), twin.source))
        else:
            rows.append(Row(key, Merged(dict(their))))
    for key, my in mine.items():
        if key not in theirs and not my.is_removed and my.values != base.get(key):
            rows.append(Row("", Merged(dict(my.values)), my.source, removal_is_asked=True))
    return rows + [Row("", Merged(dict(row.values)), row.source, row.is_removed) for row in additions.values()]


def _kept(key: str, base: Values, theirs: Values, mine: MyRow) -> Row:
    if mine.is_removed:
        return Row(key, Merged(dict(theirs)), mine.source, is_removed=True, removal_is_asked=base != theirs)
    return Row(key, merge(base, theirs, mine.values), mine.source)


def _same(one: Values, other: Values, identity: tuple[str, ...]) -> bool:
    values = [one.get(name) for name in identity]
    return bool(values) and all(value and any(value) for value in values) and values == [other.get(n) for n in identity]
