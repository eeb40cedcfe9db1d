"""Nothing but agenda/editing/ saves a Session: pages and feeds are kept by its version and would go stale for good.

The source is read here; tests/one_writer.py watches the queries of every test, whatever way the code took to them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from agenda.models import Session
from tests.one_writer import ROOT, SavedElsewhere

WRITES = {
    *("save", "create", "get_or_create", "update_or_create", "bulk_create", "update", "bulk_update", "delete"),
    *("save_base", "asave", "acreate", "aupdate", "abulk_create", "abulk_update", "adelete", "_raw_delete"),
}
SESSIONS = {"Session", "session", "sessions"}


def source_files() -> list[Path]:
    found = [path for folder in ("agenda", "accounts", "forum", "database") for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts and path.parent != ROOT / "agenda" / "editing"]


def names(node: ast.expr) -> list[str]:
    """The names that a call's object is reached by: `event.sessions.filter(pk=1)` is event, sessions, filter."""
    if isinstance(node, ast.Call | ast.Subscript):
        return names(node.func if isinstance(node, ast.Call) else node.value)
    if isinstance(node, ast.Attribute):
        return [*names(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def writes(source: str) -> Iterator[str]:
    """The calls in this source that save, update, make or delete sessions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            path = names(node.func.value)
            if SESSIONS.intersection(path) and path[:2] != ["request", "session"]:  # the cookie's, that one
                yield ".".join([*path, node.func.attr])


def test_no_source_outside_editing_writes_a_session():
    found = {str(path.relative_to(ROOT)): list(writes(path.read_text())) for path in source_files()}

    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line",
    [
        "session.save(update_fields=['title'])",
        "Session(title='A').save()",
        "Session.objects.filter(pk__in=pks).exclude(pk=1).update(title='A')",
        "Session.objects.bulk_update(changed, ['title'])",
        "models.Session.objects.bulk_create(rows)",
        "event.sessions.update(room=None)",
        "star.session.save()",
        "self.sessions[0].delete()",
        "Session._default_manager.create()",
    ],
)
def test_writing_is_found(line):
    assert len(list(writes(line))) == 1


@pytest.mark.parametrize(
    "line", ["request.session.save()", "Star.objects.filter(session=session).delete()", "found.update(session=1)"]
)
def test_writing_something_else_is_none(line):
    assert list(writes(line)) == []


# As if they stood in a view: the guard goes by the name of the file.
WAYS = {
    "save": "session.title = 'A'; session.save()",
    "update": "rows = type(session)._base_manager.all(); rows.update(title='A')",
    "bulk_update": "session.title = 'A'; type(session).objects.bulk_update([session], ['title'])",
    "create": "type(session).objects.create(event=session.event, start=session.start, end=session.end, slug='a')",
}


@pytest.mark.parametrize("way", WAYS)
def test_query_that_writes_a_session_is_refused(opening, way):
    code = compile(WAYS[way], ROOT / "agenda" / "views" / "made_up.py", "exec")

    with pytest.raises(SavedElsewhere, match=r"agenda/views/made_up\.py saves a session"), transaction.atomic():
        exec(code, {"session": opening})  # noqa: S102 (written above)

    assert Session.objects.filter(title="A").count() == 0
