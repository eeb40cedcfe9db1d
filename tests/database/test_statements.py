"""tests.statements, which holds what the marker any_database promises."""

from __future__ import annotations

import re

import pytest

from tests.environment import LEFT_OUT
from tests.one_writer import ROOT
from tests.statements import Statements, kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('SELECT 1 FROM "t" WHERE "id" IN (%s)', 'SELECT 1 FROM "t" WHERE "id" IN (%s, %s, %s)'),
        ('INSERT INTO "t" ("a", "b") VALUES (%s, NULL)', 'INSERT INTO "t" ("a", "b") VALUES (%s, %s), (NULL, %s)'),
        ('UPDATE "t" SET "a" = %s WHERE "id" = %s', 'UPDATE "t" SET "a" = NULL, "b" = %s WHERE "id" = %s'),
        (
            '"a" = CASE WHEN ("id" = %s) THEN %s END',
            '"a" = CASE WHEN ("id" = %s) THEN NULL WHEN ("id" = %s) THEN %s END',
        ),
        ("SELECT 1 FROM \"t\" WHERE \"a\" IN ('true','null')", "SELECT 1 FROM \"t\" WHERE \"a\" IN ('null','true')"),
        ('SELECT "a" FROM "t" LIMIT 1', 'SELECT "a" FROM "t" LIMIT 21'),
    ],
)
def test_statements_of_one_kind(one, other):
    assert kind(one) == kind(other)


@pytest.mark.parametrize(
    "other",
    [
        'SELECT "a" FROM "t" WHERE "b" = %s ORDER BY "a"',
        'SELECT "a" FROM "t" WHERE "a" = %s',
        'SELECT "a" FROM "t" WHERE "b" IN (%s)',
        'SELECT "a" FROM "t" WHERE "b" = %s /* FOR UPDATE */',
    ],
)
def test_statements_of_different_kinds(other):
    assert kind('SELECT "a" FROM "t" WHERE "b" = %s') != kind(other)


def test_statement_that_postgresql_never_gets_is_named_with_a_test():
    noted = Statements()
    noted.shown |= {'SELECT "a" FROM "t" LIMIT 1'}
    noted.left_out |= {'SELECT "a" FROM "t" LIMIT 5': "test_one", 'SELECT "b" FROM "t" LIMIT 5': "test_other"}

    assert noted.unseen() == {'SELECT "b" FROM "t" LIMIT N': "test_other"}


def test_makefile_leaves_out_what_is_not_counted_as_shown():
    assert set(re.findall(r"--ignore=(\S+)", (ROOT / "Makefile").read_text())) == {
        each.rstrip("/") for each in LEFT_OUT
    }
