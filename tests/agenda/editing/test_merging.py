"""The three-way merge of two edits."""

from __future__ import annotations

import pytest

from agenda.editing.merging import MyRow, merge, merge_rows

A, B, C = ("a",), ("b",), ("c",)


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "merged", "asked"),
    [
        (A, A, A, A, []),
        (A, B, A, B, []),  # only theirs
        (A, A, B, B, []),  # only mine
        (A, B, B, B, []),  # both the same
        (A, B, C, C, ["title"]),  # both different
        (None, B, B, B, []),
        (None, B, C, C, ["title"]),  # a form without a base
        (A, B, ("",), ("",), ["title"]),
    ],
)
def test_field_is_merged_or_asked(base, theirs, mine, merged, asked):
    got = merge({"title": base} if base else {}, {"title": theirs}, {"title": mine})

    assert (got.values, got.asked) == ({"title": merged}, asked)


def row(name, number="0"):
    return {"speaker": (name,), "position": (number,)}


def rows_of(base, theirs, mine, added=()):
    merged = merge_rows(base, theirs, mine, added, ("speaker",))
    return [
        (each.key, each.merged.values["speaker"][0], each.merged.values["position"][0], each.is_removed)
        for each in merged
    ], [each.removal_is_asked or bool(each.merged.asked) for each in merged]


ANN, BEA = row("Ann"), row("Bea")


@pytest.mark.parametrize(
    ("theirs", "mine", "added", "rows", "asked"),
    [
        ({}, {"1": MyRow("0", ANN)}, [], [], []),  # theirs removed it
        ({}, {"1": MyRow("0", ANN, is_removed=True)}, [], [], []),
        ({}, {"1": MyRow("0", row("Ann", "3"))}, [], [("", "Ann", "3", False)], [True]),
        ({"1": ANN}, {"1": MyRow("0", ANN, is_removed=True)}, [], [("1", "Ann", "0", True)], [False]),
        ({"1": row("Ann", "2")}, {"1": MyRow("0", ANN, is_removed=True)}, [], [("1", "Ann", "2", True)], [True]),
        ({"1": row("Ann", "2")}, {"1": MyRow("0", ANN)}, [], [("1", "Ann", "2", False)], [False]),
        ({"1": row("Ann", "2")}, {"1": MyRow("0", row("Ann", "3"))}, [], [("1", "Ann", "3", False)], [True]),
        ({"1": row("Ann", "2")}, {"1": MyRow("0", BEA)}, [], [("1", "Bea", "2", False)], [False]),
        (
            {"1": ANN, "2": BEA},
            {"1": MyRow("0", ANN)},
            [MyRow("1", row("Bea", ""))],
            [("1", "Ann", "0", False), ("2", "Bea", "0", False)],
            [False, False],
        ),
        (
            {"1": ANN, "2": BEA},
            {"1": MyRow("0", ANN)},
            [MyRow("1", row("Cy", ""))],
            [("1", "Ann", "0", False), ("2", "Bea", "0", False), ("", "Cy", "", False)],
            [False, False, False],
        ),
    ],
)
def test_rows_are_merged_or_asked(theirs, mine, added, rows, asked):
    assert rows_of({"1": ANN}, theirs, mine, added) == (rows, asked)
