"""Fails if the site makes a statement that no test shows to PostgreSQL; a pytest plugin: pytest -p tests.statements.

PostgreSQL's run leaves most tests out (see runs_on_postgresql). One thing that makes that right is seen here, where all
tests run on SQLite: each kind of statement that the site makes in those tests, the others make, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.sql.compiler import SQLCompiler

from tests.environment import runs_on_postgresql
from tests.one_writer import asking

FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")  # of transactions
# However many values or rows there are, and whichever columns an UPDATE sets, it is the same kind of statement.
SAME = [
    (re.compile(r"\((?:%s|NULL)(?:, (?:%s|NULL))*\)(?:, \((?:%s|NULL)(?:, (?:%s|NULL))*\))*"), "(…)"),
    (re.compile(r"(?: WHEN \([^()]*\) THEN (?:%s|NULL))+"), " WHEN …"),
    (re.compile(r'(?<= SET )"\w+" = (?:%s|NULL)(?:, "\w+" = (?:%s|NULL))*(?= WHERE )'), "…"),
    (re.compile(r"\('\w+'(?:,'\w+')*\)"), "('…')"),  # of a set, in any order
    (re.compile(r"\b\d+\b"), "N"),
]


class Statements:
    """The statements of a run, as SQLite gets them."""

    def __init__(self) -> None:
        self.shown: set[str] = set()  # by tests that PostgreSQL runs
        self.left_out: dict[str, str] = {}  # by the site in other tests, and the first of them
        self.test = ""  # that runs; none while there are no tables yet
        self.is_shown = False

    def begin(self, test: pytest.Item) -> None:
        self.test, self.is_shown = test.nodeid, runs_on_postgresql(test)

    def note(self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
        """An execute wrapper of Django's; what is refused is not noted."""
        result = execute(sql, params, many, context)
        if self.test and sql not in self.shown and not sql.startswith(FRAME):
            if self.is_shown:
                self.shown.add(sql)
            elif sql not in self.left_out and not asking().startswith("tests/"):
                self.left_out[sql] = self.test
        return result

    def unseen(self) -> dict[str, str]:
        """Kinds of statements that PostgreSQL never gets, and a test that makes each."""
        shown = {kind(sql) for sql in self.shown}
        return {kind(sql): test for sql, test in self.left_out.items() if kind(sql) not in shown}


def kind(sql: str) -> str:
    """The statement without what may differ between two of a kind."""
    for pattern, instead in SAME:
        sql = pattern.sub(instead, sql)
    return sql


noted = Statements()
as_sqlite_says = SQLCompiler.as_sql


def as_sql(compiler: SQLCompiler, *args: Any, **options: Any) -> Any:
    """With a comment where PostgreSQL's statement locks rows: SQLite's says nothing of it."""
    sql, params = as_sqlite_says(compiler, *args, **options)
    query = compiler.query
    if query.select_for_update:
        how = {"of": query.select_for_update_of, "nowait": query.select_for_update_nowait}
        sql += f" /* FOR UPDATE {how | {'skip': query.select_for_update_skip_locked}} */".replace("%", "")
    return sql, params


def pytest_configure() -> None:
    def connected(connection: BaseDatabaseWrapper, **about: object) -> None:
        if noted.note not in connection.execute_wrappers:
            # Not as the last: Django takes that one off when a test's own is done.
            connection.execute_wrappers.insert(0, noted.note)

    connection_created.connect(connected, weak=False)
    SQLCompiler.as_sql = as_sql
    # With the lookup as a comment, too: SQLite has one LIKE for those with and without regard to case.
    operations = type(connection.ops)
    cast = operations.lookup_cast
    operations.lookup_cast = lambda self, lookup, *about: f"{cast(self, lookup, *about)} /* {lookup} */"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    noted.begin(item)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
    """The first test is not the one that makes the tables."""
    test = noted.test
    noted.test = "" if fixturedef.argname == "django_db_setup" else test
    try:
        return (yield)
    finally:
        noted.test = test


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker is done: its statements are added to the first process's."""
    shown, left_out = getattr(node, "workeroutput", {}).get("statements", ([], {}))  # none if it broke down
    noted.shown |= set(shown)
    noted.left_out |= left_out


@pytest.hookimpl(trylast=True)  # once all workers are done
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["statements"] = (list(noted.shown), noted.left_out)
    elif session.exitstatus == pytest.ExitCode.OK and all_ran(session.config) and noted.unseen():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def all_ran(config: pytest.Config) -> bool:
    return config.args_source is config.ArgsSource.TESTPATHS and not (config.option.keyword or config.option.markexpr)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names them, if there are any."""
    if not all_ran(config):
        return
    for sql, test in sorted(noted.unseen().items(), key=lambda each: each[1]):
        terminalreporter.write_line(f"PostgreSQL never gets what {test} makes: {sql}", red=True)
