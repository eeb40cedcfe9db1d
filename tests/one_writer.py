"""Refuses SQL that saves a session from anywhere but agenda/editing/, whatever way the code took to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agenda", "accounts", "forum", "scripts", "tests")  # database/ only passes queries on
SAVES = re.compile(r'(INSERT INTO|UPDATE) "agenda_session" ')
WATCH = ("tests/one_writer.py", "tests/statements.py")  # they stand between each query and the database
MAY_SAVE = (
    "agenda/editing/",
    "agenda/management/commands/first_run.py",  # loads the fixture where no event is yet: no page, no feed of it
    "agenda/migrations/",  # before the site starts
    "tests/",  # rows as a test needs them
)


class SavedElsewhere(AssertionError):
    """Code outside agenda/editing/ saved a session: pages and feeds, kept by its version, would stay as they were."""


def guard(execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper of Django's; a deletion passes, as pages and feeds count the sessions that they show."""
    if SAVES.match(sql) and not (place := asking()).startswith(MAY_SAVE):
        raise SavedElsewhere(f"{place} saves a session. Only agenda/editing/changes.py may: see recording() there.")
    return execute(sql, params, many, context)


def asking() -> str:
    """The innermost file of ours that led to the query, relative to the root."""
    frame = sys._getframe(2)
    while frame:
        if place := _place(frame.f_code.co_filename):
            return place
        frame = frame.f_back
    return ""


@cache
def _place(file: str) -> str:
    """The file relative to the root; empty if it is not ours. Each saved session asks for some forty."""
    path = Path(file)
    if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS:
        place = path.relative_to(ROOT).as_posix()
        return "" if place in WATCH else place
    return ""
