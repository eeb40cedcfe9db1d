"""New migrations leave the tables so that the release before can go on."""

from __future__ import annotations

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState

from scripts import lint_migrations

HALL = migrations.CreateModel("Hall", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        (migrations.AddField("Hall", "seats", models.IntegerField(default=0)), {"NOT_NULL"}),
        (migrations.AddField("Hall", "seats", models.IntegerField(default=0, db_default=0)), set()),
        (migrations.AddField("Hall", "seats", models.IntegerField(null=True)), set()),
        (migrations.RemoveField("Hall", "name"), {"DROP_COLUMN"}),
        (migrations.RenameField("Hall", "name", "title"), {"RENAME_COLUMN"}),
        (migrations.RenameModel("Hall", "Room"), {"RENAME_TABLE"}),
        (migrations.DeleteModel("Hall"), {"DROP_TABLE"}),
    ],
)
def test_what_the_release_before_cannot_live_with_is_found(operation, codes):
    before = ProjectState()
    HALL.state_forwards("agenda", before)
    migration = migrations.Migration("made_up", "agenda")
    migration.operations = [operation]

    assert set(lint_migrations.findings(migration, before)) == codes


def test_a_finding_is_said_once_and_what_allows_nothing_too(monkeypatch):
    assert list(lint_migrations.complaints()) == []

    name = "agenda.0016_acronyms_and_guids_of_rooms"
    monkeypatch.setattr(lint_migrations, "HARMLESS", {name: {"ADD_UNIQUE": "", "DROP_TABLE": ""}})

    assert list(lint_migrations.complaints()) == [
        f"{name}: ALTERING columns (Could be backward compatible. You may ignore this migration.) (ALTER_COLUMN)",
        f"{name}: nothing is found that DROP_TABLE would allow",
    ]
