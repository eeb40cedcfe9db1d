"""Looks in new migrations for what the release before could not live with, in the SQL that PostgreSQL would get.

While servers are upgraded one after the other, the old release runs on the new tables. SQLite makes an altered table
again, which the linter takes for renaming, so its SQL is not asked; tests/deploy/test_upgrade.py is for both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import django
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

# The newest migrations of version 0.1.0: they and older ones have run everywhere.
RAN_EVERYWHERE = {"accounts": "0007_changes_seen", "agenda": "0014_replaced_by"}
# Findings that the release before can live with, and why.
HARMLESS = {
    "agenda.0016_acronyms_and_guids_of_rooms": {
        "ALTER_COLUMN": "An address may be longer; what was written before fits.",
        "ADD_UNIQUE": "The release before gives no room a guid.",
    },
}


class Editor(DatabaseSchemaEditor):
    """Collects SQL with its values in place; PostgreSQL's own way needs a connection for that."""

    def execute(self, sql: Any, params: Any = ()) -> None:
        BaseDatabaseSchemaEditor.execute(self, sql, params)


def statements(migration: Migration, before: ProjectState) -> list[str]:
    """What PostgreSQL would be sent. It is not connected to."""
    nowhere = DatabaseWrapper(connections["default"].settings_dict | {"NAME": "nowhere"})
    with Editor(nowhere, collect_sql=True, atomic=False) as editor:
        migration.apply(before, editor, collect_sql=True)
    written: list[str] = editor.collected_sql
    return written


def findings(migration: Migration, before: ProjectState) -> dict[str, str]:
    """What is wrong with the migration, as the linter's code → its words."""
    errors, _, _ = analyse_sql_statements(PostgresqlAnalyser, statements(migration, before), [])
    return {error.code: error.message for error in errors}


def complaints() -> Iterator[str]:
    """A line for each finding in a new migration, and for each harmless one that is not found any more."""
    loader = MigrationLoader(None)
    for app, name in sorted(loader.disk_migrations):
        if app not in RAN_EVERYWHERE or name <= RAN_EVERYWHERE[app]:
            continue
        found = findings(loader.disk_migrations[app, name], loader.project_state((app, name), at_end=False))
        allowed = HARMLESS.get(f"{app}.{name}", {})
        yield from (f"{app}.{name}: {found[code]} ({code})" for code in sorted(found.keys() - allowed))
        yield from (
            f"{app}.{name}: nothing is found that {code} would allow" for code in sorted(allowed.keys() - found)
        )


def main() -> int:
    """1 if there is anything to mend, which is printed."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "forum.settings"
    django.setup()
    found = list(complaints())
    print("\n".join(found) or "The release before can live with the new tables.")
    return bool(found)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    sys.exit(main())
