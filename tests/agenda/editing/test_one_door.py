"""Pages and feeds are kept by a session's version, so whatever changes a session must go through agenda/editing/."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WRITES = {"save", "update", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
# Calls of these names on what is no session: dictionaries, forms, other rows.
OTHERS = {
    *(
        "User.objects",
        "CalendarKey.objects",
        "Star.objects",
        "StarLog.objects",
        "Notice.objects",
        "UserSession.objects",
    ),
    *("EmailAddress.objects", "SessionRevision.objects", "FormerSlug.objects", "Group.objects", "Event.objects"),
    *("user", "self", "form", "self.key", "key", "unsent", "super()", "vars()", "edit", "hashlib"),
}


def writes(source: str) -> Iterator[str]:
    """The calls in this source that may write a session: `session.save`, `Session.objects.filter(…).update`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            target = ast.unparse(node.func.value)
            if not any(target == other or target.startswith(f"{other}.") for other in OTHERS):
                yield f"{target}.{node.func.attr}"


def test_nothing_outside_editing_writes_a_session():
    sources = [path for app in ("accounts", "agenda", "forum") for path in (ROOT / app).rglob("*.py")]
    free = [path for path in sources if not {"editing", "migrations"} & set(path.relative_to(ROOT).parts)]

    found = {str(path.relative_to(ROOT)): list(writes(path.read_text())) for path in free}

    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "session.save()",
        "found.update(title='x')",
        "Session.objects.filter(pk=1).update(title='x')",
        "Session.objects.create(title='x')",
        "event.sessions.update(room=None)",
        "room.sessions.all().bulk_update([], ['room'])",
    ],
)
def test_a_write_of_a_session_is_found(source):
    assert len(list(writes(source))) == 1


def test_the_search_finds_the_one_module_that_saves_sessions():
    assert set(writes((ROOT / "agenda" / "editing" / "changes.py").read_text())) == {
        "session.save",
        "Session.objects.filter(pk__in=self.pks).update",
        "Session.objects.filter(pk__in=sessions.values('pk')).update",
    }
